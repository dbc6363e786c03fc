package storecassandra

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
	"github.com/starlinghq/starling/internal/testenv"
)

// line is the way to the node, which a test may cut or make mute: requests
// arrive and answers do not.
type line struct {
	mu    sync.Mutex
	mute  chan struct{} // closed when answers come again; nil: they come. Guarded by mu
	cut   bool          // guarded by mu
	conns []net.Conn    // guarded by mu
}

// DialContext implements gocql.Dialer.
func (l *line) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock()
	cut := l.cut
	l.mu.Unlock()
	if cut {
		return nil, errors.New("the line is cut")
	}
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	return &wire{Conn: c, line: l}, nil
}

// silence makes the line mute until the returned function is called.
func (l *line) silence() (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	mute := make(chan struct{})
	l.mute = mute
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.mute = nil
		close(mute)
	})
}

// setCut ends all connections and allows no others, or does again.
func (l *line) setCut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

// wire is one connection over the line.
type wire struct {
	net.Conn
	line *line
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.line.mu.Lock()
	mute := w.line.mute
	w.line.mu.Unlock()
	if mute != nil {
		<-mute
	}
	return n, err
}

// overLine opens a store over a line of its own.
func overLine(t *testing.T, change func(*Config)) (*Store, *line) {
	t.Helper()
	open(t) // the tables
	l, c := &line{}, testConfig(t)
	c.dialer = l
	change(&c)
	s, err := Open(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s, l
}

func testID() snowflake.ID { return snowflake.Make(snowflake.MillisOf(time.Now()), 7, 7) }

// TestLostAnswer: a write whose answer does not come is unsure, and was applied.
func TestLostAnswer(t *testing.T) {
	s, l := overLine(t, func(c *Config) { c.Timeout, c.Deadline = 200*time.Millisecond, 500*time.Millisecond })
	owner, user := testID(), social.UserID(5)
	m := store.Member{User: user, Since: owner, Last: social.Last{Event: owner, State: social.On}}
	// Warm: what is measured is the write, not its preparation.
	f := store.NewFence(store.Shard{Family: social.FamilyEngagement}, 1)
	must(t, s.PutMember(t.Context(), f, store.Likers, owner, m, store.Count{N: 1, Stamp: f.Next()}))

	end := l.silence()
	defer end()
	m.User++
	err := s.PutMember(t.Context(), f, store.Likers, owner, m, store.Count{N: 2, Stamp: f.Next()})
	if !errors.Is(err, store.ErrUnavailable) || !store.MaybeApplied(err) {
		t.Errorf("a write without an answer: %v, want unavailable and unsure", err)
	}
	if _, err := s.Counts(t.Context(), store.Likers, []snowflake.ID{owner}); !errors.Is(err, store.ErrUnavailable) || store.MaybeApplied(err) {
		t.Errorf("a read without an answer: %v, want unavailable and no word of a write", err)
	}
	end()
	got, c, err := open(t).Member(t.Context(), store.Likers, owner, m.User)
	must(t, err)
	if got != m || c.N != 2 {
		t.Errorf("the write that was sent is not there: %+v, %+v", got, c)
	}
}

// TestLostVerdict: the answers to claims get lost; who won is found out all the
// same, each time.
func TestLostVerdict(t *testing.T) {
	s, l := overLine(t, func(c *Config) { c.Timeout, c.Deadline = 300*time.Millisecond, 20*time.Second })
	id := testID()
	shard := store.Shard{Family: social.FamilyUsers, Number: int(id>>22) & (1<<30 - 1)}
	claim := store.Claim{Event: []byte("mine")}
	now := snowflake.MillisOf(time.Now())
	verdicts := map[string]func(ctx context.Context, round int) (won bool, err error){
		"handle": func(ctx context.Context, round int) (bool, error) {
			a := social.Account{Handle: "Lost" + (id + snowflake.ID(round)).String()[9:], User: social.UserID(id)}
			_, won, err := s.ClaimHandle(ctx, a)
			return won, err
		},
		"key": func(ctx context.Context, round int) (bool, error) {
			_, won, err := s.ClaimKey(ctx, social.UserID(id), keyOf(round), claim)
			return won, err
		},
		"epoch": func(ctx context.Context, round int) (bool, error) {
			e, err := s.TakeEpoch(ctx, shard, store.Epoch(round))
			return e == store.Epoch(round+1), err
		},
		"lease": func(ctx context.Context, _ int) (bool, error) {
			lease, err := s.Take(ctx, now, now+1)
			if err != nil {
				return false, err
			}
			longer, err := s.Extend(ctx, lease, now+5)
			return longer.Until == now+5, err
		},
	}
	for name, ask := range verdicts {
		for round := range 3 {
			if round == 0 {
				// Prepared once, so that what gets lost is the verdict.
				if won, err := ask(t.Context(), round); !won || err != nil {
					t.Fatalf("%s: %t, %v", name, won, err)
				}
				continue
			}
			end := l.silence()
			timer := time.AfterFunc(450*time.Millisecond, end)
			won, err := ask(t.Context(), round)
			timer.Stop()
			end()
			if !won || err != nil {
				t.Errorf("%s, round %d: won %t, %v; want won", name, round, won, err)
			}
		}
	}
}

// TestCutLine: without a node calls fail soon, surely not applied, and go on by
// themselves when it is back.
func TestCutLine(t *testing.T) {
	s, l := overLine(t, func(c *Config) { c.Timeout, c.Deadline = time.Second, 2*time.Second })
	must(t, s.Ping(t.Context()))
	l.setCut(true)
	testenv.Eventually(t, 10*time.Second, func() error {
		if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
			return errors.Join(errors.New("a ping without a line is answered"), err)
		}
		return nil
	})
	tweet := social.Tweet{ID: social.TweetID(testID()), Last: social.Last{Event: testID(), State: social.On}}
	testenv.Eventually(t, 10*time.Second, func() error {
		began := time.Now()
		err := s.PutTweet(t.Context(), store.Fence{}, tweet)
		switch {
		case !errors.Is(err, store.ErrUnavailable):
			return errors.Join(errors.New("a write without a line"), err)
		case store.MaybeApplied(err):
			return err // a connection that died under it; the next try has none
		case time.Since(began) > 4*time.Second:
			return errors.New("a write without a line took too long")
		}
		return nil
	})
	l.setCut(false)
	testenv.Eventually(t, 20*time.Second, func() error { return s.PutTweet(t.Context(), store.Fence{}, tweet) })
}

