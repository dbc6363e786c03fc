package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starlinghq/starling/router/internal/execute"
)

// TestLeavingInstance: an instance that ends its connections is about to stop.
// It is not asked for a while, nor are connections to it kept.
func TestLeavingInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counts, dropped := map[string]int{}, 0
		cl := client(t, Subgraph{URLs: []string{"http://a.test/", "http://b.test/"}, Transport: pool{
			transport: func(r *http.Request) (*http.Response, error) {
				counts[r.URL.Host]++
				resp := answer(200, `{"data":null}`)
				if r.URL.Host == "a.test" && counts["a.test"] == 3 {
					resp.Close = true
				}
				return resp, nil
			},
			drop: func() { dropped++ },
		}})
		ask := func(n int) {
			for range n {
				if _, err := fetch(t.Context(), cl, "{}", true); err != nil {
					t.Fatal(err)
				}
			}
		}
		ask(20)
		if counts["a.test"] != 3 || dropped != 1 {
			t.Errorf("calls %v, connections dropped %d times", counts, dropped)
		}
		time.Sleep(2 * time.Second) // of the bubble
		ask(20)
		if counts["a.test"] != 13 {
			t.Errorf("the instance did not come back: %v", counts)
		}
	})
}

// TestUnsentMutation: a mutation that surely reached nobody is sent to another
// instance, once to each; one that may have arrived is not.
func TestUnsentMutation(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for _, c := range []struct {
		name  string
		first error
		up    string // the instance that answers
		calls int
		fails bool
	}{
		{"one down", refused, "b.test", 2, false},
		{"all down", refused, "", 2, true},
		{"cut in the middle", errors.New("reset"), "b.test", 1, true},
	} {
		calls := 0
		cl := client(t, Subgraph{
			URLs: []string{"http://a.test/", "http://b.test/"}, Retries: 1,
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				calls++
				if r.URL.Host == c.up {
					return answer(200, `{"data":null}`), nil
				}
				return nil, c.first
			}),
		})
		_, err := fetch(t.Context(), cl, "{}", true)
		if calls != c.calls || (err != nil) != c.fails {
			t.Errorf("%s: %d calls, error %v", c.name, calls, err)
		}
	}
}

// TestInstances: calls go round; an instance that cannot be reached is left
// alone and comes back.
func TestInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		counts := make(map[string]int)
		cl := client(t, Subgraph{
			URLs: []string{"http://a.test/", "http://b.test/", "http://c.test/"}, Retries: 1,
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				counts[r.URL.Host]++
				if r.URL.Host == "b.test" && down {
					return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
				}
				return answer(200, `{"data":null}`), nil
			}),
		})
		for range 30 {
			if _, err := fetch(t.Context(), cl, "{}", false); err != nil {
				t.Fatalf("a dead instance was felt: %v", err)
			}
		}
		if counts["b.test"] != 1 || counts["a.test"] < 10 || counts["c.test"] < 10 {
			t.Errorf("calls %v", counts)
		}
		down = false
		time.Sleep(2 * time.Second) // of the bubble
		for range 30 {
			if _, err := fetch(t.Context(), cl, "{}", false); err != nil {
				t.Fatal(err)
			}
		}
		if counts["b.test"] < 10 {
			t.Errorf("the instance did not come back: %v", counts)
		}
	})
}

// TestHangingInstance: an instance that takes calls and never answers is left
// alone too; clients that leave say nothing about it.
func TestHangingInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counts := make(map[string]int)
		cl := client(t, Subgraph{
			URLs: []string{"http://hangs.test/", "http://b.test/"}, Timeout: time.Second,
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				counts[r.URL.Host]++
				if r.URL.Host == "hangs.test" {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return answer(200, `{"data":null}`), nil
			}),
		})
		for range 10 {
			ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
			_, _ = fetch(ctx, cl, "{}", false)
			leave()
		}
		left := counts["hangs.test"]
		if left != 5 {
			t.Errorf("clients that left: %v, want it asked each other time", counts)
		}
		slow := 0
		for range 20 {
			if _, err := fetch(t.Context(), cl, "{}", false); err != nil {
				slow++
			}
		}
		if slow != failuresToRest {
			t.Errorf("%d calls waited for it, want %d", slow, failuresToRest)
		}
	})
}

// TestAllInstancesDown: with all of them resting, each is asked all the same:
// it may be back, and a failure to connect costs little.
func TestAllInstancesDown(t *testing.T) {
	calls := 0
	cl := client(t, Subgraph{URLs: []string{"http://a.test/", "http://b.test/"}, Transport: transport(func(*http.Request) (*http.Response, error) {
		calls++
		return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
	})})
	for range 5 {
		if _, err := fetch(t.Context(), cl, "{}", false); code(err) != execute.CodeDownstream {
			t.Errorf("error %v", err)
		}
	}
	if calls != 10 {
		t.Errorf("%d calls, want 10", calls)
	}
}

// TestTooLargeIsNoFailure: an answer that is too large says that the client asked
// for too much, not that the instance is unwell.
func TestTooLargeIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counts := map[string]int{}
		cl := client(t, Subgraph{URLs: []string{"http://a.test/", "http://b.test/"}, Transport: transport(func(r *http.Request) (*http.Response, error) {
			counts[r.URL.Host]++
			if r.URL.Host == "a.test" {
				return answer(200, strings.Repeat("x", 1001)), nil
			}
			return answer(200, `{"data":null}`), nil
		})})
		for range 20 {
			_, _ = fetch(t.Context(), cl, "{}", false)
		}
		if counts["a.test"] != 10 {
			t.Errorf("calls %v, want 10 of each", counts)
		}
	})
}
