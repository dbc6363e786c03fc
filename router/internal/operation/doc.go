// Package operation is what a client asks: it reads a document, bounds it,
// validates it, and prepares one operation of it for planning and rendering.
//
// The order is that of cost: size, tokens, then limits on the raw document,
// which never expand a fragment, then validation, and only then anything that
// does. What comes out, a [Prepared], is independent of the values of the
// variables (those of @skip and @include excepted) and is what callers cache.
//
// Promises:
//
//  1. Limits are checked in time proportional to the document, whatever its
//     fragments do, and so are overlapping fields and costs; what is made to
//     defeat that is refused.
//  2. A document that passes is valid by the rules of the GraphQL
//     specification against the client's schema.
//  3. The canonical text of two operations is equal only if they ask for the
//     same; literals are in it as variables, so their values are not.
//  4. Variables are coerced as the specification says; the error names the
//     variable and the path inside of it.
//  5. Introspection is answered here, from the client's schema, wherever in an
//     operation it stands, and the answers together are bounded.
//
// The router package calls it; it calls nothing but execute, whose shapes it
// makes. Tests run the validation cases of gqlparser and graphql-go, golden
// files of canonical texts, and a fuzzer over documents.
//
// It does not know subgraphs: where a field comes from is the engine's.
package operation
