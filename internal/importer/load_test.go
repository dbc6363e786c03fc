package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starlinghq/starling/internal/testenv"
)

// smallOptions are those of a history of a dozen people, small enough to be
// loaded many times.
func smallOptions(s *standIn) Options {
	return Options{URL: "http://stand-in", People: 14, Seed: 7, Concurrency: 5, SignUps: 2, Batch: 4, Transport: s}
}

// filesOptions writes a graph and texts. Everybody is joined to 0; those below
// 20 have many friends, the others few.
func filesOptions(t *testing.T, s *standIn, people, lines int) Options {
	t.Helper()
	var graph, tweets strings.Builder
	for a := range people {
		for b := range a {
			if b == 0 || b < 20 && (a+b)%2 == 1 {
				fmt.Fprintf(&graph, "%d %d\n", a, b)
			}
		}
	}
	for i := range lines {
		fmt.Fprintf(&tweets, "Text %d of the test\n", i+1)
	}
	o := Options{URL: "http://stand-in", Concurrency: 8, Transport: s}
	o.GraphFile, o.TweetsFile = filepath.Join(t.TempDir(), "graph"), filepath.Join(t.TempDir(), "tweets")
	for file, text := range map[string]string{o.GraphFile: graph.String(), o.TweetsFile: tweets.String()} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func mustLoad(t *testing.T, o Options) Summary {
	t.Helper()
	summary, err := Load(t.Context(), o)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return summary
}

func mustBeExact(t *testing.T, o Options) Report {
	t.Helper()
	report, err := Verify(t.Context(), o)
	if err != nil {
		t.Fatalf("verify: %v\n%s", err, report)
	}
	return report
}

func TestLoadSendsThePlanAndASecondRunChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn()
		o := filesOptions(t, s, 104, 320)
		plan, err := o.Plan()
		if err != nil {
			t.Fatal(err)
		}
		first := mustLoad(t, o)
		if first.SignedUp != 104 || first.LoggedIn != 0 {
			t.Errorf("first run: %s", first)
		}
		made := s.last
		if want := uint64(1000 + len(plan.Accounts) + len(plan.Tweets) + len(plan.Comments)); made != want {
			t.Errorf("the server made ids up to %d, want %d", made, want)
		}
		mustBeExact(t, o)

		s.calls = map[string]int{}
		second := mustLoad(t, o)
		if s.last != made {
			t.Errorf("the second run made %d new things", s.last-made)
		}
		if second.SignedUp != 0 || second.LoggedIn != 104 {
			t.Errorf("second run: %s", second)
		}
		if n := s.calls["signUp"]; n > o.withDefaults().SignUps {
			t.Errorf("the second run tried %d sign-ups; it should notice that accounts exist", n)
		}
		mustBeExact(t, o)
	})
}

func TestLoadBatchesAllButTweets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn()
		o := filesOptions(t, s, 60, 120)
		mustLoad(t, o)
		plan, _ := o.Plan()
		unbatched := len(plan.Accounts) + len(plan.Tweets)
		batched := len(plan.Follows) + len(plan.Likes) + len(plan.Comments)
		if limit := unbatched + batched/4; s.requests > limit {
			t.Errorf("%d requests for %d fields, want at most %d", s.requests, unbatched+batched, limit)
		}
	})
}

// trouble fails at random, and less and less, so that every run ends.
type trouble struct {
	random *rand.Rand
	left   int
}

func (tr *trouble) strikes() bool {
	if tr.left == 0 || tr.random.IntN(3) > 0 {
		return false
	}
	tr.left--
	return true
}

func (tr *trouble) mood(string) mood {
	if !tr.strikes() {
		return mood{}
	}
	return []mood{
		{code: codeOverloaded, retryAfter: 1},
		{code: codeRateLimited, retryAfter: 0.5},
		{code: codeOverloaded},
		{code: codeTimeout},
		{code: codeTimeout, apply: true},
		{code: codeDownstream, apply: true},
	}[tr.random.IntN(6)]
}

