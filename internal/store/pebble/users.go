package storepebble

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Users implements [store.Users].
func (s *Store) Users(ctx context.Context, ids []social.UserID) ([]*social.User, error) {
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: read %d users: %w", len(ids), err)
	}
	out := make([]*social.User, len(ids))
	err := s.find(len(ids), func(k []byte, i int) []byte { return userKey(k, ids[i]) }, func(i int, row []byte) (err error) {
		out[i], err = decodeUser(row, ids[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d users: %w", len(ids), err)
	}
	return out, nil
}

// PutUser implements [store.Users].
func (s *Store) PutUser(ctx context.Context, f store.Fence, u social.User) error {
	err := s.write(ctx, f, tabUsers, int64(u.ID), func(b batch) error {
		key := userKey(s.key(), u.ID)
		row, found, err := read(s, key, func(row []byte) (*social.User, error) { return decodeUser(row, u.ID) })
		if err != nil {
			return err
		}
		if !found {
			row = &social.User{ID: u.ID}
		}
		if mergeUser(row, u) {
			b.set(key, encodeUser(nil, row))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: write user %s: %w", u.ID, err)
	}
	return nil
}

// mergeUser takes over the fields of u that are newer and tells whether there
// were any. A handle never changes, so any that is there will do.
func mergeUser(row *social.User, u social.User) bool {
	was := *row
	if u.Handle != "" {
		row.Handle = u.Handle
	}
	if u.NameEvent > row.NameEvent {
		row.Name, row.NameEvent = u.Name, u.NameEvent
	}
	if u.BioEvent > row.BioEvent {
		row.Bio, row.BioEvent = u.Bio, u.BioEvent
	}
	return *row != was
}
