// Package viewer answers who is asking: it verifies bearer tokens and carries the viewer in a context.
//
// It promises:
//
//  1. A [Viewer] comes only out of a token whose signature, issuer, audience, expiry and not-before were checked.
//  2. The key decides the algorithm: Ed25519 means EdDSA, RSA RS256, P-256 ES256, and nothing else is accepted, whatever the
//     token's header says. Symmetric keys, encryption keys and RSA keys under 2048 bits in a key set are passed over.
//  3. An issuer's tokens are verified with that issuer's keys only.
//  4. A token is verified once and remembered by its SHA-256, in bounded room, never past its expiry and never longer than
//     [Config.Remember], so that a withdrawn key ends what it signed.
//  5. [Verifier.Verify] does no I/O and never waits: keys at a URL are fetched by [Verifier.Run].
//
// The router verifies what clients send and forwards the token; each subgraph verifies it again, so nobody inside the
// network can pretend. Errors are [ErrExpired], [ErrInvalid] and [ErrUnavailable]; [Reason] is what may be told to a client.
//
// Tests sign real tokens with right and wrong keys, algorithms, times and names; garbage is fuzzed.
//
// It knows nothing about accounts and what a viewer may do, makes no tokens, and does not discover key sets (OpenID
// configuration documents): the URL of the key set is configuration.
package viewer