func (tr *trouble) line() lineState {
	if !tr.strikes() {
		return lineUp
	}
	return []lineState{lineDown, lineCut, lineJunk}[tr.random.IntN(3)]
}

func TestLoadIsExactThroughEveryTrouble(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStandIn()
				o := smallOptions(s)
				tr := &trouble{random: rand.New(rand.NewPCG(seed, 1)), left: 150}
				s.mood, s.line = tr.mood, tr.line
				summary := mustLoad(t, o)
				if tr.left > 0 {
					t.Errorf("%d troubles did not strike", tr.left)
				}
				if summary.Waits == "" {
					t.Error("the summary hides the waits")
				}
				plan, _ := o.Plan()
				if want := uint64(1000 + len(plan.Accounts) + len(plan.Tweets) + len(plan.Comments)); s.last != want {
					t.Errorf("the server made ids up to %d, want %d: something was made twice", s.last, want)
				}
				s.mood, s.line = nil, nil
				mustBeExact(t, o)
			})
		})
	}
}

// Over real sockets: connections are kept, and one that the server drops in
// the middle of an answer costs nothing but a repeat.
func TestLoadOverHTTPKeepsItsConnections(t *testing.T) {
	s := newStandIn()
	var opened, served atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		res, err := s.RoundTrip(r)
		if err != nil || served.Add(1)%100 == 0 {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.Copy(w, res.Body)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	o := filesOptions(t, s, 40, 200)
	o.URL, o.Transport = server.URL+"/", nil
	summary := mustLoad(t, o)
	if limit := 2*int64(o.Concurrency+o.withDefaults().SignUps) + served.Load()/100; opened.Load() > limit {
		t.Errorf("%d connections for %d requests, want at most %d", opened.Load(), summary.Requests, limit)
	}
	if !strings.Contains(summary.Waits, "no answer") {
		t.Errorf("no connection was dropped: %s", summary)
	}
	mustBeExact(t, o)
}

func TestRealDataIsExactThroughTrouble(t *testing.T) {
	graph, tweets := testenv.Shared(t, "data", "reed98.edges"), testenv.Shared(t, "data", "tweets.txt")
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn()
		tr := &trouble{random: rand.New(rand.NewPCG(98, 1)), left: 10_000}
		s.mood, s.line = tr.mood, tr.line
		o := Options{
			URL: "http://stand-in", Transport: s,
			GraphFile: graph, TweetsFile: tweets,
		}
		mustLoad(t, o)
		if tr.left > 0 {
			t.Errorf("%d troubles did not strike", tr.left)
		}
		s.mood, s.line = nil, nil
		report := mustBeExact(t, o)
		t.Log(report)
	})
}

func TestLoadResumesAfterItsOwnDeath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn()
		o := smallOptions(s)
		for after := 20; ; after += 40 { // each run gets further than the one before
			ctx, kill := context.WithCancel(t.Context())
			budget := after
			s.line = func() lineState {
				if budget--; budget < 0 {
					kill()
				}
				return lineUp
			}
			_, err := Load(ctx, o)
			kill()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("killed run: %v", err)
			}
		}
		s.line = nil
		mustBeExact(t, o)
	})
}

func TestLoadWaitsForAServerThatIsAway(t *testing.T) {
	for _, c := range []struct {
		name string
		away time.Duration
		ends bool
	}{
		{"less than its patience", 90 * time.Second, true},
		{"more than its patience", 150 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStandIn()
				o := smallOptions(s)
				o.Patience = 2 * time.Minute
				start := time.Now()
				s.line = func() lineState {
					if s.requests > 100 && time.Since(start) < c.away {
						return lineDown
					}
					return lineUp
				}
				_, err := Load(t.Context(), o)
				if c.ends {
					if err != nil {
						t.Fatal(err)
					}
					mustBeExact(t, o)
					return
				}
				var away *UnreachableError
				if !errors.As(err, &away) || !errors.Is(err, errLine) {
					t.Fatalf("got %v, want an UnreachableError because of the line", err)
				}
			})
		})
	}
}

