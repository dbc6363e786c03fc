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
			name:   "of several fills one is done",
			caught: []string{"Fill/Many"},
			wrap:   wrongBatch(firstOfMany),
		},
		{
			name:   "several fills are judged by the first",
			caught: []string{"Fill/Many"},
			wrap:   wrongBatch(oneForAll),
		},
		{
			name:   "one void token spoils the others",
			caught: []string{"Fill/Many"},
			wrap:   wrongBatch(allOrNone),
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
	return inner.Fill(c, cache.Fill{Object: o, Token: got[0].Token})
}

type fillAlways struct{ cache.Cache }

func (b fillAlways) Fill(c ctx, fills ...cache.Fill) error {
	return each(fills, func(f cache.Fill) error { return force(c, b.Cache, f.Object) })
}

// each does one fill after another.
func each(fills []cache.Fill, do func(cache.Fill) error) error {
	for _, f := range fills {
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

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

func (b *ledger) Fill(c ctx, fills ...cache.Fill) error {
	return each(fills, func(f cache.Fill) error {
		if !b.good[f.Object.Key][f.Token] {
			return nil
		}
		if !b.filled {
			delete(b.good, f.Object.Key)
		}
		return force(c, b.Cache, f.Object)
	})
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

func (b looksOnce) Fill(c ctx, fills ...cache.Fill) error {
	return each(fills, func(f cache.Fill) error {
		if f.Token == 0 {
			return nil
		}
		return force(c, b.Cache, f.Object)
	})
}

type noAbsence struct{ cache.Cache }

func (b noAbsence) Fill(c ctx, fills ...cache.Fill) error {
	return each(fills, func(f cache.Fill) error {
		if f.Object.Value == any(social.Last{}) {
			return nil
		}
		return b.Cache.Fill(c, f)
	})
}

type noVersion struct{ cache.Cache }

func (b noVersion) Fill(c ctx, fills ...cache.Fill) error {
	return each(fills, func(f cache.Fill) error {
		f.Object.Version = cache.Version{}
		return b.Cache.Fill(c, f)
	})
}

// batch is how a cache may get several fills at once wrong.
type batch func(c ctx, inner cache.Cache, fills []cache.Fill) error

type batches struct {
	cache.Cache
	fill batch
}

func (b batches) Fill(c ctx, fills ...cache.Fill) error { return b.fill(c, b.Cache, fills) }

func wrongBatch(fill batch) func(cache.Cache) cache.Cache {
	return func(c cache.Cache) cache.Cache { return batches{c, fill} }
}

// holding tells how many keys of fills hold something.
func holding(c ctx, inner cache.Cache, fills []cache.Fill) (n int) {
	for _, f := range fills {
		if got, _ := inner.Get(c, []cache.Key{f.Object.Key}); got[0].Found {
			n++
		}
	}
	return n
}

func firstOfMany(c ctx, inner cache.Cache, fills []cache.Fill) error { return inner.Fill(c, fills[0]) }

// oneForAll judges a batch by its first token.
func oneForAll(c ctx, inner cache.Cache, fills []cache.Fill) error {
	if err := inner.Fill(c, fills[0]); err != nil || holding(c, inner, fills[:1]) == 0 {
		return err
	}
	return each(fills[1:], func(f cache.Fill) error { return force(c, inner, f.Object) })
}

// allOrNone forgets a batch of which a token is void.
func allOrNone(c ctx, inner cache.Cache, fills []cache.Fill) error {
	before := holding(c, inner, fills)
	if err := inner.Fill(c, fills...); err != nil || before+len(fills) == holding(c, inner, fills) {
		return err
	}
	return each(fills, func(f cache.Fill) error { return inner.Delete(c, f.Object.Key) })
}
