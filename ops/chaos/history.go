package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/starlinghq/starling/internal/importer"
)

// history keeps a fleet under load: it imports one generated history after the
// other, each of other people, until it is told to stop.
type history struct {
	options importer.Options
	first   uint64 // seed of the first history

	progress lastLine
	stop     atomic.Bool
	done     chan struct{}
	imported atomic.Int64
	err      error  // written before done is closed
	last     string // likewise: what the last import did
}

// startHistory begins to import.
func startHistory(ctx context.Context, o importer.Options, seed uint64) *history {
	h := &history{options: o, first: seed, done: make(chan struct{})}
	h.options.Progress = &h.progress
	go func() { // ends with h.done, which every caller waits for
		defer close(h.done)
		for !h.stop.Load() {
			h.options.Seed = h.first + uint64(h.imported.Load())
			summary, err := importer.Load(ctx, h.options)
			if err != nil {
				h.err = fmt.Errorf("import %d: %w", h.imported.Load()+1, err)
				return
			}
			h.imported.Add(1)
			h.last = summary.String()
		}
	}()
	return h
}

// at says how far the import is.
func (h *history) at() string {
	percent := "0%"
	if m := percentage.FindString(h.progress.text()); m != "" {
		percent = m
	}
	return fmt.Sprintf("%s of history %d", percent, h.imported.Load()+1)
}

// failed returns why the import has ended early, if it has.
func (h *history) failed() error {
	select {
	case <-h.done:
		return h.err
	default:
		return nil
	}
}

// finish lets the import that is on come to its end.
func (h *history) finish(ctx context.Context) error {
	h.stop.Store(true)
	select {
	case <-h.done:
		return h.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// verify compares everything that was imported.
func (h *history) verify(ctx context.Context) (entries int, err error) {
	o := h.options
	o.Progress = nil
	for i := range h.imported.Load() {
		o.Seed = h.first + uint64(i)
		report, err := importer.Verify(ctx, o)
		if err != nil {
			var different *importer.DifferentError
			if errors.As(err, &different) {
				err = fmt.Errorf("history %d: %w: %s", i+1, err, report)
			}
			return entries, err
		}
		entries += report.FeedEntries
	}
	return entries, nil
}

// lastLine keeps the last line of the import's progress.
type lastLine struct {
	mu   sync.Mutex
	line string // guarded by mu
}

// alternate sends every other request to the second of two routers.
type alternate struct {
	routers []string
	next    atomic.Uint64
	base    http.RoundTripper
}

func newAlternate(routers []string) *alternate {
	return &alternate{routers: routers, base: &http.Transport{
		MaxIdleConns: 64, MaxIdleConnsPerHost: 64, IdleConnTimeout: 10 * time.Second, DisableCompression: true,
	}}
}

// RoundTrip implements http.RoundTripper.
func (a *alternate) RoundTrip(r *http.Request) (*http.Response, error) {
	to, err := url.Parse(a.routers[a.next.Add(1)%uint64(len(a.routers))])
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Host, r.Host = to.Host, to.Host
	return a.base.RoundTrip(r)
}
