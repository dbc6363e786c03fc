package cacheredis_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/starlinghq/starling/internal/cache"
	cacheredis "github.com/starlinghq/starling/internal/cache/redis"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// followers is a flag so that the benchmark runs on a small machine too: the
// control needs 100 kB for each.
var followers = flag.Int("followers", 100_000, "followers of the one author of BenchmarkDeliver")

const (
	page   = 1000 // followers that one command delivers to
	rounds = 20   // tweets of each author in one operation: filling takes longer than delivering
)

// audience is who reads whom: the home timelines that each author's tweets go
// to.
type audience struct {
	viewers int
	readers [][]social.UserID // by author
}

// BenchmarkDeliver compares what a delivery costs Redis, in processor time and
// in memory: our packed home timelines, and the sorted set of ids that is
// trimmed after each entry. Both run on a server of their own, from where a
// viewer's timeline is full: 800 entries there, ours anything from 800 to
// 1,600, as trims leave it.
func BenchmarkDeliver(b *testing.B) {
	one := audience{viewers: *followers, readers: [][]social.UserID{make([]social.UserID, *followers)}}
	for i := range one.readers[0] {
		one.readers[0][i] = social.UserID(i + 1)
	}
	for name, read := range map[string]func(b *testing.B) audience{
		"one author": func(*testing.B) audience { return one },
		"reed98":     readReed,
	} {
		b.Run(name, func(b *testing.B) {
			a := read(b)
			b.Run("packed", func(b *testing.B) { deliver(b, a, newPacked(b)) })
			b.Run("sorted set", func(b *testing.B) { deliver(b, a, newSorted(b)) })
		})
	}
}

