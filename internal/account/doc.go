// Package account holds what signing in needs: password hashes, the rules for handles and passwords, a throttle for
// guessers, and the built-in issuer of tokens.
//
// It promises:
//
//  1. Passwords are hashed with argon2id (RFC 9106), by default 19 MiB, two passes and one lane, and written as PHC strings
//     that carry their parameters, so that old hashes stay good when the parameters change.
//  2. Hashing takes a bounded share of the machine: one at a time per core and a short queue; beyond it [ErrBusy], at once.
//  3. Whether a handle exists cannot be told from the time of a log-in: [Passwords.VerifyUnknown] costs what
//     [Passwords.Verify] does.
//  4. The issuer's key is made once, even when two processes start together, and is written with mode 0600 or not at all.
//  5. A throttle remembers a bounded number of addresses.
//
// The users subgraph calls it; viewer verifies what [Issuer] signs. It calls nobody and stores nothing but the key file.
//
// Tests use cheap parameters ([Cheap]); one verifies a hash of the reference implementation.
//
// It does not know where accounts are kept, does not claim handles, and does not revoke tokens: they end by themselves.
package account
