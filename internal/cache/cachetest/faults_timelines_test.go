package cachetest

import (
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func timelineFaults() []fault {
	arrivals := func(change func(*arrival, *cache.Timeline)) func(cache.Cache) cache.Cache {
		return func(c cache.Cache) cache.Cache {
			return &arriving{Cache: c, of: map[social.UserID]*arrival{}, change: change}
		}
	}
	return []fault{
		{
			name:   "an append creates",
			caught: []string{"Timelines/AppendNeverCreates", "Timelines/AppendToThoseThatExist", "Model/FeedIsPullMerge"},
			wrap:   func(c cache.Cache) cache.Cache { return creates{c} },
		},
		{
			name:   "an append reaches the first only",
			caught: []string{"Timelines/AppendToThoseThatExist"},
			wrap:   func(c cache.Cache) cache.Cache { return firstOnly{c} },
		},
		{
			name:   "a drop drops the first only",
			caught: []string{"Timelines/Drop"},
			wrap:   func(c cache.Cache) cache.Cache { return firstOnly{c} },
		},
		{
			name:   "a double cancels its twin",
			caught: []string{"Timelines/Doubles"},
			wrap: arrivals(func(_ *arrival, t *cache.Timeline) {
				odd := map[social.TweetID]bool{}
				for _, e := range t.Entries {
					odd[e.Tweet] = !odd[e.Tweet]
				}
				t.Entries = slices.DeleteFunc(t.Entries, func(e cache.Entry) bool { return !odd[e.Tweet] })
			}),
		},
		{
			name:   "a trim forgets the floor",
			caught: []string{"Timelines/Trim", "Timelines/TrimOutOfOrder", "Model/FeedIsPullMerge"},
			wrap:   arrivals(func(a *arrival, t *cache.Timeline) { t.Floor = a.floor }),
		},
		{
			name:   "the floor is the last id dropped",
			caught: []string{"Timelines/TrimOutOfOrder"},
			wrap: arrivals(func(a *arrival, t *cache.Timeline) {
				if d := a.dropped(t); len(d) > 0 {
					t.Floor = d[len(d)-1].Tweet
				}
			}),
		},
		{
			name:   "the floor falls",
			caught: []string{"Timelines/FloorNeverFalls"},
			wrap: arrivals(func(a *arrival, t *cache.Timeline) {
				if d := a.dropped(t); len(d) > 0 {
					t.Floor = 0
					for _, e := range d {
						t.Floor = max(t.Floor, e.Tweet)
					}
				}
			}),
		},
		{
			name:   "never trimmed",
			caught: []string{"Timelines/Trim"},
			wrap:   arrivals(func(a *arrival, t *cache.Timeline) { t.Entries, t.Floor = a.all, a.floor }),
		},
		{
			name:   "one buffer for all",
			caught: []string{"Timelines/Snapshot"},
			wrap:   func(c cache.Cache) cache.Cache { return &buffered{Cache: c} },
		},
		{
			name:   "no end",
			caught: []string{"Timelines/TTL", "Build/TTL"},
			wrap: func(c cache.Cache) cache.Cache {
				return &endless{Cache: c, was: map[social.UserID]cache.Timeline{}}
			},
		},
		{
			name:   "a copy answers",
			caught: []string{"Timelines/AppendElsewhere"},
			wrap: func(c cache.Cache) cache.Cache {
				return &endless{Cache: c, first: true, was: map[social.UserID]cache.Timeline{}}
			},
			peer: true,
		},
	}
}

type creates struct{ cache.Cache }

func (b creates) Append(c ctx, e cache.Entry, vs []social.UserID) error {
	for _, v := range vs {
		if t, _, _ := b.Cache.Home(c, v); !t.Found {
			token, _ := b.Cache.Begin(c, v)
			_, _ = b.Cache.Put(c, v, token, nil, 0)
		}
	}
	return b.Cache.Append(c, e, vs)
}

// arriving remembers everything that every home timeline was given.
type arriving struct {
	cache.Cache
	of     map[social.UserID]*arrival
	change func(*arrival, *cache.Timeline)
}

type arrival struct {
	all   []cache.Entry
	floor social.TweetID
}

// dropped is what t lacks of all that arrived.
func (a *arrival) dropped(t *cache.Timeline) []cache.Entry {
	return a.all[:max(0, len(a.all)-len(t.Entries))]
}

func (b *arriving) Begin(c ctx, v social.UserID) (cache.BuildToken, error) {
	b.of[v] = &arrival{}
	return b.Cache.Begin(c, v)
}

func (b *arriving) Put(c ctx, v social.UserID, t cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	ok, err := b.Cache.Put(c, v, t, es, floor)
	if a := b.of[v]; ok {
		built := slices.Clone(es)
		slices.Reverse(built)
		a.all, a.floor = append(built, a.all...), floor
	}
	return ok, err
}

func (b *arriving) Append(c ctx, e cache.Entry, vs []social.UserID) error {
	for _, v := range vs {
		if a := b.of[v]; a != nil {
			a.all = append(a.all, e)
		}
	}
	return b.Cache.Append(c, e, vs)
}

func (b *arriving) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, o, err := b.Cache.Home(c, v)
	if t.Found && t.Floor != cache.NoFloor {
		t.Entries = slices.Clone(t.Entries)
		b.change(b.of[v], &t)
	}
	return t, o, err
}

type buffered struct {
	cache.Cache
	buffer [cache.MaxEntries]cache.Entry
}

func (b *buffered) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, o, err := b.Cache.Home(c, v)
	t.Entries = b.buffer[:copy(b.buffer[:], t.Entries)]
	return t, o, err
}

func (b *buffered) Append(c ctx, e cache.Entry, vs []social.UserID) error {
	err := b.Cache.Append(c, e, vs)
	_, _, _ = b.Home(c, vs[0])
	b.buffer[0] = e
	return err
}

// endless answers with what was there last, or first.
type endless struct {
	cache.Cache
	first bool
	was   map[social.UserID]cache.Timeline
}

func (b *endless) Begin(c ctx, v social.UserID) (cache.BuildToken, error) {
	b.was[v] = cache.Timeline{Found: true, Floor: cache.NoFloor}
	return b.Cache.Begin(c, v)
}

func (b *endless) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, o, err := b.Cache.Home(c, v)
	was, ok := b.was[v]
	switch {
	case ok && (!t.Found || b.first && was.Floor != cache.NoFloor):
		t = was
	case t.Found:
		b.was[v] = t
	}
	return t, o, err
}