// readReed reads the real friendships: everybody follows his friends.
func readReed(b *testing.B) audience {
	f, err := os.Open(testenv.Shared(b, "data", "reed98.edges"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	number := map[string]int{}
	var a audience
	person := func(name string) int {
		n, ok := number[name]
		if !ok {
			n = len(number)
			number[name] = n
			a.readers = append(a.readers, nil)
		}
		return n
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		pair := strings.Fields(lines.Text())
		if len(pair) < 2 || strings.HasPrefix(pair[0], "%") {
			continue
		}
		x, y := person(pair[0]), person(pair[1])
		a.readers[x] = append(a.readers[x], social.UserID(y+1))
		a.readers[y] = append(a.readers[y], social.UserID(x+1))
	}
	a.viewers = len(number)
	return a
}

// timelines is a way to keep home timelines in Redis.
type timelines interface {
	redis() rueidis.Client
	fill(viewer social.UserID) (entries int, err error)
	append(e cache.Entry, viewers []social.UserID) error
	entries(viewer social.UserID) (int, error)
}

// deliver fills all timelines, lets every author post, and reports what Redis
// spent.
func deliver(b *testing.B, a audience, t timelines) {
	empty := info(b, t.redis(), "memory", "used_memory")
	for _, v := range rand.New(rand.NewPCG(3, 4)).Perm(a.viewers) {
		if _, err := t.fill(social.UserID(v + 1)); err != nil {
			b.Fatal(err)
		}
	}
	deliveries := 0
	busy := cpu(b, t.redis())
	b.ResetTimer()
	for range b.N * rounds {
		for author, readers := range a.readers {
			e := cache.Entry{Tweet: nextTweet(), Author: social.UserID(author + 1)}
			for len(readers) > 0 {
				n := min(page, len(readers))
				if err := t.append(e, readers[:n]); err != nil {
					b.Fatal(err)
				}
				readers = readers[n:]
				deliveries += n
			}
		}
	}
	b.StopTimer()
	busy = cpu(b, t.redis()) - busy
	held := 0
	sample := max(1, a.viewers/1000)
	for v := 0; v < a.viewers; v += sample {
		n, err := t.entries(social.UserID(v + 1))
		if err != nil {
			b.Fatal(err)
		}
		held += n * min(sample, a.viewers-v)
	}
	b.ReportMetric(busy*1e6/float64(deliveries), "redis-us/delivery")
	b.ReportMetric((info(b, t.redis(), "memory", "used_memory")-empty)/float64(held), "B/entry")
	b.ReportMetric(float64(deliveries)/float64(b.N), "deliveries/op")
}

var lastTweet = int64(1) << 60

func nextTweet() social.TweetID {
	lastTweet += 1 << 22
	return social.TweetID(lastTweet)
}

// cpu is the processor time that the server has used, in seconds.
func cpu(b *testing.B, c rueidis.Client) float64 {
	return info(b, c, "cpu", "used_cpu_user") + info(b, c, "cpu", "used_cpu_sys")
}

// info reads one number of INFO.
func info(b *testing.B, c rueidis.Client, section, field string) float64 {
	b.Helper()
	s, err := c.Do(b.Context(), c.B().Info().Section(section).Build()).ToString()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(s) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Fatalf("INFO %s has no %s", section, field)
	return 0
}

// client is a client of its own of a server of the benchmark's.
func client(b *testing.B, s *server) rueidis.Client {
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.addr}, DisableCache: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return c
}

// packed are our home timelines.
type packed struct {
	ctx   context.Context
	cache *cacheredis.Cache
	plain rueidis.Client
	rnd   *rand.Rand
}

func newPacked(b *testing.B) *packed {
	s := startServer(b)
	c, err := cacheredis.Open(b.Context(), cacheredis.Config{Addresses: []string{s.addr}, Timeout: 10 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return &packed{ctx: b.Context(), cache: c, plain: client(b, s), rnd: rand.New(rand.NewPCG(1, 2))}
}

func (p *packed) redis() rueidis.Client { return p.plain }

// fill leaves a timeline as a build and deliveries leave it, which is also how
// a trim does: MinEntries are put, the first delivery makes Redis give the
// string room for as many again, and the others go there. Putting all of them
// would have each string grow once more, into memory that was never touched,
// while deliveries are measured; no build puts more than MinEntries.
func (p *packed) fill(viewer social.UserID) (int, error) {
	token, err := p.cache.Begin(p.ctx, viewer)
	if err != nil {
		return 0, err
	}
	ok, err := p.cache.Put(p.ctx, viewer, token, newEntries(cache.MinEntries), 0)
	if err == nil && !ok {
		err = fmt.Errorf("the timeline of %d was not put", viewer)
	}
	if err == nil {
		err = p.append(newEntries(1)[0], []social.UserID{viewer})
	}
	more := newEntries(p.rnd.IntN(cache.MaxEntries - cache.MinEntries - 1))
	if err == nil {
		err = p.cache.AppendMany(p.ctx, viewer, more)
	}
	return cache.MinEntries + 1 + len(more), err
}

// newEntries are n entries, newest first.
func newEntries(n int) []cache.Entry {
	entries := make([]cache.Entry, n)
	for i := range entries {
		entries[n-1-i] = cache.Entry{Tweet: nextTweet(), Author: 1}
	}
	return entries
}

func (p *packed) append(e cache.Entry, viewers []social.UserID) error {
	return p.cache.Append(p.ctx, e, viewers)
}

func (p *packed) entries(viewer social.UserID) (int, error) {
	t, _, err := p.cache.Home(p.ctx, viewer)
	return len(t.Entries), err
}

// sorted is the control: a sorted set of tweet ids by viewer.
type sorted struct {
	ctx   context.Context
	plain rueidis.Client
}

func newSorted(b *testing.B) *sorted {
	return &sorted{ctx: b.Context(), plain: client(b, startServer(b))}
}

func (s *sorted) redis() rueidis.Client { return s.plain }

func (s *sorted) key(v social.UserID) string { return "home:" + strconv.FormatInt(int64(v), 36) }

func (s *sorted) fill(viewer social.UserID) (int, error) {
	add := s.plain.B().Zadd().Key(s.key(viewer)).ScoreMember()
	for range cache.MinEntries {
		id := nextTweet()
		add = add.ScoreMember(float64(id), strconv.FormatInt(int64(id), 10))
	}
	return cache.MinEntries, s.plain.Do(s.ctx, add.Build()).Error()
}

// append pipelines both commands of every viewer, as good clients do.
func (s *sorted) append(e cache.Entry, viewers []social.UserID) error {
	member := strconv.FormatInt(int64(e.Tweet), 10)
	calls := make(rueidis.Commands, 0, 2*len(viewers))
	for _, v := range viewers {
		calls = append(calls,
			s.plain.B().Zadd().Key(s.key(v)).ScoreMember().ScoreMember(float64(e.Tweet), member).Build(),
			s.plain.B().Zremrangebyrank().Key(s.key(v)).Start(0).Stop(-cache.MinEntries-1).Build())
	}
	for _, r := range s.plain.DoMulti(s.ctx, calls...) {
		if err := r.Error(); err != nil {
			return err
		}
	}
	return nil
}

func (s *sorted) entries(viewer social.UserID) (int, error) {
	n, err := s.plain.Do(s.ctx, s.plain.B().Zcard().Key(s.key(viewer)).Build()).AsInt64()
	return int(n), err
}
