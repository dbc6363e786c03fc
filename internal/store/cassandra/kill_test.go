package storecassandra

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/store/storetest"
	"github.com/starlinghq/starling/internal/testenv"
)

// killable is a node of this test's own, and a store on it.
type killable struct {
	node  *testenv.Stack
	store *Store

	config Config
}

func newKillable(t *testing.T) *killable {
	t.Helper()
	testenv.Long(t, "starts and kills a node")
	k := &killable{node: testenv.Private(t, "cassandra", "STACK_CASSANDRA_HEAP=256m", "STACK_CASSANDRA_AUTHENTICATOR=PasswordAuthenticator")}
	c := Default()
	c.Hosts = []string{k.node.Endpoint()}
	c.Username, c.Password = "cassandra", "cassandra" // of a new node
	c.Timeout, c.Deadline, c.RebuildAfter = 5*time.Second, 15*time.Second, time.Second
	var s *Store
	testenv.Eventually(t, time.Minute, func() (err error) { // a node that has just started may be slow
		if err = Migrate(t.Context(), c); err == nil {
			s, err = Open(t.Context(), c)
		}
		return err
	})
	t.Cleanup(func() { must(t, s.Close()) })
	k.store, k.config = s, c
	return k
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// back waits until the store has found its node again.
func (k *killable) back(t testing.TB) {
	t.Helper()
	testenv.Eventually(t, time.Minute, func() error { return k.store.Ping(t.Context()) })
}

// TestKilledNode: what was acknowledged is there after kill -9 of the only node,
// and the session finds the node that comes back.
func TestKilledNode(t *testing.T) {
	k := newKillable(t)
	t.Run("credentials", k.credentials)
	t.Run("suite", func(t *testing.T) {
		storetest.RunOneCrash(t,
			func(testing.TB) store.Store { return k.store },
			func(t testing.TB, s store.Store) store.Store {
				k.node.Kill(t)
				k.node.Up(t)
				k.back(t)
				return s
			},
		)
	})
	t.Run("under writes", k.underWrites)
}

// credentials: the node asks for a password, so everything here has shown that
// the right one opens it. A wrong one does not, nor does none, and what is said
// of it tells no password.
func (k *killable) credentials(t *testing.T) {
	for name, c := range map[string]Config{
		"a wrong password": {Username: "cassandra", Password: "horse-staple"},
		"no credentials":   {},
	} {
		other := k.config
		other.Username, other.Password = c.Username, c.Password
		s, err := Open(t.Context(), other)
		if err == nil {
			must(t, s.Close())
			t.Errorf("%s opened the store", name)
			continue
		}
		if strings.Contains(err.Error(), "horse-staple") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
		t.Logf("%s: %v", name, err)
	}
}

// writer is one owner of a partition of its own, which it fills while the node
// is killed.
type writer struct {
	owner snowflake.ID
	fence store.Fence
	n     int64 // rows acknowledged; row i is of user i
	keys  int   // idempotency keys acknowledged
}

// underWrites kills the node again and again while writers write, and looks for
// everything that was acknowledged. With commitlog_sync: periodic each writer
// misses some ten rows.
func (k *killable) underWrites(t *testing.T) {
	const rounds, writers = 2, 8
	for round := range rounds {
		ctx, stop := context.WithCancel(t.Context())
		var (
			g  sync.WaitGroup
			ws [writers]*writer
		)
		for i := range ws {
			ws[i] = k.newWriter(t, i)
			g.Go(func() { ws[i].write(ctx, k.store) })
		}
		<-time.After(200*time.Millisecond + rand.N(time.Second))
		k.node.Kill(t)
		stop()
		g.Wait()
		k.node.Up(t)
		k.back(t)
		var rows int64
		for _, w := range ws {
			w.verify(t, k.store)
			rows += w.n
		}
		if rows == 0 {
			t.Errorf("round %d: nothing was written before the node was killed", round)
		}
		if t.Failed() {
			return
		}
		t.Logf("round %d: %d acknowledged rows, all there", round, rows)
	}
}

func (k *killable) newWriter(t *testing.T, i int) *writer {
	t.Helper()
	shard := store.Shard{Family: social.FamilyEngagement, Number: rand.IntN(1 << 30)}
	epoch, err := k.store.TakeEpoch(t.Context(), shard, 0)
	must(t, err)
	return &writer{
		owner: snowflake.Make(snowflake.MillisOf(time.Now()), i, rand.IntN(1000)),
		fence: store.NewFence(shard, epoch),
	}
}

func event(i int64) snowflake.ID { return snowflake.Make(snowflake.Epoch+snowflake.Millis(i), 1, 0) }

func keyOf(i int) string { return fmt.Sprintf("key %d", i) }

func claimOf(i int) store.Claim { return store.Claim{Event: []byte(keyOf(i))} }

// write goes on until a write is not acknowledged.
func (w *writer) write(ctx context.Context, s *Store) {
	for {
		i := w.n + 1
		m := store.Member{User: social.UserID(i), Since: event(i), Last: social.Last{Event: event(i), State: social.On}}
		if s.PutMember(ctx, w.fence, store.Likers, w.owner, m, store.Count{N: i, Stamp: w.fence.Next()}) != nil {
			return
		}
		w.n = i
		if i%10 != 0 {
			continue
		}
		if _, won, err := s.ClaimKey(ctx, social.UserID(w.owner), keyOf(w.keys+1), claimOf(w.keys+1)); err != nil || !won {
			return
		}
		w.keys++
	}
}

// verify finds every acknowledged row, a count that is not older than the last
// one acknowledged, the keys and the epoch.
func (w *writer) verify(t *testing.T, s *Store) {
	t.Helper()
	n, err := s.Recount(t.Context(), store.Likers, w.owner)
	must(t, err)
	counts, err := s.Counts(t.Context(), store.Likers, []snowflake.ID{w.owner})
	must(t, err)
	if n < w.n || counts[0].N != n {
		t.Errorf("%d rows were acknowledged; there are %d, and the count says %d", w.n, n, counts[0].N)
	}
	for i := 1; i <= w.keys; i++ {
		c, err := s.Key(t.Context(), social.UserID(w.owner), keyOf(i))
		if err != nil || string(c.Event) != keyOf(i) {
			t.Errorf("key %d of %d that were acknowledged: %q, %v", i, w.keys, c.Event, err)
		}
	}
	epoch, err := s.Epoch(t.Context(), w.fence.Shard)
	must(t, err)
	if epoch != w.fence.Epoch {
		t.Errorf("epoch %d, was %d when acknowledged", epoch, w.fence.Epoch)
	}
}