// TestRebuiltSession: a session that has no hosts any more, and never finds
// them, is replaced.
func TestRebuiltSession(t *testing.T) {
	s, _ := overLine(t, func(c *Config) { c.RebuildAfter = 100 * time.Millisecond })
	dead := s.sessions.use()
	dead.Close()
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("ping over a dead session: %v", err)
	}
	testenv.Eventually(t, 20*time.Second, func() error { return s.Ping(t.Context()) })
	if s.sessions.use() == dead {
		t.Error("the session was not replaced")
	}
}

// answer is an error of a node.
type answer int

func (a answer) Code() int       { return int(a) }
func (a answer) Message() string { return "" }
func (a answer) Error() string   { return "answer" }

func TestJudge(t *testing.T) {
	var (
		refused = outcome{temporary: true}
		sent    = outcome{temporary: true, sent: true}
		wrong   = outcome{}
		nobody  = outcome{temporary: true, hostless: true}
	)
	for _, c := range []struct {
		err  error
		want outcome
	}{
		{gocql.ErrNoConnections, nobody},
		{gocql.ErrSessionClosed, nobody},
		{gocql.ErrNoStreams, refused},
		{gocql.ErrTimeoutNoResponse, sent},
		{gocql.ErrConnectionClosed, sent},
		{context.DeadlineExceeded, sent},
		{errors.New("never heard of"), sent},
		{answer(gocql.ErrCodeUnavailable), refused},
		{answer(gocql.ErrCodeBootstrapping), refused},
		{answer(gocql.ErrCodeOverloaded), sent},
		{answer(gocql.ErrCodeWriteTimeout), sent},
		{answer(gocql.ErrCodeReadTimeout), sent},
		{answer(gocql.ErrCodeWriteFailure), sent},
		{answer(gocql.ErrCodeCASWriteUnknown), sent},
		{answer(gocql.ErrCodeServer), sent},
		{answer(gocql.ErrCodeInvalid), wrong},
		{answer(gocql.ErrCodeSyntax), wrong},
		{answer(gocql.ErrCodeUnauthorized), wrong},
	} {
		if got := judge(c.err); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.err, got, c.want)
		}
		if got := errors.Is(failed(c.err, false), store.ErrUnavailable); got != c.want.temporary {
			t.Errorf("%v: unavailable %t, want %t", c.err, got, c.want.temporary)
		}
	}
}
