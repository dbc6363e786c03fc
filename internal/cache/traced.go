package cache

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/telemetry/measure"
)

// Traced measures every call of a cache: a span, and rate, errors and duration
// by method (package measure). It changes nothing else, which the conformance
// suite checks, and may be wrapped around any cache.
type Traced struct {
	next    Cache
	methods [methods]*measure.Method
	calls   [methods]atomic.Int64
}

var _ Cache = (*Traced)(nil)

// NewTraced wraps next. Nil providers measure nothing; calls are counted all
// the same. ErrUnavailable is a failure, although callers go on without it.
func NewTraced(next Cache, tp trace.TracerProvider, mp metric.MeterProvider) *Traced {
	seam := measure.New("cache", tp, mp)
	d := &Traced{next: next}
	for m := range methods {
		d.methods[m] = seam.Method(m.name())
	}
	return d
}

// Calls returns how many calls of each method have begun since the cache was
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

// startMany is start for a call about many, whose number the span tells.
func (d *Traced) startMany(ctx context.Context, m method, of string, n int) (context.Context, measure.Call) {
	ctx, call := d.start(ctx, m)
	if span := call.Span(); span.IsRecording() {
		span.SetAttributes(attribute.Int(of, n))
	}
	return ctx, call
}

// method numbers the methods of [Cache].
type method int

const (
	mHome method = iota
	mAppend
	mBegin
	mPut
	mDrop
	mGet
	mGetFresh
	mPutIfNewer
	mFill
	mDelete
	mRecord
	mOverlay
	mFlush
	methods
)

// name returns the method's name.
func (m method) name() string {
	return [methods]string{
		mHome:       "Home",
		mAppend:     "Append",
		mBegin:      "Begin",
		mPut:        "Put",
		mDrop:       "Drop",
		mGet:        "Get",
		mGetFresh:   "GetFresh",
		mPutIfNewer: "PutIfNewer",
		mFill:       "Fill",
		mDelete:     "Delete",
		mRecord:     "Record",
		mOverlay:    "Overlay",
		mFlush:      "Flush",
	}[m]
}

// Home implements [Timelines].
func (d *Traced) Home(ctx context.Context, viewer social.UserID) (home Timeline, o Overlay, err error) {
	ctx, call := d.start(ctx, mHome)
	defer func() { call.End(ctx, err) }()
	return d.next.Home(ctx, viewer)
}

// Append implements [Timelines].
func (d *Traced) Append(ctx context.Context, e Entry, viewers []social.UserID) (err error) {
	ctx, call := d.startMany(ctx, mAppend, "viewers", len(viewers))
	defer func() { call.End(ctx, err) }()
	return d.next.Append(ctx, e, viewers)
}

// Begin implements [Timelines].
func (d *Traced) Begin(ctx context.Context, viewer social.UserID) (token BuildToken, err error) {
	ctx, call := d.start(ctx, mBegin)
	defer func() { call.End(ctx, err) }()
	return d.next.Begin(ctx, viewer)
}

// Put implements [Timelines].
func (d *Traced) Put(ctx context.Context, viewer social.UserID, token BuildToken, entries []Entry, floor social.TweetID) (ok bool, err error) {
	ctx, call := d.start(ctx, mPut)
	defer func() { call.End(ctx, err) }()
	return d.next.Put(ctx, viewer, token, entries, floor)
}

// Drop implements [Timelines].
func (d *Traced) Drop(ctx context.Context, viewers ...social.UserID) (err error) {
	ctx, call := d.start(ctx, mDrop)
	defer func() { call.End(ctx, err) }()
	return d.next.Drop(ctx, viewers...)
}

// Get implements [Objects].
func (d *Traced) Get(ctx context.Context, keys []Key) (found []Lookup, err error) {
	ctx, call := d.startMany(ctx, mGet, "keys", len(keys))
	defer func() { call.End(ctx, err) }()
	return d.next.Get(ctx, keys)
}

// GetFresh implements [Objects].
func (d *Traced) GetFresh(ctx context.Context, keys []Key) (found []Lookup, err error) {
	ctx, call := d.startMany(ctx, mGetFresh, "keys", len(keys))
	defer func() { call.End(ctx, err) }()
	return d.next.GetFresh(ctx, keys)
}

// PutIfNewer implements [Objects].
func (d *Traced) PutIfNewer(ctx context.Context, objects ...Object) (err error) {
	ctx, call := d.start(ctx, mPutIfNewer)
	defer func() { call.End(ctx, err) }()
	return d.next.PutIfNewer(ctx, objects...)
}

// Fill implements [Objects].
func (d *Traced) Fill(ctx context.Context, fills ...Fill) (err error) {
	ctx, call := d.startMany(ctx, mFill, "objects", len(fills))
	defer func() { call.End(ctx, err) }()
	return d.next.Fill(ctx, fills...)
}

// Delete implements [Objects].
func (d *Traced) Delete(ctx context.Context, keys ...Key) (err error) {
	ctx, call := d.start(ctx, mDelete)
	defer func() { call.End(ctx, err) }()
	return d.next.Delete(ctx, keys...)
}

// Record implements [Pending].
func (d *Traced) Record(ctx context.Context, viewer social.UserID, w Write) (err error) {
	ctx, call := d.start(ctx, mRecord)
	defer func() { call.End(ctx, err) }()
	return d.next.Record(ctx, viewer, w)
}

// Overlay implements [Pending].
func (d *Traced) Overlay(ctx context.Context, viewer social.UserID) (o Overlay, err error) {
	ctx, call := d.start(ctx, mOverlay)
	defer func() { call.End(ctx, err) }()
	return d.next.Overlay(ctx, viewer)
}

// Flush implements [Cache].
func (d *Traced) Flush(ctx context.Context) (err error) {
	ctx, call := d.start(ctx, mFlush)
	defer func() { call.End(ctx, err) }()
	return d.next.Flush(ctx)
}
