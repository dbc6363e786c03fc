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
		{
			name:   "last put wins",
			caught: []string{"Objects/NewerWins", "Race/Puts"},
			wrap:   func(c cache.Cache) cache.Cache { return lastPutWins{c} },
		},
		{
			name:   "compare, then store",
			caught: []string{"Race/Puts"},
			wrap:   func(c cache.Cache) cache.Cache { return &twoSteps{Cache: c, is: map[cache.Key]cache.Version{}} },
		},
		{
			name:   "an equal version replaces",
			caught: []string{"Objects/EqualStays"},
			wrap:   versions(func(v cache.Version) cache.Version { return v }, true),
		},
		{
			name:   "minor counts before major",
			caught: []string{"Objects/NewerWins"},
			wrap:   versions(func(v cache.Version) cache.Version { return cache.Version{Major: v.Minor, Minor: v.Major} }, false),
		},
		{
			name:   "versions are floats",
			caught: []string{"Objects/NewerWins"},
			wrap: versions(func(v cache.Version) cache.Version {
				return cache.Version{Major: int64(float64(v.Major)), Minor: v.Minor}
			}, false),
		},
		{
			name:   "keys without sub",
			caught: []string{"Objects/KeysApart"},
			wrap:   keys(func(k cache.Key) cache.Key { k.Sub = 0; return k }),
		},
		{
			name:   "keys without kind",
			caught: []string{"Objects/KeysApart"},
			wrap:   keys(func(k cache.Key) cache.Key { k.Kind = 1; return k }),
		},
		{
			name:   "answers in another order",
			caught: []string{"Objects/AnswersInOrder"},
			wrap:   func(c cache.Cache) cache.Cache { return reversed{c} },
		},
		{
			name:   "deletes the first key only",
			caught: []string{"Objects/Delete"},
			wrap:   func(c cache.Cache) cache.Cache { return firstOnly{c} },
		},
		{
			name:   "a copy answers for ever",
			caught: []string{"Objects/FreshAfterDelete", "Objects/TTL"},
			wrap: func(c cache.Cache) cache.Cache {
				return &copying{Cache: c, copies: map[cache.Key]any{}}
			},
			peer: true,
		},
		{
			name:   "forgets the entities",
			caught: []string{"Objects/EveryKind"},
			wrap:   func(c cache.Cache) cache.Cache { return forgetful{c} },
		},
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
