package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/starlinghq/starling/internal/importer"
)

// homeScreen is the measure of the whole system: one page of the feed with all
// that is on it.
const homeScreen = `query Home { feed(first: 20) { pageInfo { hasNextPage endCursor } edges { cursor node {
  id text createdAt likeCount commentCount viewerHasLiked
  author { id handle name }
  entities { hashtags { text start end } mentions { text start end } urls { text start end } }
  inReplyTo { id text author { id handle name } }
} } } }`

const postTweet = `mutation Post { postTweet(input: {text: "A tweet of the bench, with a #hashtag and @reed1."}) { tweet { id } userErrors { code } } }`

func load(ctx context.Context, url string, o options) (time.Duration, string, error) {
	began := time.Now()
	summary, err := importer.Load(ctx, importer.Options{URL: url, GraphFile: o.graph, TweetsFile: o.tweets, People: o.people, Seed: 1, Progress: os.Stderr})
	if err != nil {
		return 0, "", err
	}
	fmt.Fprintln(os.Stderr, summary)
	args := " --people " + strconv.Itoa(o.people)
	if o.graph != "" {
		args = " --graph reed98.edges --tweets tweets.txt"
	}
	return time.Since(began), args, nil
}

// client speaks to the endpoint as one person.
type client struct {
	url    string
	token  string
	userID string
}

func (c *client) request(query string, vars map[string]any) ([]byte, http.Header) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		panic(err) // of constants and strings
	}
	h := http.Header{"Content-Type": {"application/json"}}
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
	return body, h
}

// transport keeps enough connections for the load.
var transport = &http.Transport{MaxIdleConnsPerHost: 256}

func (c *client) do(ctx context.Context, query string, vars map[string]any) (json.RawMessage, error) {
	body, h := c.request(query, vars)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = h
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var out struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("%w: %.100s", err, b)
	}
	if len(out.Errors) > 0 {
		return nil, fmt.Errorf("the endpoint answered: %s", out.Errors[0].Message)
	}
	return out.Data, nil
}

// signedIn is how many people take part in the measurements.
const signedIn = 60

func signIn(ctx context.Context, url string, o options) ([]*client, error) {
	plan, err := importer.Options{URL: url, GraphFile: o.graph, TweetsFile: o.tweets, People: o.people, Seed: 1}.Plan()
	if err != nil {
		return nil, err
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	var out []*client
	for _, i := range rnd.Perm(len(plan.Accounts))[:min(signedIn, len(plan.Accounts))] {
		a := plan.Accounts[i]
		c := &client{url: url}
		data, err := c.do(ctx, `mutation($h: String!, $p: String!) { logIn(input: {handle: $h, password: $p}) { token user { id } } }`,
			map[string]any{"h": a.Handle, "p": a.Password})
		if err != nil {
			return nil, err
		}
		var in struct {
			LogIn struct {
				Token string
				User  struct{ ID string }
			}
		}
		if err := json.Unmarshal(data, &in); err != nil {
			return nil, err
		}
		c.token, c.userID = in.LogIn.Token, in.LogIn.User.ID
		out = append(out, c)
	}
	return out, nil
}

// closedLoop returns how many requests a second are answered when 16 clients
// each wait for their answer.
func closedLoop(ctx context.Context, url string, people []*client, length time.Duration, query string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, length+30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	var n atomic.Int64
	var failed atomic.Pointer[error]
	warm := time.Now().Add(2 * time.Second)
	end := warm.Add(length)
	for i := range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := i; time.Now().Before(end); k++ {
				if _, err := people[k%len(people)].do(ctx, query, nil); err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				if time.Now().After(warm) {
					n.Add(1)
				}
			}
		}()
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(n.Load()) / length.Seconds(), nil
}

// latency is what an open loop measured.
type latency struct {
	p50, p99 time.Duration
	failed   int
}

func (l latency) String() string {
	s := fmt.Sprintf("%.1f ms (p50 %.1f ms)", ms(l.p99), ms(l.p50))
	if l.failed > 0 {
		s += fmt.Sprintf(", %d FAILED", l.failed)
	}
	return s
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// openLoop sends requests at a fixed rate, whatever the answers do.
func openLoop(_ context.Context, url string, people []*client, rate float64, length time.Duration, query string) (latency, error) {
	var k atomic.Int64
	target := func(t *vegeta.Target) error {
		c := people[int(k.Add(1))%len(people)]
		t.Method, t.URL = http.MethodPost, url+"/graphql"
		t.Body, t.Header = c.request(query, nil)
		return nil
	}
	attacker := vegeta.NewAttacker(vegeta.Workers(32), vegeta.MaxWorkers(512))
	var took []time.Duration
	l := latency{}
	for r := range attacker.Attack(target, vegeta.Rate{Freq: int(rate), Per: time.Second}, length, "") {
		if r.Code != http.StatusOK || bytes.Contains(r.Body, []byte(`"errors"`)) {
			l.failed++
		}
		took = append(took, r.Latency)
	}
	l.p50, l.p99 = quantiles(took)
	return l, nil
}

func quantiles(took []time.Duration) (p50, p99 time.Duration) {
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}

// visible posts at a fixed rate and looks for every tenth tweet in the feed of
// one of its author's followers until it is there.
func visible(ctx context.Context, url string, people []*client, rate int, length time.Duration) (latency, error) {
	pairs, err := followerPairs(ctx, people)
	if err != nil {
		return latency{}, err
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	l := latency{}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for i := range rate * int(length/time.Second) {
		<-tick.C
		pair := pairs[i%len(pairs)]
		wg.Add(1)
		go func() {
			defer wg.Done()
			d, err := postAndLook(ctx, pair, i%10 == 0)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				l.failed++
			} else if d > 0 {
				took = append(took, d)
			}
		}()
	}
	wg.Wait()
	l.p50, l.p99 = quantiles(took)
	return l, nil
}

type pair struct{ author, follower *client }

// followerPairs finds pairs of people who take part, one following the other.
func followerPairs(ctx context.Context, people []*client) ([]pair, error) {
	var out []pair
	for _, author := range people {
		for _, follower := range people {
			data, err := follower.do(ctx, `query($id: ID!) { user(id: $id) { viewerFollows } }`, map[string]any{"id": author.userID})
			if err != nil {
				return nil, err
			}
			if bytes.Contains(data, []byte("true")) {
				out = append(out, pair{author, follower})
				break
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("none of %d people follow each other", len(people))
	}
	return out, nil
}

func postAndLook(ctx context.Context, p pair, look bool) (time.Duration, error) {
	began := time.Now()
	data, err := p.author.do(ctx, postTweet, nil)
	if err != nil || !look {
		return 0, err
	}
	var posted struct {
		PostTweet struct{ Tweet struct{ ID string } }
	}
	if err := json.Unmarshal(data, &posted); err != nil {
		return 0, err
	}
	for {
		data, err := p.follower.do(ctx, `{ feed(first: 100) { edges { node { id } } } }`, nil)
		if err != nil {
			return 0, err
		}
		if bytes.Contains(data, []byte(posted.PostTweet.Tweet.ID)) {
			return time.Since(began), nil
		}
		if time.Since(began) > 10*time.Second {
			return 0, fmt.Errorf("%s was not visible within 10 s", posted.PostTweet.Tweet.ID)
		}
	}
}
