// Package supergraph is the model of a supergraph: what a composer writes and a router reads, in the terms of the join
// specification (v0.3 to v0.5).
//
// It promises:
//
//  1. Parse accepts every standard supergraph SDL and refuses anything else with a position and a sentence that says what is
//     wrong: an unknown graph, no join__Graph, a version of the join specification it does not know (named), a broken field set.
//  2. Nothing is lost: descriptions, deprecations, default values, applied and defined directives, links. Parse(s.SDL()) is s.
//  3. SDL is deterministic and complete: every definition that the document uses is in it, so that other routers accept it.
//  4. Every value is parsed: types and values are gqlparser nodes, field sets are selections. No caller parses a string again.
//  5. A Schema is immutable once New or Parse has returned, and safe for concurrent use. Callers must not write to what it hands out.
//
// The composer builds a Document and calls New; the router and the registry call Parse. Field.Joins is the *effective* list: a field
// without @join__field in the document has one Join per graph of its type, because that is what the specification means by it.
// SDL leaves such lists out again.
//
// The package knows nothing of subgraph SDL, of federation's own directives or of validation beyond what makes the model
// consistent. It is tested by round trips over own cases and over the recorded supergraphs of the composition corpus.
package supergraph
