// Package cli is the command line of Starling, but for `starling schema`: it
// parses arguments, prints for people, and leaves the work to the packages
// behind it.
//
// Exit codes: 0 done, 1 refused or failed (one line on standard error says
// why), 2 the command line is wrong.
//
// Called by cmd/starling; tested by running the commands.
package cli
