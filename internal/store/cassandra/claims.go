package storecassandra

import (
	"bytes"
	"context"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// ClaimHandle implements [store.Claims].
func (s *Store) ClaimHandle(ctx context.Context, a social.Account) (social.Account, bool, error) {
	handle := store.FoldHandle(a.Handle)
	holder := a
	err := s.decide(ctx, func(ctx context.Context, g *gocql.Session) error {
		applied, row, err := s.apply(ctx, g, s.cql.claimHandle, []any{handle, a.Handle, int64(a.User), a.Name, a.PasswordHash})
		if err != nil || applied {
			return err
		}
		holder = social.Account{
			Handle: column[string](row, "written"), User: social.UserID(column[int64](row, "user_id")),
			Name: column[string](row, "name"), PasswordHash: column[string](row, "password_hash"),
		}
		return nil
	}, func(ctx context.Context, g *gocql.Session) (found bool, err error) {
		var row accountRow
		found, err = s.serial(ctx, g, s.cql.account, []any{handle}, row.dest()...)
		if found {
			holder = row.account()
		}
		return found, err
	})
	if err != nil {
		return social.Account{}, false, fmt.Errorf("store: claim handle %s: %w", a.Handle, err)
	}
	return holder, holder == a, nil
}

// column returns a column of a row that stood in the way, zero if it is null.
func column[T any](row map[string]any, name string) T {
	v, _ := row[name].(T)
	return v
}

// accountRow is social.Account on its way from a row.
type accountRow struct {
	user                int64
	handle, name, crypt string
}

func (r *accountRow) dest() []any { return []any{&r.handle, &r.user, &r.name, &r.crypt} }

func (r *accountRow) account() social.Account {
	return social.Account{Handle: r.handle, User: social.UserID(r.user), Name: r.name, PasswordHash: r.crypt}
}

// Account implements [store.Claims].
func (s *Store) Account(ctx context.Context, handle string) (social.Account, error) {
	var row accountRow
	found, err := s.one(ctx, s.cql.account, []any{store.FoldHandle(handle)}, row.dest()...)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return social.Account{}, fmt.Errorf("store: read account %.20q: %w", handle, err)
	}
	return row.account(), nil
}

// ClaimKey implements [store.Claims]. The nodes end it by their clock.
func (s *Store) ClaimKey(ctx context.Context, actor social.UserID, key string, c store.Claim) (store.Claim, bool, error) {
	holder := c
	err := s.decide(ctx, func(ctx context.Context, g *gocql.Session) error {
		applied, row, err := s.apply(ctx, g, s.cql.claimKey, []any{int64(actor), key, c.Event, c.InputHash[:], int(store.KeyTTL.Seconds())})
		if err != nil || applied {
			return err
		}
		holder = store.Claim{Event: column[[]byte](row, "event")}
		copy(holder.InputHash[:], column[[]byte](row, "input_hash"))
		return nil
	}, func(ctx context.Context, g *gocql.Session) (found bool, err error) {
		var row claimRow
		found, err = s.serial(ctx, g, s.cql.key, []any{int64(actor), key}, &row.event, &row.hash)
		if found {
			holder = row.claim()
		}
		return found, err
	})
	if err != nil {
		return store.Claim{}, false, fmt.Errorf("store: claim key of %s: %w", actor, err)
	}
	return holder, holder.InputHash == c.InputHash && bytes.Equal(holder.Event, c.Event), nil
}

// claimRow is store.Claim on its way from a row.
type claimRow struct{ event, hash []byte }

func (r claimRow) claim() store.Claim {
	c := store.Claim{Event: r.event}
	copy(c.InputHash[:], r.hash)
	return c
}

// Key implements [store.Claims].
func (s *Store) Key(ctx context.Context, actor social.UserID, key string) (store.Claim, error) {
	var row claimRow
	found, err := s.one(ctx, s.cql.key, []any{int64(actor), key}, &row.event, &row.hash)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Claim{}, fmt.Errorf("store: read key of %s: %w", actor, err)
	}
	return row.claim(), nil
}

// Settle implements [store.Claims]: a claim that was answered is on a quorum of
// nodes, which have it in their commit logs.
func (s *Store) Settle(ctx context.Context) error { return wrap(gone(ctx), "settle") }
