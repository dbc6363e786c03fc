// Package access says who may see which field: it reads @authenticated,
// @requiresScopes and @policy from a supergraph and decides them for a viewer.
//
// Promises:
//
//  1. A field is allowed only if the rules of its parent type, of itself and of
//     its returned type all are.
//  2. A field of an interface is allowed only if it is on every possible type
//     too; a fragment on a type asks that type alone.
//  3. A decision depends on the viewer and the coordinate only, so that the
//     decisions on an operation's coordinates identify what may be planned and
//     shared for it.
//
// The router package calls it. It knows nothing of operations and answers.
package access
