package storetest

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func relationChecks() []check {
	return []check{
		{"relations/larger event stands", memberConverges},
		{"relations/larger stamp stands", countConverges},
		{"relations/row and count stand apart", memberApart},
		{"relations/row and count seen together", memberTogether},
		{"relations/rows that are off stay", memberOff},
		{"relations/on rows in pages, in order of id", memberPages},
		{"relations/order asked, zero for missing", memberOrder},
		{"relations/kept apart", memberRelations},
	}
}

// families says who writes which relation.
func families() map[store.Relation]social.Family {
	return map[store.Relation]social.Family{
		store.Followees: social.FamilyUsers,
		store.Followers: social.FamilyFollowers,
		store.Likers:    social.FamilyEngagement,
	}
}

// readMember reads the row and the number of rows as the owner does.
func (e *env) readMember(r store.Relation, owner snowflake.ID, user social.UserID) (store.Member, store.Count) {
	e.Helper()
	m, c, err := e.Member(e.ctx, r, owner, user)
	e.must(err)
	return m, c
}

func memberConverges(e *env) {
	for r, family := range families() {
		f := e.fence(family)
		for name, next := range nexts(e) {
			for _, last := range []social.State{social.Off, social.On} {
				converge(e, fmt.Sprintf("%s, %s, ends %d", r, name, last), func() trial { return memberTrial(e, f, r, last, next) })
			}
		}
	}
}

// memberTrial writes on, off, on or off of one user; the last event stands.
func memberTrial(e *env, f store.Fence, r store.Relation, last social.State, next func(snowflake.ID) snowflake.ID) trial {
	owner, user := e.id(), e.user()
	first := e.id()
	second := next(first)
	third := next(second)
	rows := []store.Member{
		{User: user, Since: first, Last: on(first)},
		{User: user, Since: second, Last: off(second)},
		{User: user, Since: third, Last: social.Last{Event: third, State: last}},
	}
	if last == social.Off {
		rows[2].Since = second // off since then
	}
	var writes []func() error
	for _, m := range rows {
		writes = append(writes, func() error {
			return e.PutMember(e.ctx, f, r, owner, m, store.Count{Stamp: f.Next()})
		})
	}
	return trial{
		writes: writes,
		read: func() (any, error) {
			return e.Has(e.ctx, r, []store.MemberKey{{Owner: owner, User: user}})
		},
		want: []store.Member{rows[2]},
	}
}

func countConverges(e *env) {
	for r, family := range families() {
		s := e.shard(family)
		earlier := e.own(s)
		old := store.Count{N: 9, Stamp: store.Stamp{Epoch: earlier.Epoch, Seq: 1 << 40}}
		f := e.own(s)
		converge(e, r.String(), func() trial {
			owner := e.id()
			counts := []store.Count{{N: 7, Stamp: f.Next()}, {N: 5, Stamp: f.Next()}, {N: 6, Stamp: f.Next()}}
			var writes []func() error
			for _, c := range slices.Insert(slices.Clone(counts), 1, old) {
				m := store.Member{User: e.user(), Last: on(e.id())}
				writes = append(writes, func() error { return e.PutMember(e.ctx, f, r, owner, m, c) })
			}
			return trial{
				writes: writes,
				read:   func() (any, error) { return e.Counts(e.ctx, r, []snowflake.ID{owner}) },
				want:   counts[2:],
			}
		})
	}
}

// memberApart: an old row does not keep a new count from being written, nor
// the other way about.
func memberApart(e *env) {
	f := e.fence(social.FamilyEngagement)
	owner, user := e.id(), e.user()
	older, newer := on(e.id()), off(e.id())
	early, late := f.Next(), f.Next()
	e.must(e.PutMember(e.ctx, f, store.Likers, owner, store.Member{User: user, Last: newer}, store.Count{N: 1, Stamp: early}))
	e.must(e.PutMember(e.ctx, f, store.Likers, owner, store.Member{User: user, Last: older}, store.Count{N: 2, Stamp: late}))
	m, c := e.readMember(store.Likers, owner, user)
	e.equal("row after an older one with a newer count", m.Last, newer)
	e.equal("count that came with an older row", c, store.Count{N: 2, Stamp: late})
	newest := on(e.id())
	e.must(e.PutMember(e.ctx, f, store.Likers, owner, store.Member{User: user, Last: newest}, store.Count{N: 3, Stamp: early}))
	m, c = e.readMember(store.Likers, owner, user)
	e.equal("row that came with an older count", m.Last, newest)
	e.equal("count after an older one with a newer row", c, store.Count{N: 2, Stamp: late})
}

// together adds rows one by one while two others read: row k is there if and
// only if the count read with it is at least k. A row is written when somebody
// is about to look for it, so that reads and writes meet.
func together(e *env, write func(k int64) error, read func(k int64) (there bool, count int64, err error)) {
	const rows = 200
	var (
		g     sync.WaitGroup
		asked atomic.Int64
	)
	for range 2 {
		g.Go(func() {
			for k := int64(1); k <= rows && !e.Failed(); {
				asked.Store(max(k, asked.Load()))
				there, count, err := read(k)
				switch {
				case err != nil:
					e.Errorf("read row %d: %v", k, err)
				case there != (count >= k):
					e.Errorf("row %d there: %v, and the count read with it is %d", k, there, count)
				case there:
					k++
				default:
					runtime.Gosched()
				}
			}
		})
	}
	for k := int64(1); k <= rows && !e.Failed(); {
		if asked.Load() < k {
			runtime.Gosched()
			continue
		}
		if err := write(k); err != nil {
			e.Errorf("write row %d: %v", k, err)
		}
		k++
	}
	g.Wait()
}

