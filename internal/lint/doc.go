// Package lint holds the rules of the house as a test: who may import whom,
// where drivers and process-wide calls may stand, how long a file may be, that
// every package says what it is for, and that every path in a document exists.
//
// It has no code of its own to import; run `go test ./internal/lint`.
package lint
