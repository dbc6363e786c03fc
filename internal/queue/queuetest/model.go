package queuetest

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
)

func modelCases() []Case {
	return []Case{{Name: "RandomHistory", run: randomHistory}}
}

// model says what the queues of one family may do next. It is plain: lists,
// and nothing that an adapter would do.
type model struct {
	e      *env
	lines  []*line
	parked map[string]queue.Message
}

// line is one queue.
type line struct {
	shard   int
	sub     queue.Subscription
	handed  []*entry                // delivered and not acknowledged, in order
	cursor  int                     // of handed: what the present subscription was given
	given   []queue.Delivery        // by the present subscription, parallel to handed up to cursor
	ordered []*entry                // not yet delivered; come in this order
	loose   map[string]*entry       // back from ladder or parking: come whenever they like
	resting map[string]restingEntry // on the ladder
}

type entry struct {
	m         queue.Message
	attempts  int
	recovered bool
}

type restingEntry struct {
	entry
	since time.Time
	rung  queue.Rung
}

const window = 3 // the prefetch of the model's subscriptions

func randomHistory(e *env) {
	// Hidden behind the interface: rapid would ask a *testing.T for its
	// deadline, which a bubble forbids.
	rapid.Check(struct{ rapid.TB }{e.T}, func(t *rapid.T) {
		h := e.open()
		if h.Close != nil {
			defer h.Close()
		}
		m := &model{parked: map[string]queue.Message{}}
		m.e = &env{T: historyT{T: t, outer: e.T}, open: e.open, h: h, q: h.Queue}
		for shard := range min(2, h.Shards) {
			l := &line{shard: shard, loose: map[string]*entry{}, resting: map[string]restingEntry{}}
			l.sub = m.e.subscribe(free, shard, window)
			m.lines = append(m.lines, l)
		}
		t.Repeat(map[string]func(*rapid.T){
			"publish": m.publish,
			"next":    m.next,
			"ack":     m.ack,
			"reopen":  m.reopen,
			"retry":   m.retry,
			"park":    m.park,
			"replay":  m.replay,
			"drop":    m.drop,
			"wait":    m.wait,
			"restart": m.restart,
		})
		m.drain()
	})
}

// historyT makes a rapid.T a T.
type historyT struct {
	*rapid.T
	outer T
}

// Cleanup implements T; what a history opens is closed with the harness, at
// the latest when the test ends.
func (t historyT) Cleanup(f func()) { t.outer.Cleanup(f) }

func (m *model) line(t *rapid.T) *line { return rapid.SampledFrom(m.lines).Draw(t, "queue") }

func (m *model) publish(t *rapid.T) {
	l := m.line(t)
	var ms []queue.Message
	for range rapid.IntRange(1, 6).Draw(t, "messages") {
		ms = append(ms, m.e.message(free, m.e.key(l.shard, rapid.IntRange(0, 2).Draw(t, "key"))))
	}
	if rapid.Bool().Draw(t, "relay") {
		m.e.relay(ms...)
	} else {
		m.e.publish(ms...)
	}
	for _, msg := range ms {
		l.ordered = append(l.ordered, &entry{m: msg})
	}
}

// due moves what has rested long enough to the loose ones; it may have come
// before this looks, never before its time.
func (l *line) due(e *env) {
	for id, r := range l.resting {
		if time.Since(r.since) >= e.delay(r.rung) {
			l.loose[id] = &entry{m: r.m, attempts: r.attempts, recovered: true}
			delete(l.resting, id)
		}
	}
}

func (m *model) next(t *rapid.T) {
	l := m.line(t)
	for range rapid.IntRange(1, window+1).Draw(t, "deliveries") {
		m.take(l)
	}
}

func (m *model) take(l *line) {
	l.due(m.e)
	if l.cursor >= window || l.cursor == len(l.handed) && len(l.ordered) == 0 && len(l.loose) == 0 {
		if len(l.resting) == 0 { // else something may become due during the wait
			m.e.nothing(l.sub)
		}
		return
	}
	d := m.e.next(l.sub)
	l.due(m.e)
	en := m.match(l, d)
	m.e.same(d.Message, en.m)
	if d.Recovered != en.recovered || d.Attempts != en.attempts {
		m.e.Fatalf("%s arrived with recovered %t and %d attempts, the model has %t and %d", d.ID, d.Recovered, d.Attempts, en.recovered, en.attempts)
	}
	l.given = append(l.given, d)
	l.cursor++
}

// match finds what was delivered among what may be.
func (m *model) match(l *line, d queue.Delivery) *entry {
	switch {
	case l.cursor < len(l.handed):
		return l.handed[l.cursor] // given before: again, first and in order
	case l.loose[d.ID] != nil:
		en := l.loose[d.ID]
		delete(l.loose, d.ID)
		l.handed = append(l.handed, en)
		return en
	case len(l.ordered) > 0:
		en := l.ordered[0]
		l.ordered = l.ordered[1:]
		l.handed = append(l.handed, en)
		return en
	}
	m.e.Fatalf("%s was delivered out of nowhere", d.ID)
	return nil
}

