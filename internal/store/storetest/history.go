package storetest

import (
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func historyChecks() []check {
	return []check{{"history/counts equal their sets", func(e *env) { histories(e, judgement{}) }}}
}

// histories plays random histories of one shard: events of a few users over two
// partitions; two owners who crash, are paused at any moment, take over from
// each other, go on with what they were handed before they were superseded, and
// whose writes arrive late, or never. In the end one owner applies what is left,
// the last late writes arrive, and every count has to equal its set.
func histories(e *env, j judgement) {
	moves := []struct {
		name   string
		weight int
		play   func(*history, *rapid.T)
	}{
		{"step", 8, (*history).step},
		{"publish", 3, (*history).publish},
		{"land", 2, (*history).land},
		{"take over", 1, (*history).takeOver},
		{"crash", 1, (*history).crash},
		{"time out", 1, (*history).timeOut},
		{"set aside", 1, (*history).setAside},
	}
	var weighted []int
	for i, m := range moves {
		weighted = append(weighted, slices.Repeat([]int{i}, m.weight)...)
	}
	rapid.Check(e.TB, func(t *rapid.T) {
		h := newHistory(e, t, j)
		for range 4 {
			h.publish(t)
		}
		for _, i := range rapid.SliceOfN(rapid.SampledFrom(weighted), 25, 80).Draw(t, "moves") {
			t.Log(moves[i].name)
			moves[i].play(h, t)
		}
		h.finish(t)
	})
}

// judgement is how an owner treats an event that it finds applied already.
type judgement struct {
	// leaveSame: change neither row nor count, instead of counting anew.
	leaveSame bool
}

// entry is an event in the queue of the shard.
type entry struct {
	id        snowflake.ID
	partition snowflake.ID
	user      social.UserID
	state     social.State
	recovered bool // comes back from the ladder
}

// write is a PutMember on its way.
type write struct {
	fence     store.Fence
	partition snowflake.ID
	member    store.Member
	count     store.Count
}

// owner is one worker. It handles one event at a time, as owners do for the
// events of one key.
type owner struct {
	name   string
	fence  store.Fence
	next   int    // place in the queue of the next delivery
	handed int    // deliveries below this were handed out before it was superseded
	active bool   // its subscription is the live one
	alive  bool   // the process runs
	ready  *write // read and judged, not yet written
	done   bool   // written, or nothing to write; not yet acknowledged
}

// history is the queue, the owners, and the writes under way.
type history struct {
	e          *env
	judgement  judgement
	shard      store.Shard
	partitions []snowflake.ID
	users      []social.UserID
	lastEvent  snowflake.ID

	queue  []entry
	acked  int // entries below this are acknowledged
	owners [2]*owner
	late   []write
}

// prefetch is how many deliveries an owner holds.
const prefetch = 4

func newHistory(e *env, t *rapid.T, j judgement) *history {
	h := &history{
		e: e, judgement: j, shard: e.shard(social.FamilyEngagement),
		partitions: []snowflake.ID{e.id(), e.id()},
		users:      []social.UserID{e.user(), e.user(), e.user()},
		owners:     [2]*owner{{name: "A"}, {name: "B"}},
	}
	h.start(t, h.owners[0])
	return h
}

// publish puts an event into the queue. Some come with an older id than the one
// before, as from two instances, and some in the same millisecond.
func (h *history) publish(t *rapid.T) {
	d := entry{
		partition: h.partitions[rapid.IntRange(0, len(h.partitions)-1).Draw(t, "partition")],
		user:      h.users[rapid.IntRange(0, len(h.users)-1).Draw(t, "user")],
		state:     social.State(rapid.IntRange(0, 1).Draw(t, "state")),
		id:        h.e.id(),
	}
	if h.lastEvent != 0 && rapid.IntRange(0, 3).Draw(t, "twin") == 0 {
		d.id = rapid.SampledFrom([]func(snowflake.ID) snowflake.ID{twin, early}).Draw(t, "which")(h.lastEvent)
	}
	h.lastEvent = d.id
	at := len(h.queue)
	if at > h.reached() && rapid.IntRange(0, 3).Draw(t, "overtakes") == 0 {
		at--
	}
	h.queue = slices.Insert(h.queue, at, d)
}

// reached is the place in the queue up to which somebody was handed something:
// order is fixed below it.
func (h *history) reached() int {
	n := h.acked
	for _, o := range h.owners {
		n = max(n, o.handed, o.next+1)
	}
	return n
}

// start makes o the active owner: it reads the epoch, subscribes, and takes the
// next epoch at its first delivery.
func (h *history) start(t *rapid.T, o *owner) {
	for _, other := range h.owners {
		if other.active {
			other.active = false
			other.handed = min(len(h.queue), h.acked+prefetch)
		}
	}
	*o = owner{name: o.name, alive: true, active: true, next: h.acked, fence: h.own(t)}
}

func (h *history) own(t *rapid.T) store.Fence {
	read, err := h.e.Epoch(h.e.ctx, h.shard)
	noError(t, err)
	taken, err := h.e.TakeEpoch(h.e.ctx, h.shard, read)
	noError(t, err)
	return store.NewFence(h.shard, taken)
}

func noError(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// pick draws an owner, who may be dead.
func (h *history) pick(t *rapid.T) *owner {
	return h.owners[rapid.IntRange(0, 1).Draw(t, "owner")]
}

func (h *history) takeOver(t *rapid.T) {
	if o := h.pick(t); !o.active {
		h.start(t, o)
	}
}

// crash ends a process. What it was about to write may be under way.
func (h *history) crash(t *rapid.T) {
	o := h.pick(t)
	if !o.alive {
		return
	}
	if o.ready != nil && rapid.Bool().Draw(t, "sent") {
		h.late = append(h.late, *o.ready)
	}
	wasActive := o.active
	*o = owner{name: o.name}
	if wasActive {
		h.start(t, h.owners[rapid.IntRange(0, 1).Draw(t, "successor")])
	}
}

// timeOut sends a write of which no answer comes; the owner begins the event
// again.
func (h *history) timeOut(t *rapid.T) {
	o := h.pick(t)
	if o.ready == nil {
		return
	}
	h.late = append(h.late, *o.ready)
	o.ready = nil
}

// setAside puts the event in hand on the ladder, after a write that timed out.
func (h *history) setAside(t *rapid.T) {
	o := h.pick(t)
	if o.ready == nil || !o.active {
		return
	}
	h.late = append(h.late, *o.ready)
	back := h.queue[o.next]
	back.recovered = true
	h.queue = append(h.queue, back)
	o.ready, o.done = nil, true
}

// land lets a late write arrive.
func (h *history) land(t *rapid.T) {
	if len(h.late) == 0 {
		return
	}
	i := rapid.IntRange(0, len(h.late)-1).Draw(t, "which")
	w := h.late[i]
	h.late = slices.Delete(h.late, i, i+1)
	t.Logf("late, epoch %d: %+v, count %d", w.fence.Epoch, w.member.Last, w.count.N)
	h.put(t, w)
}

// put writes, and tells whether its owner still owns the shard as far as it can
// know.
func (h *history) put(t *rapid.T, w write) bool {
	err := h.e.PutMember(h.e.ctx, w.fence, store.Likers, w.partition, w.member, w.count)
	if err != nil && !errors.Is(err, store.ErrStale) {
		t.Fatalf("write: %v", err)
	}
	return err == nil
}

// step lets an owner do the next thing: read and judge, write, or acknowledge.
func (h *history) step(t *rapid.T) { h.advance(t, h.pick(t)) }

func (h *history) advance(t *rapid.T, o *owner) {
	limit := len(h.queue)
	if !o.active {
		limit = min(limit, o.handed)
	}
	switch {
	case o.done:
		t.Logf("%s acknowledges %d", o.name, o.next)
		o.next++
		o.done = false
		if o.active {
			h.acked = max(h.acked, o.next)
		}
	case o.ready != nil:
		w := *o.ready
		o.ready = nil
		t.Logf("%s writes %d under epoch %d: %+v, count %d", o.name, o.next, o.fence.Epoch, w.member.Last, w.count.N)
		if o.done = h.put(t, w); !o.done {
			*o = owner{name: o.name} // it has learned that it is stale, and ends
		}
	case o.alive && o.next < limit:
		o.ready = h.judge(t, o, h.queue[o.next])
		t.Logf("%s has read %d, to write: %v", o.name, o.next, o.ready != nil)
		o.done = o.ready == nil
	}
}

// judge reads the row and the count of an event and returns what is to be
// written, nil where nothing is.
func (h *history) judge(t *rapid.T, o *owner, d entry) *write {
	m, c, err := h.e.Member(h.e.ctx, store.Likers, d.partition, d.user)
	noError(t, err)
	m.User = d.user
	verdict := m.Last.Judge(d.id)
	count := d.recovered || verdict == social.Same && !h.judgement.leaveSame
	if count {
		c.N, err = h.e.Recount(h.e.ctx, store.Likers, d.partition)
		noError(t, err)
	}
	if verdict == social.Newer {
		if m.Last.State != d.state {
			m.Since = d.id
			c.N += int64(d.state) - int64(m.Last.State)
		}
		m.Last = social.Last{Event: d.id, State: d.state}
	} else if !count {
		return nil
	}
	c.Stamp = o.fence.Next()
	return &write{fence: o.fence, partition: d.partition, member: m, count: c}
}

// finish lets one owner apply all that is left, and all late writes arrive.
func (h *history) finish(t *rapid.T) {
	o := h.owners[0]
	for _, other := range h.owners {
		if other.active {
			o = other
		}
	}
	for !o.alive || h.acked < len(h.queue) {
		if !o.alive || !o.active {
			h.start(t, o)
		}
		h.advance(t, o)
	}
	for _, w := range h.late {
		h.put(t, w)
	}
	h.verify(t)
}

// verify compares rows, sets and counts with the events.
func (h *history) verify(t *rapid.T) {
	for _, p := range h.partitions {
		want := h.expected(p)
		var set []social.UserID
		for _, user := range h.users {
			m, _, err := h.e.Member(h.e.ctx, store.Likers, p, user)
			noError(t, err)
			if m.Last != want[user] {
				t.Errorf("row of %d in %d is %+v, want %+v", user, p, m.Last, want[user])
			}
			if want[user].State == social.On {
				set = append(set, user)
			}
		}
		h.verifySet(t, p, set)
	}
}

func (h *history) verifySet(t *rapid.T, p snowflake.ID, set []social.UserID) {
	_, c, err := h.e.Member(h.e.ctx, store.Likers, p, h.users[0])
	noError(t, err)
	n, err := h.e.Recount(h.e.ctx, store.Likers, p)
	noError(t, err)
	members, err := h.e.Members(h.e.ctx, store.Likers, p, 0, 10)
	noError(t, err)
	if len(members) != len(set) || n != int64(len(set)) || c.N != int64(len(set)) {
		t.Errorf("partition %d has %d likers; %d are listed, a recount finds %d, the count says %d", p, len(set), len(members), n, c.N)
	}
}

// expected returns the last state of each user by event.
func (h *history) expected(p snowflake.ID) map[social.UserID]social.Last {
	want := map[social.UserID]social.Last{}
	for _, d := range h.queue {
		if d.partition == p && d.id > want[d.user].Event {
			want[d.user] = social.Last{Event: d.id, State: d.state}
		}
	}
	return want
}
