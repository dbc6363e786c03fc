package cachetest

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
)

type ctx = context.Context

func objectFaults() []fault {
	return []fault{
		{"last put wins", []string{"Objects/NewerWins", "Race/Puts"}, func(c cache.Cache) cache.Cache { return lastPutWins{c} }, false},
		{"compare, then store", []string{"Race/Puts"}, func(c cache.Cache) cache.Cache { return &twoSteps{Cache: c, is: map[cache.Key]cache.Version{}} }, false},
		{"an equal version replaces", []string{"Objects/EqualStays"}, versions(func(v cache.Version) cache.Version { return v }, true), false},
		{"minor counts before major", []string{"Objects/NewerWins"}, versions(func(v cache.Version) cache.Version { return cache.Version{Major: v.Minor, Minor: v.Major} }, false), false},
		{"versions are floats", []string{"Objects/NewerWins"}, versions(func(v cache.Version) cache.Version {
			return cache.Version{Major: int64(float64(v.Major)), Minor: v.Minor}
		}, false), false},
		{"keys without sub", []string{"Objects/KeysApart"}, keys(func(k cache.Key) cache.Key { k.Sub = 0; return k }), false},
		{"keys without kind", []string{"Objects/KeysApart"}, keys(func(k cache.Key) cache.Key { k.Kind = 1; return k }), false},
		{"answers in another order", []string{"Objects/AnswersInOrder"}, func(c cache.Cache) cache.Cache { return reversed{c} }, false},
		{"deletes the first key only", []string{"Objects/Delete"}, func(c cache.Cache) cache.Cache { return firstOnly{c} }, false},
		{"a copy answers for ever", []string{"Objects/FreshAfterDelete", "Objects/TTL"}, func(c cache.Cache) cache.Cache {
			return &copying{Cache: c, copies: map[cache.Key]any{}}
		}, true},
		{"forgets the entities", []string{"Objects/EveryKind"}, func(c cache.Cache) cache.Cache { return forgetful{c} }, false},
	}
}

type lastPutWins struct{ cache.Cache }

func (b lastPutWins) PutIfNewer(c ctx, os ...cache.Object) error {
	for _, o := range os {
		_ = b.Cache.Delete(c, o.Key)
		_ = b.Cache.PutIfNewer(c, o)
	}
	return nil
}

// twoSteps compares with what it knows and stores what it knew to be newer.
type twoSteps struct {
	cache.Cache
	mu sync.Mutex
	is map[cache.Key]cache.Version // guarded by mu
}

func (b *twoSteps) PutIfNewer(c ctx, os ...cache.Object) error {
	for _, o := range os {
		b.mu.Lock()
		newer := o.Version.Newer(b.is[o.Key])
		b.mu.Unlock()
		if !newer {
			continue
		}
		for range 20 {
			runtime.Gosched() // somebody else is faster
		}
		b.mu.Lock()
		b.is[o.Key] = o.Version
		_ = lastPutWins{b.Cache}.PutIfNewer(c, o)
		b.mu.Unlock()
	}
	return nil
}

// versioning changes versions on their way.
type versioning struct {
	cache.Cache
	change       func(cache.Version) cache.Version
	equalReplace bool
	is           map[cache.Key]cache.Version
}

func versions(change func(cache.Version) cache.Version, equalReplace bool) func(cache.Cache) cache.Cache {
	return func(c cache.Cache) cache.Cache {
		return &versioning{Cache: c, change: change, equalReplace: equalReplace, is: map[cache.Key]cache.Version{}}
	}
}

func (b *versioning) PutIfNewer(c ctx, os ...cache.Object) error {
	for _, o := range os {
		if b.equalReplace && b.is[o.Key] == o.Version {
			_ = b.Cache.Delete(c, o.Key)
		}
		b.is[o.Key] = o.Version
		o.Version = b.change(o.Version)
		_ = b.Cache.PutIfNewer(c, o)
	}
	return nil
}

// keying changes keys on their way.
type keying struct {
	cache.Cache
	change func(cache.Key) cache.Key
}

