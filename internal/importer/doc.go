// Package importer loads a social history into a running Starling through its
// public GraphQL endpoint, and proves from outside that the system holds
// exactly that history and serves it to everybody as it must.
//
// The history is a [Plan]: accounts, follows, tweets and replies, likes and
// comments. It is read from a graph file and a text file ([ReadPlan]) or made
// by a seeded generator ([GeneratePlan]), and is the same forever for the same
// input. [Load] sends it, [Verify] compares it.
//
// Promises:
//
//  1. Load may be run again at any time, after any crash of either side: it
//     sends the same keys again, needs no state file, and a second run changes
//     nothing.
//  2. The tweets of one author are posted in the order of their lines, and a
//     reply after its parent; everything else goes in parallel.
//  3. OVERLOADED and RATE_LIMITED are waited out without limit; a server that
//     is away, answers TIMEOUT or cannot reach a service of its own is waited
//     for up to Options.Patience. Any other error ends the import and names
//     the line and the code.
//  4. Verify computes what must be seen by a pull model of its own, which
//     shares no code with the feed of the server, and reads every feed and
//     every list to its end. It is exact: one missing, doubled, foreign or
//     misplaced entry or one wrong count is a difference.
//  5. The system is asynchronous, so a check that differs is repeated until
//     no difference has gone away for Options.Settle; only then is it reported.
//
// Called by internal/cli (`starling import`). It calls nothing of Starling: it
// imports the standard library only and speaks the wire, so what it proves does
// not rest on what it tests.
//
// Tested against a stand-in server in memory that can be told to refuse, to
// lose answers, to die and to lie: each lie must be found. The plan over the
// real data is checked where ../shared is present.
//
// It deliberately keeps nothing on disk, knows no store and no queue, deletes
// nothing, and does not judge a server that holds more than the plan as long
// as no account of the plan can see the difference.
package importer
