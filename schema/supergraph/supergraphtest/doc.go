// Package supergraphtest says whether two supergraph SDLs state the same facts, for tests that compare composers.
//
// It promises:
//
//  1. Read turns a document into two multisets of lines: All, everything that the document states, and Planning, what a query
//     planner needs. Two documents are equal if the multisets are.
//  2. Ignored is only this: the order of definitions, fields, members, directives and arguments; the layout of field sets; block or
//     plain strings; key order in object values; list order in imports, scopes and policies.
//  3. Arguments that are left out count with the default that the document's own directive definition gives them.
//  4. A field without @join__field counts as one in each graph of its type; a bare @join__field stays.
//
// It reads the syntax tree and not the supergraph model, so that it can also judge the model. Only tests import it. Its own test
// mutates supergraphs in every place that may carry a fact, and fails on a mutant that is not reported.
package supergraphtest
