// Package testenv tells tests what there is around them: the folder of shared
// corpora, and real servers. What is missing is said loudly; what is required
// and missing fails.
//
// Servers are those of make stack, or those that STARLING_TEST_CASSANDRA,
// STARLING_TEST_RABBITMQ and STARLING_TEST_REDIS name.
//
// STARLING_REQUIRE names what must be there, separated by commas: shared,
// cassandra, rabbitmq, redis, and private for servers that a test starts and
// kills. make test sets it. The package also has the one way for a test to wait
// for something: Eventually.
//
// Imported by tests of every layer; imports none.
package testenv
