package cachetest

import (
	"runtime"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func fillFaults() []fault {
	return []fault{
		{
			name: "a fill needs no token",
			caught: []string{
				"Fill/AfterPut", "Fill/AfterDelete", "Fill/AfterDeleteElsewhere", "Fill/AfterFill", "Fill/OtherToken",
				"Fill/TokenEnds", "Fill/SlowReader", "Loss/VoidsFills", "Race/FillAgainstPut",
			},
			wrap: func(c cache.Cache) cache.Cache { return fillAlways{c} },
		},
		{
			name:   "a put voids no token",
			caught: []string{"Fill/AfterPut", "Fill/SlowReader"},
			wrap:   tokens(ledger{put: true}),
		},
		{
			name:   "a delete voids no token",
			caught: []string{"Fill/AfterDelete", "Fill/AfterDeleteElsewhere"},
			wrap:   tokens(ledger{deleted: true}),
		},
		{
			name:   "a flush voids no token",
			caught: []string{"Loss/VoidsFills"},
			wrap:   tokens(ledger{flushed: true}),
		},
		{
			name:   "a token does not end",
			caught: []string{"Fill/TokenEnds"},
			wrap:   tokens(ledger{}),
		},
		{
			name:   "a token fills twice",
			caught: []string{"Fill/AfterFill"},
			wrap:   tokens(ledger{filled: true}),
		},
		{
			name:   "a miss voids the tokens before",
			caught: []string{"Fill/AfterFill"},
			wrap:   func(c cache.Cache) cache.Cache { return onlyLast{c} },
		},
		{
			name:   "a miss is not looked at again",
			caught: []string{"Race/FillAgainstPut"},
			wrap:   func(c cache.Cache) cache.Cache { return looksOnce{c} },
		},
		{
			name:   "absence is not kept",
			caught: []string{"Fill/Absence", "Objects/EveryKind"},
			wrap:   func(c cache.Cache) cache.Cache { return noAbsence{c} },
		},
		{
			name:   "a fill has no version",
			caught: []string{"Objects/EqualStays"},
			wrap:   func(c cache.Cache) cache.Cache { return noVersion{c} },
		},
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