func keys(change func(cache.Key) cache.Key) func(cache.Cache) cache.Cache {
	return func(c cache.Cache) cache.Cache { return keying{c, change} }
}

func (b keying) Get(c ctx, ks []cache.Key) ([]cache.Lookup, error) {
	return b.Cache.Get(c, b.all(ks))
}

func (b keying) PutIfNewer(c ctx, os ...cache.Object) error {
	os = slices.Clone(os)
	for i := range os {
		os[i].Key = b.change(os[i].Key)
	}
	return b.Cache.PutIfNewer(c, os...)
}

func (b keying) Delete(c ctx, ks ...cache.Key) error { return b.Cache.Delete(c, b.all(ks)...) }

func (b keying) all(ks []cache.Key) []cache.Key {
	ks = slices.Clone(ks)
	for i := range ks {
		ks[i] = b.change(ks[i])
	}
	return ks
}

type reversed struct{ cache.Cache }

func (b reversed) Get(c ctx, ks []cache.Key) ([]cache.Lookup, error) {
	out, err := b.Cache.Get(c, ks)
	slices.Reverse(out)
	return out, err
}

type firstOnly struct{ cache.Cache }

func (b firstOnly) Delete(c ctx, ks ...cache.Key) error {
	return b.Cache.Delete(c, ks[:min(1, len(ks))]...)
}

func (b firstOnly) Append(c ctx, e cache.Entry, vs []social.UserID) error {
	return b.Cache.Append(c, e, vs[:min(1, len(vs))])
}

func (b firstOnly) Drop(c ctx, vs ...social.UserID) error {
	return b.Cache.Drop(c, vs[:min(1, len(vs))]...)
}

// copying keeps what it once found.
type copying struct {
	cache.Cache
	copies map[cache.Key]any
}

func (b *copying) Get(c ctx, ks []cache.Key) ([]cache.Lookup, error) {
	out, err := b.Cache.Get(c, ks)
	for i, k := range ks {
		if v, ok := b.copies[k]; ok {
			out[i] = cache.Lookup{Found: true, Value: v}
		} else if out[i].Found {
			b.copies[k] = out[i].Value
		}
	}
	return out, err
}

func (b *copying) GetFresh(c ctx, ks []cache.Key) ([]cache.Lookup, error) { return b.Get(c, ks) }

type forgetful struct{ cache.Cache }

func (b forgetful) Get(c ctx, ks []cache.Key) ([]cache.Lookup, error) {
	out, err := b.Cache.Get(c, ks)
	for i := range out {
		if t, ok := out[i].Value.(*social.Tweet); ok {
			less := *t
			less.Entities = tweettext.Entities{}
			out[i].Value = &less
		}
	}
	return out, err
}

func fillFaults() []fault {
	return []fault{
		{"a fill needs no token", []string{
			"Fill/AfterPut", "Fill/AfterDelete", "Fill/AfterDeleteElsewhere", "Fill/AfterFill", "Fill/OtherToken",
			"Fill/TokenEnds", "Fill/SlowReader", "Loss/VoidsFills", "Race/FillAgainstPut",
		}, func(c cache.Cache) cache.Cache { return fillAlways{c} }, false},
		{"a put voids no token", []string{"Fill/AfterPut", "Fill/SlowReader"}, tokens(ledger{put: true}), false},
		{"a delete voids no token", []string{"Fill/AfterDelete", "Fill/AfterDeleteElsewhere"}, tokens(ledger{deleted: true}), false},
		{"a flush voids no token", []string{"Loss/VoidsFills"}, tokens(ledger{flushed: true}), false},
		{"a token does not end", []string{"Fill/TokenEnds"}, tokens(ledger{}), false},
		{"a token fills twice", []string{"Fill/AfterFill"}, tokens(ledger{filled: true}), false},
		{"a miss voids the tokens before", []string{"Fill/AfterFill"}, func(c cache.Cache) cache.Cache { return onlyLast{c} }, false},
		{"a miss is not looked at again", []string{"Race/FillAgainstPut"}, func(c cache.Cache) cache.Cache { return looksOnce{c} }, false},
		{"absence is not kept", []string{"Fill/Absence", "Objects/EveryKind"}, func(c cache.Cache) cache.Cache { return noAbsence{c} }, false},
		{"a fill has no version", []string{"Objects/EqualStays"}, func(c cache.Cache) cache.Cache { return noVersion{c} }, false},
	}
}

