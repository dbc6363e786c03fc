// Package queuetest is the conformance suite of the queue seam. Every adapter
// and every decorator of one passes it: in its own test it calls [Run], or
// [RunInBubble] where all of it lives in one process, with a function that
// opens it with empty queues.
//
// Each case is one promise of package queue, told by its name; RandomHistory
// plays random histories against a model that is nothing but lists. What an
// adapter cannot offer (a crash, a full disk) is a nil hook of its [Harness]
// with a reason, and the reason is what the skipped case prints.
//
// A suite that has never failed proves little. [RunBroken] puts faults around
// the same adapter, one at a time, and fails where a case does not notice:
//
//   - what is confirmed: confirms before it is safe; loses some; drops headers;
//     is deaf to the publisher's context; relays after the acknowledgement
//   - order: swaps neighbours; feeds every subscriber; redelivers at the end
//     of the queue; has no prefetch bound; lets a cancelled wait take a message
//     along; polls instead of waking; does not end on Close
//   - acknowledgement: acks nothing; acks all that was handed out; acks across
//     subscriptions by position; says that a dead ack worked; refuses a second
//   - ladder: loses on retry; retries at once, in memory, or on another rung;
//     forgets attempts; does not mark what comes back
//   - parking: loses; keeps in memory; forgets why; cannot page; replay loses or
//     leaves a copy; drop does nothing; nobody is ever missing
//   - limits: never refuses; refuses what it took; always admits; refuses what
//     is relayed; takes what nobody reads; tells no depth
//
// The cases of a connection that is cut need a broker; the control for them is
// a client that reconnects by itself, in the tests of its adapter ([MustFail]).
//
// Cases run on the small interface [T], so that a broken adapter's failure can
// be recorded instead of failing the test. The package imports no adapter, and
// only tests import it. It deliberately measures no speed, and asks of order
// among recovered messages nothing at all.
package queuetest
