package storepebble

import (
	"bytes"
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// ClaimHandle implements [store.Claims].
func (s *Store) ClaimHandle(ctx context.Context, a social.Account) (social.Account, bool, error) {
	holder, err := s.claimHandle(ctx, a)
	if err != nil {
		return social.Account{}, false, fmt.Errorf("store: claim handle %s: %w", a.Handle, err)
	}
	return holder, holder == a, nil
}

func (s *Store) claimHandle(ctx context.Context, a social.Account) (social.Account, error) {
	if err := s.writable(ctx); err != nil {
		return a, err
	}
	folded := store.FoldHandle(a.Handle)
	mu := s.locks.ofText(tabHandles, 0, folded)
	mu.Lock()
	defer mu.Unlock()
	key := handleKey(s.key(), folded)
	holder, found, err := read(s, key, decodeAccount)
	if err != nil || found {
		return holder, err
	}
	b := s.newBatch()
	defer b.Close()
	b.set(key, encodeAccount(nil, &a))
	return a, s.commit(b)
}

// Account implements [store.Claims].
func (s *Store) Account(ctx context.Context, handle string) (social.Account, error) {
	if err := s.alive(ctx); err != nil {
		return social.Account{}, fmt.Errorf("store: read account %.20q: %w", handle, err)
	}
	a, found, err := read(s, handleKey(s.key(), store.FoldHandle(handle)), decodeAccount)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return social.Account{}, fmt.Errorf("store: read account %.20q: %w", handle, err)
	}
	return a, nil
}

// ClaimKey implements [store.Claims].
func (s *Store) ClaimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	holder, err := s.claimKey(ctx, actor, key, c)
	if err != nil {
		return store.Claim{}, false, fmt.Errorf("store: claim key of %s: %w", actor, err)
	}
	return holder, holder.InputHash == c.InputHash && bytes.Equal(holder.Event, c.Event), nil
}

func (s *Store) claimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (store.Claim, error) {
	if err := s.writable(ctx); err != nil {
		return c, err
	}
	mu := s.locks.ofText(tabClaims, int64(actor), key)
	mu.Lock()
	defer mu.Unlock()
	now := snowflake.MillisOf(s.now())
	k := claimKey(s.key(), actor, key)
	held, found, err := read(s, k, decodeClaim)
	if err != nil || found && held.Expires > int64(now) {
		return held.Claim, err
	}
	b := s.newBatch()
	defer b.Close()
	if found {
		b.delete(expiryKey(s.key(), held.Expires, actor, key))
	}
	row := claimRow{Expires: int64(now) + store.KeyTTL.Milliseconds(), Claim: c}
	b.set(k, encodeClaim(nil, &row))
	b.set(expiryKey(s.key(), row.Expires, actor, key), nil)
	return c, s.commit(b)
}

// Key implements [store.Claims].
func (s *Store) Key(ctx context.Context, actor social.UserID, key string) (store.Claim, error) {
	if err := s.alive(ctx); err != nil {
		return store.Claim{}, fmt.Errorf("store: read key of %s: %w", actor, err)
	}
	held, found, err := read(s, claimKey(s.key(), actor, key), decodeClaim)
	if err == nil && (!found || held.Expires <= int64(snowflake.MillisOf(s.now()))) {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Claim{}, fmt.Errorf("store: read key of %s: %w", actor, err)
	}
	return held.Claim, nil
}

// Settle implements [store.Claims].
func (s *Store) Settle(ctx context.Context) error {
	if err := s.alive(ctx); err != nil {
		return fmt.Errorf("store: settle: %w", err)
	}
	if err := s.db.Sync(ctx); err != nil {
		return fmt.Errorf("store: settle: %w", translateCommit(err))
	}
	return nil
}