// force fills whatever was there before.
func force(c ctx, inner cache.Cache, o cache.Object) error {
	_ = inner.Delete(c, o.Key)
	got, _ := inner.Get(c, []cache.Key{o.Key})
	return inner.Fill(c, o, got[0].Token)
}

type fillAlways struct{ cache.Cache }

func (b fillAlways) Fill(c ctx, o cache.Object, _ cache.FillToken) error { return force(c, b.Cache, o) }

// ledger honours tokens by its own book, in which some events leave no mark.
type ledger struct {
	cache.Cache
	put, deleted, flushed, filled bool // without effect
	good                          map[cache.Key]map[cache.FillToken]bool
}

func tokens(l ledger) func(cache.Cache) cache.Cache {
	return func(c cache.Cache) cache.Cache {
		b := l
		b.Cache, b.good = c, map[cache.Key]map[cache.FillToken]bool{}
		return &b
	}
}

func (b *ledger) Get(c ctx, ks []cache.Key) ([]cache.Lookup, error) {
	out, err := b.Cache.Get(c, ks)
	for i, k := range ks {
		if b.good[k] == nil {
			b.good[k] = map[cache.FillToken]bool{}
		}
		if !out[i].Found {
			b.good[k][out[i].Token] = true
		}
	}
	return out, err
}

func (b *ledger) GetFresh(c ctx, ks []cache.Key) ([]cache.Lookup, error) { return b.Get(c, ks) }

func (b *ledger) PutIfNewer(c ctx, os ...cache.Object) error {
	for _, o := range os {
		if !b.put {
			delete(b.good, o.Key)
		}
	}
	return b.Cache.PutIfNewer(c, os...)
}

func (b *ledger) Delete(c ctx, ks ...cache.Key) error {
	for _, k := range ks {
		if !b.deleted {
			delete(b.good, k)
		}
	}
	return b.Cache.Delete(c, ks...)
}

func (b *ledger) Flush(c ctx) error {
	if !b.flushed {
		clear(b.good)
	}
	return b.Cache.Flush(c)
}

func (b *ledger) Fill(c ctx, o cache.Object, t cache.FillToken) error {
	if !b.good[o.Key][t] {
		return nil
	}
	if !b.filled {
		delete(b.good, o.Key)
	}
	return force(c, b.Cache, o)
}

type onlyLast struct{ cache.Cache }

func (b onlyLast) Get(c ctx, ks []cache.Key) ([]cache.Lookup, error) {
	for _, k := range ks {
		if got, _ := b.Cache.Get(c, []cache.Key{k}); !got[0].Found {
			_ = b.Cache.Delete(c, k)
		}
	}
	return b.Cache.Get(c, ks)
}

// looksOnce hands out a token for what was missing a moment ago.
type looksOnce struct{ cache.Cache }

func (b looksOnce) GetFresh(c ctx, ks []cache.Key) ([]cache.Lookup, error) {
	out, err := b.Cache.Get(c, ks)
	for range 20 {
		runtime.Gosched() // somebody puts
	}
	return out, err
}

func (b looksOnce) Fill(c ctx, o cache.Object, t cache.FillToken) error {
	if t != 0 {
		return force(c, b.Cache, o)
	}
	return nil
}

type noAbsence struct{ cache.Cache }

func (b noAbsence) Fill(c ctx, o cache.Object, t cache.FillToken) error {
	if o.Value == any(social.Last{}) {
		return nil
	}
	return b.Cache.Fill(c, o, t)
}

type noVersion struct{ cache.Cache }

func (b noVersion) Fill(c ctx, o cache.Object, t cache.FillToken) error {
	o.Version = cache.Version{}
	return b.Cache.Fill(c, o, t)
}
