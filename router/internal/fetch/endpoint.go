package fetch

import (
	"net/url"
	"sync"
	"time"
)

// endpoint is one instance of a subgraph.
type endpoint struct {
	url *url.URL

	mu       sync.Mutex
	failures int       // in a row
	until    time.Time // left alone until then
}

// endpoints takes turns.
type endpoints struct {
	list []*endpoint

	mu   sync.Mutex
	next int
}

const (
	// failuresToRest is how many failures in a row take an instance out.
	failuresToRest = 3
	restFirst      = time.Second
	restLongest    = 30 * time.Second
)

// pick returns the next instance that is not resting; with all resting, the
// next one: asking is better than refusing. except is not returned unless it
// is the only one.
func (e *endpoints) pick(now time.Time, except *endpoint) *endpoint {
	if len(e.list) == 1 {
		return e.list[0]
	}
	e.mu.Lock()
	start := e.next
	e.next = (e.next + 1) % len(e.list)
	e.mu.Unlock()
	var fallback *endpoint
	for i := range e.list {
		ep := e.list[(start+i)%len(e.list)]
		if ep == except {
			continue
		}
		if !ep.resting(now) {
			return ep
		}
		if fallback == nil {
			fallback = ep
		}
	}
	return fallback
}

func (e *endpoint) resting(now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return now.Before(e.until)
}

// succeeded puts the instance back.
func (e *endpoint) succeeded() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures, e.until = 0, time.Time{}
}

// leaves lets an instance that is about to stop rest until it has.
func (e *endpoint) leaves(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures, e.until = 0, now.Add(restFirst)
}

// failed counts a failure; from the third in a row on the instance rests, for
// longer each time. A failure to connect rests it at once.
func (e *endpoint) failed(now time.Time, down bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures++
	if down {
		e.failures = max(e.failures, failuresToRest)
	}
	if e.failures < failuresToRest {
		return
	}
	rest := restFirst << min(e.failures-failuresToRest, 5)
	e.until = now.Add(min(rest, restLongest))
}
