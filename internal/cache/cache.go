package cache

import (
	"context"
	"errors"
	"time"

	"github.com/starlinghq/starling/internal/social"
)

// How long things may live in the cache.
const (
	ObjectTTL   = 10 * time.Minute
	PendingTTL  = 10 * time.Minute
	TimelineTTL = 30 * 24 * time.Hour
	BuildTTL    = 10 * time.Second // a home timeline that was begun and not yet put
	FillTTL     = 2 * time.Second  // a token handed out with a miss
)

// ErrUnavailable says that the cache cannot answer now. Go on without it.
var ErrUnavailable = errors.New("cache: unavailable")

// Cache is everything an adapter implements. Users of the seam ask for the
// roles they need.
type Cache interface {
	Timelines
	Objects
	Pending
	// Flush forgets everything, as the loss of the cache does.
	Flush(ctx context.Context) error
}

// MaxWrites bounds one viewer's overlay; of more the first recorded go first.
const MaxWrites = 1000

// Entry is one tweet of a home timeline.
type Entry struct {
	Tweet  social.TweetID
	Author social.UserID
}

// Limits of a home timeline, in entries. One that reaches MaxEntries is
// trimmed to MinEntries by dropping the older half in order of arrival.
const (
	MinEntries = 800
	MaxEntries = 1600
)

// NoFloor is the floor of a home timeline that is being built: nothing of it
// may be served.
const NoFloor = social.TweetID(1<<63 - 1)

// Timeline is the head of a viewer's feed as fan-out wrote it: entries in order
// of arrival, with doubles. Only ids above Floor are complete; below it the
// feed continues by pull merge. The entries must not be changed.
type Timeline struct {
	Found   bool
	Floor   social.TweetID
	Entries []Entry
}

// BuildToken lets its holder put a home timeline that he began.
type BuildToken uint64

// Timelines keeps home timelines, packed.
type Timelines interface {
	// Home returns a viewer's home timeline and pending overlay in one round
	// trip.
	Home(ctx context.Context, viewer social.UserID) (Timeline, Overlay, error)
	// Append adds e to the home timelines of those viewers that have one, begun
	// or put. Doubles are harmless. Where a timeline reaches MaxEntries the
	// older half by arrival is dropped and Floor raised to the largest id
	// dropped, if that is larger, in one step; one that was only begun is
	// dropped instead.
	Append(ctx context.Context, e Entry, viewers []social.UserID) error
	// Begin creates an empty home timeline with NoFloor, from which moment on
	// it collects appends, and returns the token that Put needs. One that exists
	// is replaced. It lives for BuildTTL.
	Begin(ctx context.Context, viewer social.UserID) (BuildToken, error)
	// Put fills the home timeline begun with token: entries, newest first, and
	// floor as built, plus what was appended meanwhile. It lives for TimelineTTL.
	// Entries count as arrived before what was appended, the newest last. False:
	// it was put, dropped, replaced, trimmed or flushed since, or BuildTTL has
	// passed, and nothing was changed.
	Put(ctx context.Context, viewer social.UserID, t BuildToken, entries []Entry, floor social.TweetID) (bool, error)
	// Drop forgets home timelines, begun or put.
	Drop(ctx context.Context, viewers ...social.UserID) error
}

// Pending keeps each viewer's own last writes for [PendingTTL], so that he
// reads them back before the owners have applied them.
type Pending interface {
	// Record enters a write of the viewer. Of two writes of one object the one
	// with the larger event stands.
	Record(ctx context.Context, viewer social.UserID, w Write) error
	// Overlay returns the viewer's writes in no particular order, at most
	// MaxWrites; the zero Overlay where there are none. They must not be changed.
	Overlay(ctx context.Context, viewer social.UserID) (Overlay, error)
}
