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
		{"an append creates", []string{"Timelines/AppendNeverCreates", "Timelines/AppendToThoseThatExist", "Model/FeedIsPullMerge"}, func(c cache.Cache) cache.Cache { return creates{c} }, false},
		{"an append reaches the first only", []string{"Timelines/AppendToThoseThatExist"}, func(c cache.Cache) cache.Cache { return firstOnly{c} }, false},
		{"a drop drops the first only", []string{"Timelines/Drop"}, func(c cache.Cache) cache.Cache { return firstOnly{c} }, false},
		{"a double cancels its twin", []string{"Timelines/Doubles"}, arrivals(func(_ *arrival, t *cache.Timeline) {
			odd := map[social.TweetID]bool{}
			for _, e := range t.Entries {
				odd[e.Tweet] = !odd[e.Tweet]
			}
			t.Entries = slices.DeleteFunc(t.Entries, func(e cache.Entry) bool { return !odd[e.Tweet] })
		}), false},
		{"a trim forgets the floor", []string{"Timelines/Trim", "Timelines/TrimOutOfOrder", "Model/FeedIsPullMerge"}, arrivals(func(a *arrival, t *cache.Timeline) { t.Floor = a.floor }), false},
		{"the floor is the last id dropped", []string{"Timelines/TrimOutOfOrder"}, arrivals(func(a *arrival, t *cache.Timeline) {
			if d := a.dropped(t); len(d) > 0 {
				t.Floor = d[len(d)-1].Tweet
			}
		}), false},
		{"the floor falls", []string{"Timelines/FloorNeverFalls"}, arrivals(func(a *arrival, t *cache.Timeline) {
			if d := a.dropped(t); len(d) > 0 {
				t.Floor = 0
				for _, e := range d {
					t.Floor = max(t.Floor, e.Tweet)
				}
			}
		}), false},
		{"never trimmed", []string{"Timelines/Trim"}, arrivals(func(a *arrival, t *cache.Timeline) { t.Entries, t.Floor = a.all, a.floor }), false},
		{"one buffer for all", []string{"Timelines/Snapshot"}, func(c cache.Cache) cache.Cache { return &buffered{Cache: c} }, false},
		{"no end", []string{"Timelines/TTL", "Build/TTL"}, func(c cache.Cache) cache.Cache {
			return &endless{Cache: c, was: map[social.UserID]cache.Timeline{}}
		}, false},
		{"a copy answers", []string{"Timelines/AppendElsewhere"}, func(c cache.Cache) cache.Cache {
			return &endless{Cache: c, first: true, was: map[social.UserID]cache.Timeline{}}
		}, true},
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

func buildFaults() []fault {
	return []fault{
		{"what is begun is served", []string{"Build/BegunServesNothing", "Build/PutNeedsToken", "Build/SecondBeginVoidsFirst", "Model/FeedIsPullMerge"}, func(c cache.Cache) cache.Cache { return begunServes{c} }, false},
		{"what is begun is hidden", []string{"Build/BegunServesNothing", "Build/BeginReplaces"}, func(c cache.Cache) cache.Cache { return begunHidden{c} }, false},
		{"a put loses what was appended", []string{"Build/PutKeepsAppended", "Build/TrimBeforePut", "Model/FeedIsPullMerge", "Race/BuildAgainstAppends"}, func(c cache.Cache) cache.Cache { return losesAppended{c} }, false},
		{"a put needs no token", []string{
			"Build/PutNeedsToken", "Build/DropVoidsToken", "Build/SecondBeginVoidsFirst", "Build/TrimBeforePut", "Build/TTL",
			"Loss/VoidsBuilds", "Model/FeedIsPullMerge",
		}, func(c cache.Cache) cache.Cache { return putAlways{c} }, false},
		{"a drop spares what is being built", []string{"Build/DropVoidsToken", "Model/FeedIsPullMerge"}, func(c cache.Cache) cache.Cache { return sparesBuilds{c} }, false},
		{"the first token stays good", []string{"Build/SecondBeginVoidsFirst", "Build/DropVoidsToken", "Loss/VoidsBuilds"}, remembering(everyToken), false},
		{"a token puts twice", []string{"Build/PutNeedsToken"}, remembering(lastToken), false},
		{"a refused put spends the token", []string{"Build/PutNeedsToken"}, func(c cache.Cache) cache.Cache { return spends{c} }, false},
		{"a trim spares what is being built", []string{"Build/TrimBeforePut", "Model/FeedIsPullMerge"}, func(c cache.Cache) cache.Cache { return &sparesTrim{Cache: c, n: map[social.UserID]int{}} }, false},
		{"begin leaves what is there", []string{"Build/BeginReplaces"}, func(c cache.Cache) cache.Cache { return begins{c} }, false},
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

func lossFaults() []fault {
	var all []fault
	for i, kept := range []string{"objects", "home timelines", "overlays"} {
		all = append(all, fault{"a flush keeps the " + kept, []string{"Loss/Everything"}, func(cache.Cache) cache.Cache { return newParts(i) }, false})
	}
	return append(all, fault{"tokens begin anew after a flush", []string{"Loss/VoidsBuilds"}, func(c cache.Cache) cache.Cache {
		return &counting{Cache: c, tokens: map[cache.BuildToken]cache.BuildToken{}}
	}, false})
}

// parts is a cache in three places, one of which a flush forgets.
type parts struct {
	cache.Objects
	cache.Timelines
	cache.Pending
	flushed []cache.Cache
}

func newParts(kept int) cache.Cache {
	var all []cache.Cache
	for range 3 {
		c, err := newLocal()
		if err != nil {
			panic(err)
		}
		all = append(all, c)
	}
	return parts{all[0], all[1], all[2], slices.Delete(slices.Clone(all), kept, kept+1)}
}

func (b parts) Home(c ctx, v social.UserID) (cache.Timeline, cache.Overlay, error) {
	t, _, _ := b.Timelines.Home(c, v)
	o, err := b.Overlay(c, v)
	return t, o, err
}

func (b parts) Flush(c ctx) error {
	for _, f := range b.flushed {
		_ = f.Flush(c)
	}
	return nil
}

// counting hands out tokens from 1 after every loss.
type counting struct {
	cache.Cache
	tokens map[cache.BuildToken]cache.BuildToken
}

func (b *counting) Begin(c ctx, v social.UserID) (cache.BuildToken, error) {
	t, err := b.Cache.Begin(c, v)
	mine := cache.BuildToken(len(b.tokens) + 1)
	b.tokens[mine] = t
	return mine, err
}

func (b *counting) Put(c ctx, v social.UserID, t cache.BuildToken, es []cache.Entry, floor social.TweetID) (bool, error) {
	return b.Cache.Put(c, v, b.tokens[t], es, floor)
}

func (b *counting) Flush(c ctx) error {
	clear(b.tokens)
	return b.Cache.Flush(c)
}
