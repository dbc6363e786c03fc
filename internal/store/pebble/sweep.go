package storepebble

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// sweepEvery is how often ended keys are forgotten.
const sweepEvery = time.Hour

// Run forgets ended idempotency keys, once an hour, until ctx is done, which is
// no error. A sweep that fails is logged and made up for by the next one.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		n, err := s.Sweep(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.log.LogAttrs(ctx, slog.LevelWarn, "ended idempotency keys not swept", slog.String("error", err.Error()))
		case n > 0:
			s.log.LogAttrs(ctx, slog.LevelDebug, "ended idempotency keys swept", slog.Int("keys", n))
		}
	}
}

// sweepStep bounds what one batch of a sweep forgets.
const sweepStep = 500

// Sweep forgets idempotency keys that have ended, in steps of bounded size, and
// returns how many. Nothing depends on when it runs: an ended key counts as
// absent, swept or not.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	for total := 0; ; {
		n, err := s.sweepStep(ctx)
		total += n
		if err != nil {
			return total, fmt.Errorf("store: sweep keys: %w", err)
		}
		if n < sweepStep {
			return total, nil
		}
	}
}

// expired is an entry of the list of expiries.
type expired struct {
	at    int64
	actor social.UserID
	key   string
}

func (s *Store) sweepStep(ctx context.Context) (int, error) {
	if err := s.alive(ctx); err != nil {
		return 0, err
	}
	ended, err := s.ended(int64(snowflake.MillisOf(s.now())))
	if err != nil {
		return 0, err
	}
	for _, e := range ended {
		if err := s.forget(e); err != nil {
			return 0, err
		}
	}
	return len(ended), nil
}

// ended returns at most sweepStep keys that have ended at now.
func (s *Store) ended(now int64) ([]expired, error) {
	w, err := s.walk(tabExpiries)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var out []expired
	const head = 2 + 2*idLen // space, table, expiry, actor
	for ok := w.seekBelow(tabExpiries.start(w.buf()), 0); ok && len(out) < sweepStep; ok = w.next() {
		k := w.key()
		if len(k) < head {
			return nil, fmt.Errorf("%w: expiry key of %d bytes", errCorrupt, len(k))
		}
		e := expired{
			at:    int64(binary.BigEndian.Uint64(k[2:])),
			actor: social.UserID(binary.BigEndian.Uint64(k[2+idLen:])),
			key:   string(k[head:]),
		}
		if e.at > now {
			break
		}
		out = append(out, e)
	}
	return out, w.err()
}

// forget deletes a key unless it was claimed anew since it ended.
func (s *Store) forget(e expired) error {
	mu := s.locks.ofText(tabClaims, int64(e.actor), e.key)
	mu.Lock()
	defer mu.Unlock()
	k := claimKey(s.key(), e.actor, e.key)
	held, found, err := read(s, k, decodeClaim)
	if err != nil {
		return err
	}
	b := s.newBatch()
	defer b.Close()
	b.delete(expiryKey(s.key(), e.at, e.actor, e.key))
	if found && held.Expires == e.at {
		b.delete(k)
	}
	return s.commit(b)
}
