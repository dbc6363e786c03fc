package store

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/telemetry/measure"
)

// Traced measures every call of a store: a span, and rate, errors and duration
// by method (package measure). It changes nothing else, which the conformance
// suite checks, and may be wrapped around any store.
type Traced struct {
	next    Store
	methods [methods]*measure.Method
	calls   [methods]atomic.Int64
}

var _ Store = (*Traced)(nil)

// NewTraced wraps next. Nil providers measure nothing; calls are counted all
// the same. What is no failure of the store, such as a row that is not there or
// ownership that was lost, is no error in spans and metrics.
func NewTraced(next Store, tp trace.TracerProvider, mp metric.MeterProvider) *Traced {
	seam := measure.New("store", tp, mp, measure.Expect(ErrNotFound, ErrStale, snowflake.ErrLeaseLost))
	d := &Traced{next: next}
	for m := range methods {
		d.methods[m] = seam.Method(m.name())
	}
	return d
}

// Calls returns how many calls of each method have begun since the store was
// wrapped; methods that were never called are left out. Unlike time they are
// exact, so tests count them.
func (d *Traced) Calls() map[string]int64 {
	calls := map[string]int64{}
	for m := range methods {
		if n := d.calls[m].Load(); n > 0 {
			calls[m.name()] = n
		}
	}
	return calls
}

// start begins a call of a method.
func (d *Traced) start(ctx context.Context, m method) (context.Context, measure.Call) {
	d.calls[m].Add(1)
	return d.methods[m].Start(ctx)
}

// startMany is start for a call with several keys, whose number the span tells.
func (d *Traced) startMany(ctx context.Context, m method, keys int) (context.Context, measure.Call) {
	ctx, call := d.start(ctx, m)
	if span := call.Span(); span.IsRecording() {
		span.SetAttributes(attribute.Int("keys", keys))
	}
	return ctx, call
}

// method numbers the methods of [Store].
type method int

const (
	mTweets method = iota
	mPutTweet
	mLogTweet
	mAuthorLogs
	mUsers
	mPutUser
	mMember
	mPutMember
	mRecount
	mMembers
	mHas
	mCounts
	mPutLiked
	mLiked
	mComments
	mComment
	mPutComment
	mRecountComments
	mCommentsOf
	mCommentCounts
	mClaimHandle
	mAccount
	mClaimKey
	mKey
	mSettle
	mEpoch
	mTakeEpoch
	mTake
	mExtend
	mPing
	methods
)

// name returns the method's name.
func (m method) name() string {
	return [methods]string{
		mTweets:          "Tweets",
		mPutTweet:        "PutTweet",
		mLogTweet:        "LogTweet",
		mAuthorLogs:      "AuthorLogs",
		mUsers:           "Users",
		mPutUser:         "PutUser",
		mMember:          "Member",
		mPutMember:       "PutMember",
		mRecount:         "Recount",
		mMembers:         "Members",
		mHas:             "Has",
		mCounts:          "Counts",
		mPutLiked:        "PutLiked",
		mLiked:           "Liked",
		mComments:        "Comments",
		mComment:         "Comment",
		mPutComment:      "PutComment",
		mRecountComments: "RecountComments",
		mCommentsOf:      "CommentsOf",
		mCommentCounts:   "CommentCounts",
		mClaimHandle:     "ClaimHandle",
		mAccount:         "Account",
		mClaimKey:        "ClaimKey",
		mKey:             "Key",
		mSettle:          "Settle",
		mEpoch:           "Epoch",
		mTakeEpoch:       "TakeEpoch",
		mTake:            "Take",
		mExtend:          "Extend",
		mPing:            "Ping",
	}[m]
}