func memberTogether(e *env) {
	f := e.fence(social.FamilyEngagement)
	owner, first := e.id(), e.user()
	user := func(k int64) social.UserID { return first + social.UserID(k) }
	together(e, func(k int64) error {
		m := store.Member{User: user(k), Last: on(e.id())}
		return e.PutMember(e.ctx, f, store.Likers, owner, m, store.Count{N: k, Stamp: f.Next()})
	}, func(k int64) (bool, int64, error) {
		m, c, err := e.Member(e.ctx, store.Likers, owner, user(k))
		return m.Last.Event != 0, c.N, err
	})
}

func memberOff(e *env) {
	for r, family := range families() {
		f := e.fence(family)
		owner, stays, goes := e.id(), e.user(), e.user()
		e.must(e.PutMember(e.ctx, f, r, owner, store.Member{User: stays, Since: 1, Last: on(e.id())}, store.Count{N: 1, Stamp: f.Next()}))
		since := e.id()
		e.must(e.PutMember(e.ctx, f, r, owner, store.Member{User: goes, Since: since, Last: on(since)}, store.Count{N: 2, Stamp: f.Next()}))
		ended := e.id()
		gone := store.Member{User: goes, Since: ended, Last: off(ended)}
		want := store.Count{N: 1, Stamp: f.Next()}
		e.must(e.PutMember(e.ctx, f, r, owner, gone, want))
		m, c := e.readMember(r, owner, goes)
		e.equal(r.String()+": row that is off", m, gone)
		e.equal(r.String()+": count", c, want)
		n, err := e.Recount(e.ctx, r, owner)
		e.must(err)
		e.equal(r.String()+": recount", n, int64(1))
		n, err = e.Recount(e.ctx, r, e.id())
		e.must(err)
		e.equal(r.String()+": recount of nothing", n, int64(0))
	}
}

// memberPages has runs of rows that are off at the start, in the middle and at
// the end.
func memberPages(e *env) {
	for r, family := range families() {
		f := e.fence(family)
		owner := e.id()
		var rows []store.Member
		for range 12 {
			id := e.id()
			rows = append(rows, store.Member{User: social.UserID(id), Since: id, Last: on(id)})
		}
		put := func(m store.Member) {
			e.must(e.PutMember(e.ctx, f, r, owner, m, store.Count{N: 1, Stamp: f.Next()}))
		}
		for i := range rows {
			put(rows[(i*5+3)%len(rows)])
		}
		list := pager[store.Member]{
			want: rows,
			page: func(from int64, n int) ([]store.Member, error) {
				return e.Members(e.ctx, r, owner, social.UserID(from), n)
			},
			place: func(m store.Member) int64 { return int64(m.User) },
		}
		pages(e, r.String(), list)
		for _, i := range []int{0, 1, 4, 5, 6, 11} {
			put(store.Member{User: rows[i].User, Since: rows[i].Since, Last: off(e.id())})
		}
		list.want = slices.Concat(rows[2:4], rows[7:11])
		pages(e, r.String()+" with some off", list)
		got, err := e.Members(e.ctx, r, owner, rows[5].User, 2)
		e.must(err)
		e.equal(r.String()+" behind a row that is off", got, rows[7:9])
		list.want, owner = nil, e.id()
		pages(e, r.String()+", empty", list)
	}
}

func memberOrder(e *env) {
	for r, family := range families() {
		f := e.fence(family)
		a, b := e.id(), e.id()
		ann, bob, eve := e.user(), e.user(), e.user()
		inA := store.Member{User: ann, Since: 1, Last: on(e.id())}
		inB := store.Member{User: bob, Since: 2, Last: on(e.id())}
		countA, countB := store.Count{N: 3, Stamp: f.Next()}, store.Count{N: 4, Stamp: f.Next()}
		e.must(e.PutMember(e.ctx, f, r, a, inA, countA))
		e.must(e.PutMember(e.ctx, f, r, b, inB, countB))
		got, err := e.Has(e.ctx, r, []store.MemberKey{
			{Owner: b, User: bob}, {Owner: a, User: bob}, {Owner: a, User: ann}, {Owner: b, User: eve}, {Owner: b, User: bob},
		})
		e.must(err)
		e.equal(r.String()+": rows", lasts(got), lasts([]store.Member{inB, {}, inA, {}, inB}))
		counts, err := e.Counts(e.ctx, r, []snowflake.ID{b, e.id(), a, b})
		e.must(err)
		e.equal(r.String()+": counts", counts, []store.Count{countB, {}, countA, countB})
		m, c := e.readMember(r, a, bob)
		e.equal(r.String()+": missing row", m.Last, social.Last{})
		e.equal(r.String()+": count beside it", c, countA)
	}
}

func lasts(ms []store.Member) []social.Last {
	var out []social.Last
	for _, m := range ms {
		out = append(out, m.Last)
	}
	return out
}

// memberRelations writes the same owner and user in all three.
func memberRelations(e *env) {
	owner, user := e.id(), e.user()
	want := map[store.Relation]social.Last{}
	for r, family := range families() {
		f := e.fence(family)
		want[r] = on(e.id())
		e.must(e.PutMember(e.ctx, f, r, owner, store.Member{User: user, Last: want[r]}, store.Count{N: int64(r), Stamp: f.Next()}))
	}
	for r := range families() {
		m, c := e.readMember(r, owner, user)
		e.equal(r.String()+": row", m.Last, want[r])
		e.equal(r.String()+": count", c.N, int64(r))
	}
}