func TestLoadWaitsOutOverloadFarBeyondItsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn()
		o := smallOptions(s)
		o.Patience = time.Second
		start := time.Now()
		s.mood = func(string) mood {
			if time.Since(start) < time.Hour {
				return mood{code: codeOverloaded, retryAfter: 7}
			}
			return mood{}
		}
		mustLoad(t, o)
		// Two sign-ups in flight, once every 7 to 10.5 s each.
		if n := s.calls["signUp"]; n > 2*3600/7+2*o.People {
			t.Errorf("%d sign-ups: retryAfter is not honoured", n)
		}
	})
}

func TestLoadLogsInAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn()
		o := smallOptions(s)
		s.line = func() lineState {
			if s.requests%60 == 0 {
				clear(s.tokens)
			}
			return lineUp
		}
		summary := mustLoad(t, o)
		if summary.LoggedIn == 0 {
			t.Error("nobody logged in again")
		}
		s.line = nil
		mustBeExact(t, o)
	})
}

func TestLoadStopsAtARefusalAndNamesIt(t *testing.T) {
	refuse := func(field, code string) func(string) mood {
		return func(f string) mood {
			if f == field {
				return mood{code: code}
			}
			return mood{}
		}
	}
	for _, c := range []struct {
		name  string
		setUp func(*standIn)
		want  []string
	}{
		{"internal error", func(s *standIn) { s.mood = refuse("postTweet", "INTERNAL") }, []string{"tweet line ", " by ", "(key tweet-", "INTERNAL", "trace feed"}},
		{"like", func(s *standIn) { s.mood = refuse("likeTweet", "FORBIDDEN") }, []string{"like of line ", "FORBIDDEN"}},
		{"comment", func(s *standIn) { s.mood = refuse("commentOnTweet", "BAD_USER_INPUT") }, []string{"comment by ", "(key comment-", "BAD_USER_INPUT"}},
		{"follow", func(s *standIn) { s.mood = refuse("follow", "GRAPHQL_VALIDATION_FAILED") }, []string{"follow of ", "GRAPHQL_VALIDATION_FAILED"}},
		{"log-in that does not help", func(s *standIn) { s.mood = refuse("follow", codeUnauthenticated) }, []string{"follow of ", codeUnauthenticated}},
		{"another password", func(s *standIn) {
			handle := GeneratePlan(14, 7).handle(3)
			s.byHandle[handle] = &standUser{id: "u1", handle: handle, password: "another"}
		}, []string{"account " + GeneratePlan(14, 7).handle(3), codeWrongCredentials}},
		{"a key with another input", func(s *standIn) {
			a := GeneratePlan(14, 7).Accounts[0]
			s.byHandle[a.Handle] = &standUser{id: "u1", handle: a.Handle, password: a.Password}
			s.users = append(s.users, s.byHandle[a.Handle])
			s.keys["u1/tweet-1"], s.inputs["u1/tweet-1"] = "t1", "another"
		}, []string{"line 1 by ", "BAD_USER_INPUT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStandIn()
				c.setUp(s)
				_, err := Load(t.Context(), smallOptions(s))
				var refusal *RefusedError
				if !errors.As(err, &refusal) {
					t.Fatalf("got %v, want a RefusedError", err)
				}
				for _, want := range c.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q does not name %q", err, want)
					}
				}
			})
		})
	}
}

func TestLoadRefusesWhatIsNoRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := smallOptions(nil)
		o.Transport = roundTrip(404)
		_, err := Load(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "is the URL its base?") {
			t.Errorf("got %v, want a hint at the URL", err)
		}
	})
}
