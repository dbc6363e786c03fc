// Package difftest compares the router with an oracle: whole supergraphs, made
// up data, simulated subgraphs, random operations.
//
// A world is data for a supergraph: some instances of each object type, whose
// field values are hashes of type, instance, field and arguments. Simulated
// subgraphs answer from it what they own; a @requires field is a hash of what
// the representation holds. The oracle executes the client's operation over the
// whole world. Answers must be equal byte for byte, with no errors.
//
// Oracle and subgraphs have an executor each, that share nothing but the data:
// executor, which ops/oracle compares with graphql-js, and answering, which
// coerces and checks arguments and variables by the subgraph's own SDL.
//
// What the run promises:
//
//  1. Graphs are those of the composition corpus where it is there, motifs (one
//     for each feature of federation), mixtures of motifs, and random ones.
//  2. A subgraph validates each request against its own SDL, and fails the run
//     when it is asked for a field it does not own outside a @provides path, for
//     the side of an override that a label switches off, for a representation
//     without one complete resolvable key, or without a required field. Answers
//     come in random order; mutations must run in order, once.
//  3. Each operation counts in the rows of a coverage table that it belongs to, by
//     what was executed and asked. A row with too few fails the run.
//  4. One operation in 20 is planned by 15 routers that know the subgraphs in
//     other orders: plans may differ, answers may not.
//  5. Nothing is refused.
//  6. Half of the operations are asked again with a subgraph that fails, or with
//     fields that do: what is null has an error, and nothing else is.
//  7. Controls, routers made faulty on purpose, are each found within 5,000
//     operations. "the answer of another query" and "fetches run before what they
//     need" stand for Request.ID 0 and EnableScheduleFetches of graphql-go-tools:
//     our own executor replaced its resolver, so they edit answers instead.
//  8. A failure shrinks over schema, data and operation to a case, as text;
//     testdata/cases has one for each control and for each fault that was repaired.
//
// TestDifferential says how to size a run; docs/differential.md has the record.
// The package has test code only.
package difftest
