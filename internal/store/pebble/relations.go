package storepebble

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// memberLock spreads the relations of one owner over the locks.
func memberLock(r store.Relation, owner snowflake.ID) int64 { return int64(owner) ^ int64(r)<<60 }

// readMember returns the row of a user, zero but for the user where there is none.
func (s *Store) readMember(key []byte, r store.Relation, owner snowflake.ID, user social.UserID) (store.Member, error) {
	m, found, err := read(s, memberKey(key, r, owner, user), func(row []byte) (store.Member, error) { return decodeMember(row, user) })
	if !found {
		m = store.Member{User: user}
	}
	return m, err
}

func (s *Store) readCount(key []byte, r store.Relation, owner snowflake.ID) (store.Count, error) {
	c, _, err := read(s, memberCountKey(key, r, owner), decodeCount)
	return c, err
}

// Member implements [store.Relations].
func (s *Store) Member(ctx context.Context, r store.Relation, owner snowflake.ID, user social.UserID) (store.Member, store.Count, error) {
	m, c, err := s.member(ctx, r, owner, user)
	if err != nil {
		return store.Member{}, store.Count{}, fmt.Errorf("store: read %s %s of %d: %w", r, user, owner, err)
	}
	return m, c, nil
}

func (s *Store) member(ctx context.Context, r store.Relation, owner snowflake.ID, user social.UserID) (m store.Member, c store.Count, err error) {
	if err := s.alive(ctx); err != nil {
		return m, c, err
	}
	// The lock is what makes the two reads one.
	mu := s.locks.of(tabMembers, memberLock(r, owner))
	mu.RLock()
	defer mu.RUnlock()
	key := s.key()
	if m, err = s.readMember(key, r, owner, user); err != nil {
		return m, c, err
	}
	c, err = s.readCount(key, r, owner)
	return m, c, err
}

// PutMember implements [store.Relations].
func (s *Store) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, m store.Member, c store.Count) error {
	err := s.write(ctx, f, tabMembers, memberLock(r, owner), func(b batch) error {
		key := memberKey(s.key(), r, owner, m.User)
		last, _, err := read(s, key, lastOf)
		if err != nil {
			return err
		}
		if last.Judge(m.Last.Event) == social.Newer {
			b.set(key, encodeMember(nil, m))
		}
		return s.putCount(b, memberCountKey(s.key(), r, owner), c)
	})
	if err != nil {
		return fmt.Errorf("store: write %s %s of %d: %w", r, m.User, owner, err)
	}
	return nil
}

// putCount writes a count if its stamp is newer than what stands under key.
func (s *Store) putCount(b batch, key []byte, c store.Count) error {
	was, _, err := read(s, key, decodeCount)
	if err != nil {
		return err
	}
	if c.Stamp.Newer(was.Stamp) {
		b.set(key, encodeCount(nil, c))
	}
	return nil
}

// Recount implements [store.Relations].
func (s *Store) Recount(ctx context.Context, r store.Relation, owner snowflake.ID) (int64, error) {
	var n int64
	err := s.eachMember(ctx, r, owner, 0, func(store.Member) bool { n++; return true })
	if err != nil {
		return 0, fmt.Errorf("store: recount %s of %d: %w", r, owner, err)
	}
	return n, nil
}

// Members implements [store.Relations].
func (s *Store) Members(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, n int) ([]store.Member, error) {
	var out []store.Member
	if n <= 0 {
		return nil, nil
	}
	err := s.eachMember(ctx, r, owner, after, func(m store.Member) bool {
		out = append(out, m)
		return len(out) < n
	})
	if err != nil {
		return nil, fmt.Errorf("store: list %s of %d: %w", r, owner, err)
	}
	return out, nil
}

// eachMember hands the rows that are on to yield, in order of id, until it
// returns false.
func (s *Store) eachMember(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, yield func(store.Member) bool) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	w, err := s.walk(tabMembers)
	if err != nil {
		return err
	}
	defer w.close()
	for ok := w.seekAbove(memberPrefix(w.buf(), r, owner), int64(after)); ok; ok = w.next() {
		row, err := w.row()
		if err != nil {
			return err
		}
		m, err := decodeMember(row, social.UserID(lastID(w.key())))
		if err != nil {
			return err
		}
		if m.Last.State == social.On && !yield(m) {
			return nil
		}
	}
	return w.err()
}

// Has implements [store.Relations].
func (s *Store) Has(ctx context.Context, r store.Relation, keys []store.MemberKey) ([]store.Member, error) {
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: read %d %s: %w", len(keys), r, err)
	}
	out := make([]store.Member, len(keys))
	for i, k := range keys {
		out[i].User = k.User
	}
	err := s.find(len(keys), func(k []byte, i int) []byte { return memberKey(k, r, keys[i].Owner, keys[i].User) }, func(i int, row []byte) (err error) {
		out[i], err = decodeMember(row, keys[i].User)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d %s: %w", len(keys), r, err)
	}
	return out, nil
}

// Counts implements [store.Relations].
func (s *Store) Counts(ctx context.Context, r store.Relation, owners []snowflake.ID) ([]store.Count, error) {
	if err := s.alive(ctx); err != nil {
		return nil, fmt.Errorf("store: read %d counts of %s: %w", len(owners), r, err)
	}
	out := make([]store.Count, len(owners))
	err := s.find(len(owners), func(k []byte, i int) []byte { return memberCountKey(k, r, owners[i]) }, func(i int, row []byte) (err error) {
		out[i], err = decodeCount(row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d counts of %s: %w", len(owners), r, err)
	}
	return out, nil
}
