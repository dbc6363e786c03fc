package viewer

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
)

const (
	fetchTimeout = 5 * time.Second

	// nudgeEvery bounds how often unknown key ids, which anybody can make up, cause a fetch.
	nudgeEvery = 10 * time.Second

	maxKeySet = 1 << 20
)

// Run keeps the keys of issuers with a URL: it fetches them at once, every Config.Refresh and soon after a token named an
// unknown key, and holds on to the last good set. It returns nil when ctx is done.
func (v *Verifier) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, is := range v.issuers {
		if is.url != "" {
			wg.Go(func() { v.follow(ctx, is) })
		}
	}
	wg.Wait()
	<-ctx.Done()
	return nil
}

// Ready says whether the keys of every issuer are there.
func (v *Verifier) Ready() error {
	for _, is := range v.issuers {
		if is.source == nil && is.keys.Load() == nil {
			return fmt.Errorf("viewer: %w: no keys of issuer %q yet", ErrUnavailable, is.name)
		}
	}
	return nil
}

func (v *Verifier) follow(ctx context.Context, is *issuer) {
	backoff := time.Second
	for {
		wait := v.refresh
		err := v.fetch(ctx, is)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			v.log.WarnContext(ctx, "cannot fetch an issuer's keys", "issuer", is.name, "error", err)
			wait, backoff = min(backoff, v.refresh), min(2*backoff, time.Minute)
		} else {
			backoff = time.Second
		}
		if !is.pause(ctx, wait) {
			return
		}
	}
}

// pause waits until it is time to fetch; false when ctx is done.
func (is *issuer) pause(ctx context.Context, wait time.Duration) bool {
	due := time.NewTimer(wait)
	defer due.Stop()
	soonest := time.NewTimer(min(wait, nudgeEvery))
	defer soonest.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-soonest.C:
	}
	select {
	case <-ctx.Done():
		return false
	case <-due.C:
	case <-is.nudge:
	}
	return true
}

// fetch reads the key set at the URL once; the library's own refresher would be a goroutine that nobody waits for.
func (v *Verifier) fetch(ctx context.Context, is *issuer) error {
	client := *v.client
	client.Transport = bounded{client.Transport}
	store, err := jwkset.NewStorageFromHTTP(is.url, jwkset.HTTPClientStorageOptions{
		Ctx: ctx, Client: &client, HTTPTimeout: fetchTimeout,
	})
	if err != nil {
		return err
	}
	all, err := store.KeyReadAll(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errNoKeys
	}
	keys, err := signing(store)
	if err != nil {
		return err
	}
	is.keys.Store(&keys)
	return nil
}

// bounded cuts answers at maxKeySet.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	next := b.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxKeySet)
	return resp, nil
}
