package cachetest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func modelCases() []aCase {
	return []aCase{{name: "Model/FeedIsPullMerge", run: feedIsPullMerge}}
}

// feedIsPullMerge: through any history of posts, follows, deliveries, builds,
// trims, drops and losses, what a home timeline serves above its floor and the
// author logs below it are together the pull merge of the author logs, but for
// tweets whose delivery is still on its way.
func feedIsPullMerge(e *env) {
	history := steps(40, 150, write, builds, losses)
	rapid.Check(e.TB, func(t *rapid.T) {
		w := newWorld(e)
		for _, s := range history.Draw(t, "history") {
			s.do(w, t)
			w.check(t)
		}
	})
}

// step is one thing that happens.
type step struct {
	name string
	do   func(*world, *rapid.T)
}

// String names the step where rapid tells what it found.
func (s step) String() string { return s.name }

// The steps, each as often as it stands here.
var (
	write = []step{ //nolint:gochecknoglobals // a constant
		{"post", (*world).post},
		{"post", (*world).post},
		{"load", (*world).load},
		{"load", (*world).load},
		{"deliver", (*world).deliver},
		{"deliver", (*world).deliver},
		{"deliver", (*world).deliver},
		{"follow", (*world).follow},
		{"follow", (*world).follow},
		{"unfollow", (*world).unfollow},
		{"unfollow", (*world).unfollow},
		{"unfollow", (*world).unfollow},
		{"flood", (*world).flood},
	}
	follows = []step{ //nolint:gochecknoglobals // a constant
		{"follow at once", (*world).followAtOnce}, {"follow at once", (*world).followAtOnce}, {"follow at once", (*world).followAtOnce},
	}
	builds = []step{ //nolint:gochecknoglobals // a constant
		{"begin", (*world).begin},
		{"read", (*world).read},
		{"put", (*world).put},
		{"put", (*world).put},
		{"build", (*world).build},
		{"slow build", slowBuild},
	}
	losses = []step{{"drop", (*world).drop}, {"flush", (*world).flush}, {"wait", (*world).wait}} //nolint:gochecknoglobals // a constant
)

func steps(least, most int, of ...[]step) *rapid.Generator[[]step] {
	return rapid.SliceOfN(anyOf(slices.Concat(of...)), least, most)
}

// anyOf draws each with the same chance; rapid.SampledFrom prefers the first.
func anyOf[T any](from []T) *rapid.Generator[T] {
	return rapid.Custom(func(t *rapid.T) T {
		i := 0
		for range 8 {
			i *= 2
			if rapid.Bool().Draw(t, "bit") {
				i++
			}
		}
		return from[i*len(from)/256]
	})
}

// slowBuild is a build during which others write.
func slowBuild(w *world, t *rapid.T) {
	w.begin(t)
	b := w.builds[len(w.builds)-1]
	for _, s := range steps(0, 6, write).Draw(t, "before its read") {
		s.do(w, t)
	}
	w.readLogs(t, b)
	for _, s := range steps(0, 12, write, follows).Draw(t, "after its read") {
		s.do(w, t)
	}
	w.finish(t, b)
}

// phase is how far a follow has come. From followeeRow up to dropped the feed
// pulls the author; the write path takes the phases in this order.
type phase int

const (
	notFollowed phase = iota
	followeeRow       // builds read it
	followerRow       // fan-out reads it
	dropped           // and the home timeline of the follower was dropped
)

// world is everything around the cache: truth, and work under way.
type world struct {
	e       *env
	viewers []social.UserID
	authors []social.UserID
	minted  []social.TweetID                          // ids that were made and not posted yet
	log     map[social.UserID][]social.TweetID        // the author logs
	follows map[social.UserID]map[social.UserID]phase // by viewer and author
	posted  map[social.TweetID]bool                   // in any log
	flight  []*delivery                               // posted, not delivered
	builds  []*building                               // begun, not put
	flooded bool
}

type delivery struct {
	entry   cache.Entry
	loaded  bool            // the follower rows were read:
	targets []social.UserID // these
}

type building struct {
	viewer  social.UserID
	token   cache.BuildToken
	read    bool
	entries []cache.Entry
	floor   social.TweetID
}