func (m *model) ack(t *rapid.T) {
	l := m.line(t)
	if l.cursor == 0 {
		return
	}
	m.ackFirst(l, rapid.IntRange(1, l.cursor).Draw(t, "acked"))
}

func (m *model) ackFirst(l *line, n int) {
	m.e.ack(l.sub, l.given[n-1])
	l.handed, l.given = l.handed[n:], l.given[n:]
	l.cursor -= n
}

func (m *model) reopen(t *rapid.T) { m.again(m.line(t)) }

func (m *model) again(l *line) {
	m.e.close(l.sub)
	l.sub = m.e.subscribe(free, l.shard, window)
	l.cursor, l.given = 0, nil
}

// oldest returns the oldest unacknowledged delivery: only that can be moved
// and acknowledged alone.
func (l *line) oldest() (*entry, queue.Delivery, bool) {
	if l.cursor == 0 {
		return nil, queue.Delivery{}, false
	}
	return l.handed[0], l.given[0], true
}

func (m *model) retry(t *rapid.T) {
	l := m.line(t)
	en, d, ok := l.oldest()
	if !ok {
		return
	}
	rung := rapid.SampledFrom([]queue.Rung{queue.Rung1s, queue.Rung10s, queue.Rung60s}).Draw(t, "rung")
	r := restingEntry{entry: entry{m: en.m, attempts: en.attempts + 1}, since: time.Now(), rung: rung}
	m.e.retry(d, rung, r.attempts)
	l.resting[d.ID] = r
	m.ackFirst(l, 1)
}

func (m *model) park(t *rapid.T) {
	l := m.line(t)
	en, d, ok := l.oldest()
	if !ok {
		return
	}
	if err := m.e.q.Park(m.e.Context(), d, "model"); err != nil {
		t.Fatalf("park: %v", err)
	}
	m.parked[d.ID] = en.m
	m.ackFirst(l, 1)
}

func (m *model) parkedOne(t *rapid.T) (string, bool) {
	if len(m.parked) == 0 {
		return "", false
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.parked))).Draw(t, "parked"), true
}

func (m *model) replay(t *rapid.T) {
	id, ok := m.parkedOne(t)
	if !ok {
		m.e.notFound("nobody")
		return
	}
	if err := m.e.q.Replay(m.e.Context(), id); err != nil {
		t.Fatalf("replay: %v", err)
	}
	l := m.lines[slices.IndexFunc(m.lines, func(l *line) bool { return l.shard == shardOf(m.parked[id].Key, m.e) })]
	l.loose[id] = &entry{m: m.parked[id], recovered: true}
	delete(m.parked, id)
}

func shardOf(key snowflake.ID, e *env) int { return queue.ShardOf(key, e.h.Shards) }

func (m *model) drop(t *rapid.T) {
	id, ok := m.parkedOne(t)
	if !ok {
		return
	}
	if err := m.e.q.Drop(m.e.Context(), id); err != nil {
		t.Fatalf("drop: %v", err)
	}
	delete(m.parked, id)
}

func (m *model) wait(t *rapid.T) {
	m.e.pass(m.e.delay(rapid.SampledFrom([]queue.Rung{queue.Rung1s, queue.Rung10s}).Draw(t, "wait")))
}

// restart ends the process, in order or by a crash after something confirmed:
// all that was done before is kept either way.
func (m *model) restart(t *rapid.T) {
	switch crash := rapid.Bool().Draw(t, "crash"); {
	case crash && m.e.h.Crash != nil:
		l := m.line(t)
		last := m.e.message(free, m.e.key(l.shard, 0))
		m.e.publish(last)
		l.ordered = append(l.ordered, &entry{m: last})
		m.e.q = m.e.h.Crash(m.e.T)
	case m.e.h.Restart != nil:
		m.e.q = m.e.h.Restart(m.e.T)
	default:
		return
	}
	for _, l := range m.lines {
		m.again(l)
	}
}

// drain ends a history: everything that the model still has must come, and
// nothing else.
func (m *model) drain() {
	if got, want := m.e.parkedIDs("", plenty), slices.Sorted(maps.Keys(m.parked)); !slices.Equal(got, want) {
		m.e.Fatalf("parked are %q, the model has %q", got, want)
	}
	for id := range m.parked {
		if err := m.e.q.Drop(m.e.Context(), id); err != nil {
			m.e.Fatalf("drop: %v", err)
		}
	}
	m.e.pass(m.e.delay(queue.Rung60s) + m.e.quiet())
	for _, l := range m.lines {
		for l.due(m.e); len(l.handed)+len(l.ordered)+len(l.loose) > 0; {
			m.take(l)
			if l.cursor > 0 {
				m.ackFirst(l, l.cursor)
			}
		}
		m.e.nothing(l.sub)
	}
}
