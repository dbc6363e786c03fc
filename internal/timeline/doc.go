// Package timeline is the home timeline algorithm: what is pushed to whom, how
// author logs and home timelines merge into a feed, and how a home timeline is
// built. It is the one meeting point of the write side (workers/fanout, which
// asks the [Policy]) and the read side (subgraphs/feed, which merges). It is
// pure: it holds no state and does no I/O.
//
// The definition of a feed is the pull merge: the tweets and replies in the
// author logs of everybody the viewer follows and of himself, newest first by
// id, without the deleted ones. Everything else here is a shortcut to the head
// of that merge, and every shortcut knows its floor: the id below which it
// promises nothing.
//
// Tested by data-driven cases and by properties against sorting everything.
package timeline