// newWorld begins with more history than a home timeline holds.
func newWorld(e *env) *world {
	w := &world{
		e: e, log: map[social.UserID][]social.TweetID{}, posted: map[social.TweetID]bool{},
		follows: map[social.UserID]map[social.UserID]phase{},
	}
	for range 5 {
		w.authors = append(w.authors, e.user())
	}
	for range 3 {
		v := e.user()
		w.viewers = append(w.viewers, v)
		w.follows[v] = map[social.UserID]phase{w.authors[0]: dropped, w.authors[1]: dropped}
	}
	for i := range cache.MaxEntries + 100 {
		w.enter(w.authors[i%len(w.authors)], e.tweet())
	}
	return w
}

func (w *world) must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) enter(author social.UserID, id social.TweetID) {
	w.log[author] = append(w.log[author], id)
	w.posted[id] = true
}

// followed returns the authors of a viewer's feed, and whether each is pulled.
func (w *world) followed(viewer social.UserID) map[social.UserID]bool {
	pulled := map[social.UserID]bool{}
	for author, p := range w.follows[viewer] {
		if p > notFollowed {
			pulled[author] = p < dropped
		}
	}
	return pulled
}

// viewer draws a viewer, one who is being built more often than others.
func (w *world) viewer(t *rapid.T) social.UserID {
	all := slices.Clone(w.viewers)
	for _, b := range w.builds {
		all = append(all, b.viewer, b.viewer)
	}
	return anyOf(all).Draw(t, "viewer")
}

// post enters a tweet into its author's log. Ids are made in order and posted
// in any: owners run beside each other.
func (w *world) post(t *rapid.T) {
	for len(w.minted) < 3 {
		w.minted = append(w.minted, w.e.tweet())
	}
	i := rapid.IntRange(0, len(w.minted)-1).Draw(t, "id")
	entry := cache.Entry{Tweet: w.minted[i], Author: anyOf(w.authors).Draw(t, "author")}
	w.minted = slices.Delete(w.minted, i, i+1)
	w.enter(entry.Author, entry.Tweet)
	w.flight = append(w.flight, &delivery{entry: entry})
}

// load lets a fan-out worker read follower rows, which is after the log is
// written.
func (w *world) load(t *rapid.T) {
	d := pick(t, w.flight, func(d *delivery) bool { return !d.loaded })
	if d == nil {
		return
	}
	d.loaded, d.targets = true, w.followers(d.entry.Author)
}

// deliver appends, and may forget that it did.
func (w *world) deliver(t *rapid.T) {
	d := pick(t, w.flight, func(d *delivery) bool { return d.loaded })
	if d == nil {
		return
	}
	w.must(t, w.e.Append(w.e.ctx, d.entry, d.targets))
	if rapid.IntRange(0, 4).Draw(t, "acknowledged") > 0 {
		w.flight = slices.DeleteFunc(w.flight, func(o *delivery) bool { return o == d })
	}
}

// pick draws one of those that pass; the zero T where none does, and the step
// is none.
func pick[T any](t *rapid.T, from []*T, pass func(*T) bool) *T {
	from = slices.DeleteFunc(slices.Clone(from), func(x *T) bool { return !pass(x) })
	if len(from) == 0 {
		return nil
	}
	return anyOf(from).Draw(t, "which")
}

// follow takes a follow one phase further.
func (w *world) follow(t *rapid.T) {
	v, a := w.viewer(t), anyOf(w.authors).Draw(t, "author")
	w.further(t, v, a)
}

// followAtOnce takes it to its end.
func (w *world) followAtOnce(t *rapid.T) {
	v, a := w.viewer(t), anyOf(w.authors).Draw(t, "author")
	for w.follows[v][a] != dropped {
		w.further(t, v, a)
	}
}

func (w *world) further(t *rapid.T, v, a social.UserID) {
	if w.follows[v][a] == dropped {
		return
	}
	w.follows[v][a]++
	if w.follows[v][a] == dropped {
		w.must(t, w.e.Cache.Drop(w.e.ctx, v))
	}
}

func (w *world) unfollow(t *rapid.T) {
	v, a := w.viewer(t), anyOf(w.authors).Draw(t, "author")
	w.follows[v][a] = notFollowed
}

func (w *world) begin(t *rapid.T) {
	v := w.viewer(t)
	token, err := w.e.Begin(w.e.ctx, v)
	w.must(t, err)
	w.builds = append(w.builds, &building{viewer: v, token: token})
}

// read reads followees and author logs for a build that was begun.
func (w *world) read(t *rapid.T) {
	if b := pick(t, w.builds, func(b *building) bool { return !b.read }); b != nil {
		w.readLogs(t, b)
	}
}

