package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// Back-off between two attempts where the server names no time.
const (
	firstPause = 50 * time.Millisecond
	maxPause   = 2 * time.Second
)

// maxRenewals bounds the log-ins of one ask. More than one is needed where a
// fresh token is lost again at once, as when the server restarts.
const maxRenewals = 3

// client asks the endpoint and waits out what passes. Everything that it sends
// may be sent again: writes carry a key or set a state.
type client struct {
	endpoint string
	http     http.Client
	patience time.Duration
	waits    waits
}

func newClient(o Options) *client {
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			MaxIdleConns:        o.Concurrency + o.SignUps,
			MaxIdleConnsPerHost: o.Concurrency + o.SignUps,
			IdleConnTimeout:     time.Minute,
			DisableCompression:  true,
		}
	}
	return &client{
		endpoint: strings.TrimRight(o.URL, "/") + "/graphql",
		http:     http.Client{Transport: transport, Timeout: o.RequestTimeout},
		patience: o.Patience,
	}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// UnreachableError says that the server gave no usable answer for as long as
// Options.Patience allows.
type UnreachableError struct {
	Endpoint string
	Waited   time.Duration
	Last     error // what the last attempt met
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("importer: no usable answer from %s for %s: %v", e.Endpoint, e.Waited.Round(time.Second), e.Last)
}

func (e *UnreachableError) Unwrap() error { return e.Last }

// ask sends one field per element of items in one document and returns what
// came of each. Fields that may succeed later are sent again until they do;
// faults in the outcomes are final. Who is nil for what needs no viewer.
func (c *client) ask(ctx context.Context, who *session, t template, items []vars) ([]outcome, error) {
	out := make([]outcome, len(items))
	pending := make([]int, len(items))
	for i := range pending {
		pending[i] = i
	}
	r := retry{client: c, who: who}
	for len(pending) > 0 {
		token, err := who.bearer(ctx)
		if err != nil {
			return nil, err
		}
		again := make([]vars, len(pending))
		for i, at := range pending {
			again[i] = items[at]
		}
		sorted, err := c.post(ctx, token, t, again)
		if err != nil {
			if err := r.afterFailure(ctx, err); err != nil {
				return nil, err
			}
			continue
		}
		var later []int
		for i, o := range sorted {
			if r.mayPass(o.fault) {
				later = append(later, pending[i])
			} else {
				out[pending[i]] = o
			}
		}
		pending = later
		if err := r.afterAnswer(ctx, token); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// statusError is an answer that is no GraphQL.
type statusError struct {
	status int
	cause  error
}

func (e *statusError) Error() string {
	return fmt.Sprintf("status %d: %v", e.status, e.cause)
}

// post makes one attempt. Its errors are those of the transport.
func (c *client) post(ctx context.Context, token string, t template, items []vars) ([]outcome, error) {
	body, err := t.body(items)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json, application/json;q=0.9")
	req.Header.Set("User-Agent", "starling-import")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	c.waits.requests.Add(1)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a, err := decodeAnswer(res.Body)
	if err != nil {
		return nil, &statusError{res.StatusCode, err}
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4096)) // so that the connection is used again
	return a.outcomes(len(items)), nil
}

// retry is the state of one ask: how long it has failed, and what the last
// answer asks to wait for.
type retry struct {
	client   *client
	who      *session
	renewals int       // of the log-in, until an answer is accepted
	since    time.Time // first failure of the present row; zero when none
	pause    time.Duration

	// of the answer being sorted
	wait  time.Duration // longest retryAfter
	slow  *fault        // a fault that spends patience
	busy  bool          // a fault that does not
	renew bool
}

// mayPass says whether a field with this fault is worth sending again, and
// notes what must be waited for.
func (r *retry) mayPass(f *fault) bool {
	if f == nil {
		return false
	}
	switch f.code {
	case codeOverloaded:
		r.busy = true
		r.client.waits.overloaded.Add(1)
	case codeRateLimited:
		r.busy = true
		r.client.waits.rateLimited.Add(1)
	case codeTimeout, codeDownstream:
		r.slow = f
		r.client.waits.timeouts.Add(1)
	case codeUnauthenticated:
		if r.who == nil || r.renewals == maxRenewals {
			return false
		}
		r.renew = true
	default:
		return false
	}
	r.wait = max(r.wait, f.retryAfter)
	return true
}

// afterAnswer waits as the answer asks for and gets ready for the next one.
func (r *retry) afterAnswer(ctx context.Context, token string) error {
	wait, slow, busy, renew := r.wait, r.slow, r.busy, r.renew
	r.wait, r.slow, r.busy, r.renew = 0, nil, false, false
	if renew {
		r.renewals++
		if err := r.who.renew(ctx, token); err != nil {
			return err
		}
	}
	if slow != nil {
		return r.spend(ctx, slow, wait)
	}
	r.since = time.Time{}
	if busy {
		return r.sleep(ctx, wait)
	}
	r.pause = 0
	return nil
}

// afterFailure decides about an attempt that brought no answer. Refused and
// broken connections and 5xx are waited for; another status is final.
func (r *retry) afterFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var status *statusError
	if errors.As(err, &status) && status.status < 500 {
		return fmt.Errorf("importer: %s does not answer as a Starling router (is the URL its base?): %w", r.client.endpoint, err)
	}
	r.client.waits.broken.Add(1)
	return r.spend(ctx, err, 0)
}

// spend waits on account of the patience.
func (r *retry) spend(ctx context.Context, last error, wait time.Duration) error {
	now := time.Now()
	if r.since.IsZero() {
		r.since = now
	}
	if waited := now.Sub(r.since); waited >= r.client.patience {
		return &UnreachableError{Endpoint: r.client.endpoint, Waited: waited, Last: last}
	}
	return r.sleep(ctx, wait)
}

// sleep waits for the time that the server named and up to half of it more, or
// for a growing random time, so that clients which were refused together do
// not come back together.
func (r *retry) sleep(ctx context.Context, named time.Duration) error {
	r.pause = min(max(2*r.pause, firstPause), maxPause)
	wait := r.pause/2 + jitter(r.pause/2)
	if named > 0 {
		wait = named + jitter(named/2)
	}
	r.client.waits.waiting.Add(1)
	defer r.client.waits.waiting.Add(-1)
	return sleep(ctx, wait)
}

func jitter(d time.Duration) time.Duration { return rand.N(d + 1) }

// sleep waits for d or until ctx ends, and then returns its cause.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
