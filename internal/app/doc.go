// Package app puts the parts together: it reads the configuration, opens the
// engines, builds the roles and runs them. It is the only importer of adapters,
// so everything that knows Pebble or Redis by name is chosen here.
//
// Promises:
//
//  1. Parts start in the order of their needs and stop in the reverse, each
//     with a deadline; what was accepted before the stop is finished.
//  2. What is wrong with the configuration or the machine is one error with
//     one line that says what to do.
//  3. /ready says who is not ready yet; it is ready only when everything that
//     was queued at the start has been applied.
//
// Called by internal/cli; tested over HTTP by loop_test.go and what lies beside
// it, on real parts.
package app
