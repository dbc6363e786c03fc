package storecassandra

import (
	"context"
	"fmt"
	"strings"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// oneBucket is the bucket of every relation of today. Splitting the followers
// of one user over several is for the day when somebody has too many.
const oneBucket = 0

// relationStatements returns the texts of the three relations. Their tables
// differ in names and in whether there are buckets.
func relationStatements(q func(string) string) (out [4]relationCQL) {
	tables := map[store.Relation]struct{ table, key, user string }{
		store.Followees: {"$users.followees_by_user", "user_id = ?", "followee_id"},
		store.Followers: {"$followers.followers_by_user", "user_id = ? AND bucket = ?", "follower_id"},
		store.Likers:    {"$engagement.likes_by_tweet", "tweet_id = ? AND bucket = ?", "user_id"},
	}
	for r, t := range tables {
		of := func(cql string) string {
			return q(strings.NewReplacer("{table}", t.table, "{key}", t.key, "{user}", t.user).Replace(cql))
		}
		out[r] = relationCQL{
			member:   of(`SELECT {user}, last, count FROM {table} WHERE {key} AND {user} IN (0, ?)`),
			list:     of(`SELECT {user}, last FROM {table} WHERE {key} AND {user} > ? LIMIT ?`),
			states:   of(`SELECT last FROM {table} WHERE {key} AND {user} > 0`),
			has:      of(`SELECT last FROM {table} WHERE {key} AND {user} = ?`),
			count:    of(`SELECT count FROM {table} WHERE {key} AND {user} = 0`),
			put:      of(`UPDATE {table} USING TIMESTAMP ? SET last = (?, ?, ?) WHERE {key} AND {user} = ?`),
			putCount: of(`UPDATE {table} USING TIMESTAMP ? SET count = (?, ?, ?) WHERE {key} AND {user} = 0`),
		}
	}
	return out
}

// partition binds the partition of an owner in a relation, and what follows it.
func partition(r store.Relation, owner snowflake.ID, rest ...any) []any {
	if r == store.Followees {
		return append([]any{int64(owner)}, rest...)
	}
	return append([]any{int64(owner), oneBucket}, rest...)
}

// Member implements [store.Relations].
func (s *Store) Member(ctx context.Context, r store.Relation, owner snowflake.ID, user social.UserID) (m store.Member, c store.Count, err error) {
	var (
		id    int64
		row   memberCell
		count countCell
	)
	err = s.all(ctx, s.cql.relations[r].member, partition(r, owner, int64(user)),
		func() { m, c = store.Member{User: user}, store.Count{} },
		func() {
			if id == 0 {
				c = count.value()
				return
			}
			m = row.value(user)
		},
		&id, &row.event, &row.state, &row.since, &count.epoch, &count.seq, &count.n)
	if err != nil {
		return store.Member{}, store.Count{}, fmt.Errorf("store: read %s %s of %d: %w", r, user, owner, err)
	}
	return m, c, nil
}

// PutMember implements [store.Relations]. Row and count are one batch of one
// partition, each under its own timestamp.
func (s *Store) PutMember(ctx context.Context, _ store.Fence, r store.Relation, owner snowflake.ID, m store.Member, c store.Count) error {
	cql := s.cql.relations[r]
	writes := []statement{{cql.put, bind(timestamp(m.Last.Event), lastValue(m.Last), int64(m.Since), partition(r, owner, int64(m.User)))}}
	if c.Stamp != (store.Stamp{}) {
		at, err := countTimestamp(c.Stamp)
		if err != nil {
			return wrap(err, "write %s %s of %d", r, m.User, owner)
		}
		writes = append(writes, statement{cql.putCount, bind(at, countValue(c), partition(r, owner))})
	}
	return wrap(s.write(ctx, writes...), "write %s %s of %d", r, m.User, owner)
}

// Recount implements [store.Relations].
func (s *Store) Recount(ctx context.Context, r store.Relation, owner snowflake.ID) (n int64, err error) {
	var row memberCell
	n, err = s.countOn(ctx, s.cql.relations[r].states, partition(r, owner), &row.lastCell, &row.since)
	return n, wrap(err, "recount %s of %d", r, owner)
}

// countOn reads the states of a partition and counts those that are on. Rest
// are the destinations behind event and state.
func (s *Store) countOn(ctx context.Context, cql string, args []any, last *lastCell, rest ...any) (n int64, err error) {
	err = s.all(ctx, cql, args, func() { n = 0 }, func() {
		if last.on() {
			n++
		}
	}, append([]any{&last.event, &last.state}, rest...)...)
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Members implements [store.Relations].
func (s *Store) Members(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, n int) ([]store.Member, error) {
	out, _, err := fill(n, int64(max(after, 0)), func(after int64, limit int) (page[store.Member], error) {
		return s.memberPage(ctx, r, owner, after, limit)
	})
	return out, wrap(err, "list %s of %d", r, owner)
}

// memberPage reads at most limit rows above after.
func (s *Store) memberPage(ctx context.Context, r store.Relation, owner snowflake.ID, after int64, limit int) (p page[store.Member], err error) {
	var (
		id  int64
		row memberCell
	)
	err = s.all(ctx, s.cql.relations[r].list, partition(r, owner, after, limit),
		func() { p = page[store.Member]{} },
		func() { p.add(id, row.value(social.UserID(id)), row.on()) },
		&id, &row.event, &row.state, &row.since)
	return p, err
}

// Has implements [store.Relations].
func (s *Store) Has(ctx context.Context, r store.Relation, keys []store.MemberKey) ([]store.Member, error) {
	out := make([]store.Member, len(keys))
	err := each(ctx, len(keys), func(ctx context.Context, i int) error {
		var row memberCell
		_, err := s.one(ctx, s.cql.relations[r].has, partition(r, keys[i].Owner, int64(keys[i].User)), &row.event, &row.state, &row.since)
		out[i] = row.value(keys[i].User)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d %s: %w", len(keys), r, err)
	}
	return out, nil
}

// Counts implements [store.Relations].
func (s *Store) Counts(ctx context.Context, r store.Relation, owners []snowflake.ID) ([]store.Count, error) {
	out := make([]store.Count, len(owners))
	err := each(ctx, len(owners), func(ctx context.Context, i int) error {
		var c countCell
		_, err := s.one(ctx, s.cql.relations[r].count, partition(r, owners[i]), &c.epoch, &c.seq, &c.n)
		out[i] = c.value()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read %d counts of %s: %w", len(owners), r, err)
	}
	return out, nil
}
