// Command oracle compares our composer with the one that decides what is right, over random graphs and over the recorded corpus.
//
//	oracle random    random graphs of every recipe: verdicts, codes, coordinates, facts, hints and API schemas against the judge
//	oracle mutants   the same for the inputs of the recorded corpus, changed at random
//	oracle verdict   verdicts on inputs from stdin, ours and the judge's, with the differences
//	oracle planners  our supergraphs and the judge's in two foreign query planners
//	oracle execute   what the oracle of the router's differential run executes, against graphql-js
//	oracle bench     time and memory on one big graph, ours against the judge
//	oracle all       random, mutants, planners, execute and bench, as make oracle runs them
//
// It needs Node 20 and, once, the npm registry: npm/package.json pins the judge and the planners, which are run and never read. It is run
// by make oracle. It exits with 1 if there is a difference that exceptions.go does not list, or if the run did not cover what it must:
// every code and every hint a number of times, every federation version, and between 35 and 65 % of graphs that compose.
//
// A difference is shrunk to a small graph of the same difference before it is shown, ready to become a case of schema/compose.
package main
