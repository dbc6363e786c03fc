package cache

import (
	"context"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/telemetry/measure"
)

// Traced returns c with every call measured: span, rate, errors and duration
// by method, as cache.Home, cache.Get and so on. [ErrUnavailable] is a failure
// like any other.
func Traced(c Cache, s *measure.Seam) Cache {
	return &traced{
		next: c,
		home: s.Method("Home"), append: s.Method("Append"), begin: s.Method("Begin"), put: s.Method("Put"), drop: s.Method("Drop"),
		get: s.Method("Get"), getFresh: s.Method("GetFresh"), putIfNewer: s.Method("PutIfNewer"), fill: s.Method("Fill"), delete: s.Method("Delete"),
		record: s.Method("Record"), overlay: s.Method("Overlay"), flush: s.Method("Flush"),
	}
}

type traced struct {
	next Cache

	home, append, begin, put, drop          *measure.Method
	get, getFresh, putIfNewer, fill, delete *measure.Method
	record, overlay, flush                  *measure.Method
}

func (t *traced) Home(ctx context.Context, viewer social.UserID) (home Timeline, o Overlay, err error) {
	ctx, call := t.home.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Home(ctx, viewer)
}

func (t *traced) Append(ctx context.Context, e Entry, viewers []social.UserID) (err error) {
	ctx, call := t.append.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Append(ctx, e, viewers)
}

func (t *traced) Begin(ctx context.Context, viewer social.UserID) (token BuildToken, err error) {
	ctx, call := t.begin.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Begin(ctx, viewer)
}

func (t *traced) Put(ctx context.Context, viewer social.UserID, token BuildToken, entries []Entry, floor social.TweetID) (ok bool, err error) {
	ctx, call := t.put.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Put(ctx, viewer, token, entries, floor)
}

func (t *traced) Drop(ctx context.Context, viewers ...social.UserID) (err error) {
	ctx, call := t.drop.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Drop(ctx, viewers...)
}

func (t *traced) Get(ctx context.Context, keys []Key) (found []Lookup, err error) {
	ctx, call := t.get.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Get(ctx, keys)
}

func (t *traced) GetFresh(ctx context.Context, keys []Key) (found []Lookup, err error) {
	ctx, call := t.getFresh.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.GetFresh(ctx, keys)
}

func (t *traced) PutIfNewer(ctx context.Context, objects ...Object) (err error) {
	ctx, call := t.putIfNewer.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.PutIfNewer(ctx, objects...)
}

func (t *traced) Fill(ctx context.Context, o Object, token FillToken) (err error) {
	ctx, call := t.fill.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Fill(ctx, o, token)
}

func (t *traced) Delete(ctx context.Context, keys ...Key) (err error) {
	ctx, call := t.delete.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Delete(ctx, keys...)
}

func (t *traced) Record(ctx context.Context, viewer social.UserID, w Write) (err error) {
	ctx, call := t.record.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Record(ctx, viewer, w)
}

func (t *traced) Overlay(ctx context.Context, viewer social.UserID) (o Overlay, err error) {
	ctx, call := t.overlay.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Overlay(ctx, viewer)
}

func (t *traced) Flush(ctx context.Context) (err error) {
	ctx, call := t.flush.Start(ctx)
	defer func() { call.End(ctx, err) }()
	return t.next.Flush(ctx)
}