func (w *world) readLogs(t *rapid.T, b *building) {
	b.read = true
	for author := range w.followed(b.viewer) {
		for _, id := range w.log[author] {
			b.entries = append(b.entries, cache.Entry{Tweet: id, Author: author})
		}
	}
	slices.SortFunc(b.entries, func(x, y cache.Entry) int { return int(y.Tweet - x.Tweet) })
	sizes := []int{0, 3, cache.MinEntries, cache.MaxEntries - 3, cache.MaxEntries - 2, cache.MaxEntries - 1}
	if n := anyOf(sizes).Draw(t, "size"); len(b.entries) > n {
		b.floor, b.entries = b.entries[n].Tweet, b.entries[:n]
	}
}

// put finishes a build; whether it is taken is the adapter's word.
func (w *world) put(t *rapid.T) {
	b := pick(t, w.builds, func(b *building) bool { return b.read })
	if b == nil {
		return
	}
	w.finish(t, b)
}

func (w *world) finish(t *rapid.T, b *building) {
	w.builds = slices.DeleteFunc(w.builds, func(o *building) bool { return o == b })
	_, err := w.e.Put(w.e.ctx, b.viewer, b.token, b.entries, b.floor)
	w.must(t, err)
}

// build does the three steps at once.
func (w *world) build(t *rapid.T) {
	w.begin(t)
	b := w.builds[len(w.builds)-1]
	w.readLogs(t, b)
	w.finish(t, b)
}

func (w *world) flush(t *rapid.T) { w.must(t, w.e.Cache.Flush(w.e.ctx)) }

func (w *world) wait(t *rapid.T) {
	if w.e.h.Advance != nil {
		w.e.h.Advance(time.Duration(rapid.IntRange(1, 12).Draw(t, "seconds")) * time.Second)
	}
}

func (w *world) drop(t *rapid.T) {
	w.must(t, w.e.Cache.Drop(w.e.ctx, w.viewer(t)))
}

// flood delivers an author's oldest tweet again until any home timeline of his
// followers is trimmed, and then a new one.
func (w *world) flood(t *rapid.T) {
	if w.flooded {
		return // once is enough
	}
	w.flooded = true
	author := anyOf(w.authors).Draw(t, "author")
	fresh := cache.Entry{Tweet: w.e.tweet(), Author: author}
	w.enter(author, fresh.Tweet)
	followers := w.followers(author)
	for range cache.MaxEntries {
		w.must(t, w.e.Append(w.e.ctx, cache.Entry{Tweet: w.log[author][0], Author: author}, followers))
	}
	w.must(t, w.e.Append(w.e.ctx, fresh, followers))
}

// followers returns whom fan-out delivers an author's tweets to.
func (w *world) followers(author social.UserID) []social.UserID {
	return slices.DeleteFunc(slices.Clone(w.viewers), func(v social.UserID) bool {
		return w.follows[v][author] < followerRow
	})
}

func (w *world) check(t *rapid.T) {
	for i, v := range w.viewers {
		home, _, err := w.e.Home(w.e.ctx, v)
		w.must(t, err)
		if home.Found && home.Floor != cache.NoFloor {
			w.compare(t, i, home)
		}
	}
}

// compare holds what a viewer's home timeline serves against the author logs.
// Without a home timeline there is nothing to compare: the feed is the pull
// merge itself.
func (w *world) compare(t *rapid.T, viewer int, home cache.Timeline) {
	onTheWay := map[social.TweetID]bool{}
	for _, d := range w.flight {
		onTheWay[d.entry.Tweet] = true
	}
	served := map[social.TweetID]bool{}
	followed := w.followed(w.viewers[viewer])
	for _, entry := range home.Entries {
		if _, ok := followed[entry.Author]; ok && entry.Tweet > home.Floor {
			served[entry.Tweet] = true
			if !w.posted[entry.Tweet] {
				t.Fatalf("viewer %d: tweet %d is served and was never posted", viewer, entry.Tweet)
			}
		}
	}
	for author, pulled := range followed {
		for _, id := range w.log[author] {
			if id > home.Floor && !pulled && !served[id] && !onTheWay[id] {
				t.Fatalf("viewer %d: tweet %d of %d is above the floor %d and not among the %d entries",
					viewer, id, author, home.Floor, len(home.Entries))
			}
		}
	}
}
