// Package social holds the nouns of the product: users, tweets, follows, likes
// and comments, the identifiers they go by, their limits, and the events that
// change them.
//
// It stands at the bottom of the flow. A subgraph turns a mutation into an
// [Event] and publishes it; an owner worker turns the event into rows; a query
// turns rows back into the nouns. All three sides speak the types of this
// package, and nothing here knows who stores, sends or shows them.
//
// Promises:
//
//  1. A global id names one kind of object and one snowflake, and is decoded
//     in one place (ids.go).
//  2. An event read by an older release loses fields it does not know, never
//     the event; a newer version of a type is refused with [ErrUnknownEvent],
//     so that it can be parked instead of dropped.
//  3. No secret enters an event.
//
// Who wins between two changes of one object is decided by [Last]: the larger
// event id. Tested by round trips, by properties and by fuzzing of every
// decoder. Text rules live in the package tweettext beside the nouns.
package social
