package cachetest

import (
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func buildFaults() []fault {
	return []fault{
		{
			name:   "what is begun is served",
			caught: []string{"Build/BegunServesNothing", "Build/PutNeedsToken", "Build/SecondBeginVoidsFirst", "Model/FeedIsPullMerge"},
			wrap:   func(c cache.Cache) cache.Cache { return begunServes{c} },
		},
		{
			name:   "what is begun is hidden",
			caught: []string{"Build/BegunServesNothing", "Build/BeginReplaces"},
			wrap:   func(c cache.Cache) cache.Cache { return begunHidden{c} },
		},
		{
			name:   "a put loses what was appended",
			caught: []string{"Build/PutKeepsAppended", "Build/TrimBeforePut", "Model/FeedIsPullMerge", "Race/BuildAgainstAppends"},
			wrap:   func(c cache.Cache) cache.Cache { return losesAppended{c} },
		},
		{
			name: "a put needs no token",
			caught: []string{
				"Build/PutNeedsToken", "Build/DropVoidsToken", "Build/SecondBeginVoidsFirst", "Build/TrimBeforePut", "Build/TTL",
				"Loss/VoidsBuilds", "Model/FeedIsPullMerge",
			},
			wrap: func(c cache.Cache) cache.Cache { return putAlways{c} },
		},
		{
			name:   "a drop spares what is being built",
			caught: []string{"Build/DropVoidsToken", "Model/FeedIsPullMerge"},
			wrap:   func(c cache.Cache) cache.Cache { return sparesBuilds{c} },
		},
		{
			name:   "the first token stays good",
			caught: []string{"Build/SecondBeginVoidsFirst", "Build/DropVoidsToken", "Loss/VoidsBuilds"},
			wrap:   remembering(everyToken),
		},
		{
			name:   "a token puts twice",
			caught: []string{"Build/PutNeedsToken"},
			wrap:   remembering(lastToken),
		},
		{
			name:   "a refused put spends the token",
			caught: []string{"Build/PutNeedsToken"},
			wrap:   func(c cache.Cache) cache.Cache { return spends{c} },
		},
		{
			name:   "a trim spares what is being built",
			caught: []string{"Build/TrimBeforePut", "Model/FeedIsPullMerge"},
			wrap:   func(c cache.Cache) cache.Cache { return &sparesTrim{Cache: c, n: map[social.UserID]int{}} },
		},
		{
			name:   "begin leaves what is there",
			caught: []string{"Build/BeginReplaces"},
			wrap:   func(c cache.Cache) cache.Cache { return begins{c} },
		},
	}
}

type begunServes struct{ cache.Cache }

func (b begunServes) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, o, err := b.Cache.Home(c, v)
	if t.Floor == cache.NoFloor {
		t.Floor = 0
	}
	return t, o, err
}

type begunHidden struct{ cache.Cache }

func (b begunHidden) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, o, err := b.Cache.Home(c, v)
	if t.Floor == cache.NoFloor {
		t = cache.Timeline{}
	}
	return t, o, err
}

type losesAppended struct{ cache.Cache }

func (b losesAppended) Put(c ctx, v social.UserID, t cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	if ok, err := b.Cache.Put(c, v, t, nil, floor); !ok {
		return ok, err
	}
	t, _ = b.Cache.Begin(c, v)
	return b.Cache.Put(c, v, t, es, floor)
}

type putAlways struct{ cache.Cache }

func (b putAlways) Put(c ctx, v social.UserID, _ cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	t, _, _ := b.Cache.Home(c, v)
	token, _ := b.Cache.Begin(c, v)
	return b.Cache.Put(c, v, token, append(slices.Clone(es), t.Entries...), floor)
}

type sparesBuilds struct{ cache.Cache }

func (b sparesBuilds) Drop(c ctx, vs ...social.UserID) error {
	for _, v := range vs {
		if t, _, _ := b.Cache.Home(c, v); t.Floor != cache.NoFloor {
			_ = b.Cache.Drop(c, v)
		}
	}
	return nil
}

// remembers takes tokens that it gave out once.
type remembers struct {
	cache.Cache
	given map[cache.BuildToken]social.UserID
	keep  func(begun, put bool) bool
}

func everyToken(begun, _ bool) bool { return begun }
func lastToken(_, put bool) bool    { return put }

func remembering(keep func(begun, put bool) bool) func(cache.Cache) cache.Cache {
	return func(c cache.Cache) cache.Cache {
		return &remembers{Cache: c, given: map[cache.BuildToken]social.UserID{}, keep: keep}
	}
}

func (b *remembers) Begin(c ctx, v social.UserID) (cache.BuildToken, error) {
	t, err := b.Cache.Begin(c, v)
	if b.keep(true, false) {
		b.given[t] = v
	}
	return t, err
}

func (b *remembers) Put(c ctx, v social.UserID, t cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	ok, err := b.Cache.Put(c, v, t, es, floor)
	if !ok && b.given[t] == v {
		return putAlways{b.Cache}.Put(c, v, t, es, floor)
	}
	if ok && b.keep(false, true) {
		b.given[t] = v
	}
	return ok, err
}

type spends struct{ cache.Cache }

func (b spends) Put(c ctx, v social.UserID, t cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	ok, err := b.Cache.Put(c, v, t, es, floor)
	if home, _, _ := b.Cache.Home(c, v); !ok && home.Floor == cache.NoFloor {
		_, _ = b.Cache.Begin(c, v)
	}
	return ok, err
}

// sparesTrim loses appends to what is being built instead of dropping it.
type sparesTrim struct {
	cache.Cache
	n map[social.UserID]int
}

func (b *sparesTrim) Begin(c ctx, v social.UserID) (cache.BuildToken, error) {
	b.n[v] = 0
	return b.Cache.Begin(c, v)
}

func (b *sparesTrim) Append(c ctx, e cache.Entry, vs []social.UserID) error {
	for _, v := range vs {
		t, _, _ := b.Cache.Home(c, v)
		if t.Floor == cache.NoFloor && len(t.Entries) == cache.MaxEntries-1 {
			continue
		}
		_ = b.Cache.Append(c, e, []social.UserID{v})
	}
	return nil
}

// begins leaves a home timeline that was put, and says that it began one.
type begins struct{ cache.Cache }

func (b begins) Begin(c ctx, v social.UserID) (cache.BuildToken, error) {
	if t, _, _ := b.Cache.Home(c, v); t.Found && t.Floor != cache.NoFloor {
		return 1, nil
	}
	return b.Cache.Begin(c, v)
}
