// Package satisfy says whether every field of a supergraph can be reached: whether each query that the API schema allows can be
// answered by the subgraphs, over keys, requirements and provided fields.
//
// It promises:
//
//  1. Check needs the supergraph alone. It changes nothing, keeps nothing and starts no goroutine.
//  2. What it accepts can be planned, what it refuses comes with a small query that cannot be answered and the reason per subgraph.
//  3. Both states of every override label are checked. What is @inaccessible and what no query can reach is not.
//  4. It ends: with the context, or when its budget of steps is used up.
//  5. The same supergraph gives the same problems in the same order.
//
// How it works. A query's path leads to a *state*: a type, and the set of places (type, subgraph, fields provided there) where a
// router may hold its value. From a place one moves to others of the same value over keys; which ones depends on the place alone, so
// that closure is computed once for each place, as a least fixpoint, because keys and requirements are themselves selections that
// must be answered from the place. A state is skipped if one with fewer places has been checked: more places can only answer more.
//
// Only the composer calls it. It knows the supergraph model and nothing else. Its tests are hand-written supergraphs with the problems
// expected of them, and every accepted supergraph of the composition corpus; the oracle compares it with the judge on random graphs.
package satisfy
