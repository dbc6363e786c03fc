// Package graphs makes random federated graphs: mostly sound ones, and ones with a deliberate oddity or fault.
//
// A graph is made from a seed alone: New(seed, recipe) gives the same graph on every machine. It starts as a random sound graph (base.go) of
// two to four subgraphs over federation 1 and 2.0 to 2.14, with entities, value types, interfaces, interface objects, unions, enums, inputs,
// overrides, requirements, and directives. A recipe then adds something that brings a certain code, hint or directive about (recipes.txt),
// or changes lines at random (chaos.go). Which code arises is for the judge to say; the oracle counts.
//
// Mutant makes a graph of recorded ones instead: Read takes an SDL apart, and mutate.go changes it, splits types over subgraphs and puts pieces of
// other inputs in. That reaches what no recipe thinks of.
//
// Graphs are blocks of lines rather than syntax trees, so that they can be broken in any way, and shrunk line by line.
package graphs
