package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// checkThenSet looks, and sets what it found free a moment later.
type checkThenSet struct{ *model }

func (s checkThenSet) ClaimHandle(ctx context.Context, a social.Account) (social.Account, bool, error) {
	held, err := s.Account(ctx, a.Handle)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return held, held == a, err
	}
	pause()
	err = s.do(ctx, func() { s.handles[s.fold(a.Handle)] = a })
	return a, true, err
}

func (s checkThenSet) ClaimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	held, err := s.Key(ctx, actor, key)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return held, sameClaim(held, c), err
	}
	pause()
	err = s.do(ctx, func() { s.keys[keyOf{actor, key}] = keyRow{c, s.clock.Add(store.KeyTTL)} })
	return c, true, err
}

func (s checkThenSet) TakeEpoch(ctx context.Context, shard store.Shard, read store.Epoch) (store.Epoch, error) {
	is, err := s.Epoch(ctx, shard)
	if err != nil {
		return 0, err
	}
	if is != read {
		return 0, store.ErrStale
	}
	pause()
	err = s.do(ctx, func() { s.epochs[shard] = read + 1 })
	return read + 1, err
}

type lastClaim struct{ *model }

func (s lastClaim) ClaimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	err := s.do(ctx, func() { s.keys[keyOf{actor, key}] = keyRow{c, s.clock.Add(store.KeyTTL)} })
	return c, true, err
}

type alwaysWon struct{ *model }

func (s alwaysWon) ClaimHandle(ctx context.Context, a social.Account) (social.Account, bool, error) {
	holder, _, err := s.model.ClaimHandle(ctx, a)
	return holder, true, err
}

type oneActor struct{ *model }

func (s oneActor) ClaimKey(ctx context.Context, _ social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	return s.model.ClaimKey(ctx, 0, key, c)
}

func (s oneActor) Key(ctx context.Context, _ social.UserID, key string) (store.Claim, error) {
	return s.model.Key(ctx, 0, key)
}

// shifted claims keys as if they ended at another time.
func (m *model) shifted(ctx context.Context, by time.Duration, actor social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	holder, won, err := m.ClaimKey(ctx, actor, key, c)
	if won {
		err = m.do(ctx, func() { m.keys[keyOf{actor, key}] = keyRow{c, m.clock.Add(store.KeyTTL + by)} })
	}
	return holder, won, err
}

type endless struct{ *model }

func (s endless) ClaimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	return s.shifted(ctx, 1000*time.Hour, actor, key, c)
}

type earlyEnd struct{ *model }

func (s earlyEnd) ClaimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	return s.shifted(ctx, -time.Hour, actor, key, c)
}

type blindEpochs struct{ *model }

func (s blindEpochs) TakeEpoch(ctx context.Context, shard store.Shard, _ store.Epoch) (e store.Epoch, err error) {
	err = s.do(ctx, func() {
		s.epochs[shard]++
		e = s.epochs[shard]
	})
	return e, err
}

type oneFamily struct{ *model }

func (s oneFamily) Epoch(ctx context.Context, shard store.Shard) (store.Epoch, error) {
	return s.model.Epoch(ctx, store.Shard{Number: shard.Number})
}

func (s oneFamily) TakeEpoch(ctx context.Context, shard store.Shard, read store.Epoch) (store.Epoch, error) {
	return s.model.TakeEpoch(ctx, store.Shard{Number: shard.Number}, read)
}

type earlyLease struct{ *model }

func (s earlyLease) Take(ctx context.Context, now, until snowflake.Millis) (snowflake.Lease, error) {
	l, err := s.model.Take(ctx, now+15, until)
	if err == nil {
		l.From = now
	}
	return l, err
}

type oneNode struct{ *model }

func (s oneNode) Take(ctx context.Context, now, until snowflake.Millis) (l snowflake.Lease, err error) {
	err = s.do(ctx, func() { l = snowflake.Lease{From: now, Until: until, Token: 1} })
	return l, err
}

type everybodysLease struct{ *model }

func (s everybodysLease) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (snowflake.Lease, error) {
	got, err := s.model.Extend(ctx, l, until)
	if errors.Is(err, snowflake.ErrLeaseLost) {
		l.Until = max(l.Until, until)
		return l, nil
	}
	return got, err
}

type shrinkingLease struct{ *model }

func (s shrinkingLease) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (snowflake.Lease, error) {
	got, err := s.model.Extend(ctx, l, until)
	got.Until = until
	return got, err
}

// writesFirst finds that the caller has gone when it has written.
type writesFirst struct{ *model }

func (s writesFirst) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	if err := s.model.PutMember(context.WithoutCancel(ctx), f, r, owner, row, c); err != nil {
		return err
	}
	return ctx.Err()
}

type noContext struct{ *model }

func (s noContext) Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error) {
	return s.model.Tweets(context.WithoutCancel(ctx), ids)
}

type away struct{ *model }

func (s away) Ping(context.Context) error { return store.ErrUnavailable }
