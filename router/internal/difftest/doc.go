// Package difftest compares the router with an oracle: whole supergraphs, made
// up data, simulated subgraphs, random operations.
//
// A world is data for a supergraph: some instances of each object type, whose
// field values are hashes of type, instance, field and arguments. Simulated
// subgraphs answer from it what they own, and nothing else: an external or
// overridden field gives poison, a @requires field a hash of what the
// representation holds, and asking for what is not there fails the run. The
// oracle executes the client's operation over the whole world. Answers must be
// equal byte for byte, with no errors.
//
// All of it is test code; the package has no other.
package difftest
