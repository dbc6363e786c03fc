package storecassandra

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Users implements [store.Users].
func (s *Store) Users(ctx context.Context, ids []social.UserID) ([]*social.User, error) {
	out := make([]*social.User, len(ids))
	err := each(ctx, len(ids), func(ctx context.Context, i int) error {
		var (
			handle    string
			name, bio fieldCell
		)
		found, err := s.one(ctx, s.cql.user, []any{int64(ids[i])}, &handle, &name.event, &name.text, &bio.event, &bio.text)
		if err != nil || !found {
			return err
		}
		out[i] = &social.User{
			ID: ids[i], Handle: handle,
			Name: name.text, NameEvent: snowflake.ID(name.event), Bio: bio.text, BioEvent: snowflake.ID(bio.event),
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d users: %w", len(ids), err)
	}
	return out, nil
}

// PutUser implements [store.Users]: each field is one cell under its event, so
// that nothing has to be read.
func (s *Store) PutUser(ctx context.Context, _ store.Fence, u social.User) error {
	if err := gone(ctx); err != nil {
		return wrap(err, "write user %s", u.ID)
	}
	var writes []statement
	put := func(cql string, event snowflake.ID, value any) {
		writes = append(writes, statement{cql, bind(timestamp(event), value, int64(u.ID))})
	}
	if u.NameEvent != 0 {
		put(s.cql.putName, u.NameEvent, fieldValue(u.NameEvent, u.Name))
	}
	if u.BioEvent != 0 {
		put(s.cql.putBio, u.BioEvent, fieldValue(u.BioEvent, u.Bio))
	}
	if u.Handle != "" { // never changes, so that its user's birth will do
		put(s.cql.putHandle, snowflake.ID(u.ID), u.Handle)
	}
	if len(writes) == 0 {
		return nil
	}
	return wrap(s.write(ctx, writes...), "write user %s", u.ID)
}
