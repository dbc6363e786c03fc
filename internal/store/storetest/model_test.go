package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// model is the seam in memory, as simple as it can be said. It is the control
// of the suite: as it stands it has to pass, and each of its broken variants
// (faults_test.go) has to fail.
type model struct {
	// strict refuses what a superseded owner writes. Otherwise it is fenced as a
	// wide-column store fences: rows by their events, counts by their stamps.
	strict bool
	// The comparisons that everything rests on; faults replace them.
	newer      func(was, is social.Last) bool
	newerCount func(was, is store.Stamp) bool
	fold       func(handle string) string
	month      func(social.CommentID) int // the partition of a comment

	mu       sync.Mutex // guards all below
	clock    time.Time
	tweets   map[social.TweetID]social.Tweet
	logs     map[social.UserID]map[social.TweetID]social.LogEntry
	users    map[social.UserID]social.User
	members  map[countOf]map[social.UserID]store.Member
	counts   map[countOf]store.Count
	likes    map[likeOf]likedRow
	comments map[social.CommentID]social.Comment
	handles  map[string]social.Account
	keys     map[keyOf]keyRow
	epochs   map[store.Shard]store.Epoch
	leases   [snowflake.Nodes]snowflake.Lease
}

type (
	countOf struct {
		relation store.Relation // 0: comments
		owner    snowflake.ID
		month    int
	}
	likeOf struct {
		user  social.UserID
		since snowflake.ID
	}
	likedRow struct {
		tweet social.TweetID
		last  social.Last
	}
	keyOf struct {
		actor social.UserID
		key   string
	}
	keyRow struct {
		store.Claim
		ends time.Time
	}
)

var _ store.Store = (*model)(nil)

func newModel() *model {
	return &model{
		newer:      func(was, is social.Last) bool { return was.Judge(is.Event) == social.Newer },
		newerCount: func(was, is store.Stamp) bool { return is.Newer(was) },
		fold:       store.FoldHandle,
		month: func(id social.CommentID) int {
			at := snowflake.ID(id).Time()
			return at.Year()*12 + int(at.Month())
		},
		clock:    time.Now(),
		tweets:   map[social.TweetID]social.Tweet{},
		logs:     map[social.UserID]map[social.TweetID]social.LogEntry{},
		users:    map[social.UserID]social.User{},
		members:  map[countOf]map[social.UserID]store.Member{},
		counts:   map[countOf]store.Count{},
		likes:    map[likeOf]likedRow{},
		comments: map[social.CommentID]social.Comment{},
		handles:  map[string]social.Account{},
		keys:     map[keyOf]keyRow{},
		epochs:   map[store.Shard]store.Epoch{},
	}
}

// do runs f under the lock, for a caller who is there.
func (m *model) do(ctx context.Context, f func()) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, ctx.Err())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
	return nil
}

// apply is do for a write of an owner.
func (m *model) apply(ctx context.Context, f store.Fence, write func()) error {
	stale := false
	err := m.do(ctx, func() {
		if stale = m.strict && m.epochs[f.Shard] != f.Epoch; !stale {
			write()
		}
	})
	if stale {
		return store.ErrStale
	}
	return err
}

// lookUp returns copies of the rows of ids.
func lookUp[K comparable, V any](rows map[K]V, ids []K) []*V {
	out := make([]*V, len(ids))
	for i, id := range ids {
		if row, ok := rows[id]; ok {
			out[i] = &row
		}
	}
	return out
}

func (m *model) Tweets(ctx context.Context, ids []social.TweetID) (out []*social.Tweet, err error) {
	err = m.do(ctx, func() { out = lookUp(m.tweets, ids) })
	return out, err
}

func (m *model) PutTweet(ctx context.Context, f store.Fence, t social.Tweet) error {
	return m.apply(ctx, f, func() {
		if m.newer(m.tweets[t.ID].Last, t.Last) {
			m.tweets[t.ID] = t
		}
	})
}

func (m *model) LogTweet(ctx context.Context, f store.Fence, author social.UserID, e social.LogEntry) error {
	return m.apply(ctx, f, func() {
		if m.logs[author] == nil {
			m.logs[author] = map[social.TweetID]social.LogEntry{}
		}
		m.logs[author][e.Tweet] = e
	})
}

// page returns at most n of the rows that keep lets through, in the order of
// less.
func page[K comparable, V any](rows map[K]V, n int, keep func(K, V) bool, order func(a, b V) int) []V {
	var out []V
	for k, v := range rows {
		if keep(k, v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, order)
	return out[:min(n, len(out))]
}

func below[T ~int64](id, before T) bool { return before == 0 || id < before }

func (m *model) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) (out [][]social.LogEntry, err error) {
	err = m.do(ctx, func() {
		for _, author := range authors {
			out = append(out, page(m.logs[author], n,
				func(id social.TweetID, _ social.LogEntry) bool { return below(id, before) },
				func(a, b social.LogEntry) int { return cmp.Compare(b.Tweet, a.Tweet) }))
		}
	})
	return out, err
}

func (m *model) Users(ctx context.Context, ids []social.UserID) (out []*social.User, err error) {
	err = m.do(ctx, func() { out = lookUp(m.users, ids) })
	return out, err
}

func (m *model) PutUser(ctx context.Context, f store.Fence, u social.User) error {
	return m.apply(ctx, f, func() {
		row := m.users[u.ID]
		row.ID = u.ID
		if u.Handle != "" {
			row.Handle = u.Handle
		}
		if m.newer(social.Last{Event: row.NameEvent}, social.Last{Event: u.NameEvent}) {
			row.Name, row.NameEvent = u.Name, u.NameEvent
		}
		if m.newer(social.Last{Event: row.BioEvent}, social.Last{Event: u.BioEvent}) {
			row.Bio, row.BioEvent = u.Bio, u.BioEvent
		}
		m.users[u.ID] = row
	})
}

func (m *model) Member(ctx context.Context, r store.Relation, owner snowflake.ID, user social.UserID) (row store.Member, c store.Count, err error) {
	err = m.do(ctx, func() {
		key := countOf{relation: r, owner: owner}
		row, c = m.members[key][user], m.counts[key]
	})
	return row, c, err
}

func (m *model) PutMember(ctx context.Context, f store.Fence, r store.Relation, owner snowflake.ID, row store.Member, c store.Count) error {
	return m.apply(ctx, f, func() {
		m.putRow(r, owner, row)
		m.putCount(countOf{relation: r, owner: owner}, c)
	})
}

func (m *model) putRow(r store.Relation, owner snowflake.ID, row store.Member) {
	key := countOf{relation: r, owner: owner}
	if m.members[key] == nil {
		m.members[key] = map[social.UserID]store.Member{}
	}
	if m.newer(m.members[key][row.User].Last, row.Last) {
		m.members[key][row.User] = row
	}
}

func (m *model) putCount(key countOf, c store.Count) {
	if m.newerCount(m.counts[key].Stamp, c.Stamp) {
		m.counts[key] = c
	}
}

// liveMembers returns the rows of a relation that are on, in order.
func (m *model) liveMembers(r store.Relation, owner snowflake.ID, after social.UserID, n int) []store.Member {
	return page(m.members[countOf{relation: r, owner: owner}], n,
		func(user social.UserID, row store.Member) bool { return user > after && row.Last.State == social.On },
		func(a, b store.Member) int { return cmp.Compare(a.User, b.User) })
}

func (m *model) Recount(ctx context.Context, r store.Relation, owner snowflake.ID) (n int64, err error) {
	err = m.do(ctx, func() { n = int64(len(m.liveMembers(r, owner, 0, 1<<30))) })
	return n, err
}

func (m *model) Members(ctx context.Context, r store.Relation, owner snowflake.ID, after social.UserID, n int) (out []store.Member, err error) {
	err = m.do(ctx, func() { out = m.liveMembers(r, owner, after, n) })
	return out, err
}

func (m *model) Has(ctx context.Context, r store.Relation, keys []store.MemberKey) (out []store.Member, err error) {
	err = m.do(ctx, func() {
		for _, k := range keys {
			out = append(out, m.members[countOf{relation: r, owner: k.Owner}][k.User])
		}
	})
	return out, err
}

func (m *model) Counts(ctx context.Context, r store.Relation, owners []snowflake.ID) (out []store.Count, err error) {
	err = m.do(ctx, func() {
		for _, owner := range owners {
			out = append(out, m.counts[countOf{relation: r, owner: owner}])
		}
	})
	return out, err
}

func (m *model) PutLiked(ctx context.Context, f store.Fence, user social.UserID, l store.Liked, last social.Last) error {
	return m.apply(ctx, f, func() {
		key := likeOf{user, l.Since}
		if m.newer(m.likes[key].last, last) {
			m.likes[key] = likedRow{l.Tweet, last}
		}
	})
}

func (m *model) Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) (out []store.Liked, err error) {
	err = m.do(ctx, func() {
		entries := map[store.Liked]store.Liked{}
		for k, row := range m.likes {
			if k.user == user && row.last.State == social.On {
				l := store.Liked{Since: k.since, Tweet: row.tweet}
				entries[l] = l
			}
		}
		out = page(entries, n,
			func(_, l store.Liked) bool { return below(l.Since, before) },
			func(a, b store.Liked) int { return cmp.Compare(b.Since, a.Since) })
	})
	return out, err
}

func (m *model) Comments(ctx context.Context, ids []social.CommentID) (out []*social.Comment, err error) {
	err = m.do(ctx, func() { out = lookUp(m.comments, ids) })
	return out, err
}

func (m *model) commentCount(tweet social.TweetID, id social.CommentID) countOf {
	return countOf{owner: snowflake.ID(tweet), month: m.month(id)}
}

func (m *model) Comment(ctx context.Context, tweet social.TweetID, id social.CommentID) (c *social.Comment, n store.Count, err error) {
	err = m.do(ctx, func() {
		c = lookUp(m.comments, []social.CommentID{id})[0]
		n = m.counts[m.commentCount(tweet, id)]
	})
	return c, n, err
}

func (m *model) PutComment(ctx context.Context, f store.Fence, c social.Comment, n store.Count) error {
	return m.apply(ctx, f, func() {
		m.putComment(c)
		m.putCount(m.commentCount(c.Tweet, c.ID), n)
	})
}

func (m *model) putComment(c social.Comment) {
	if m.newer(m.comments[c.ID].Last, c.Last) {
		m.comments[c.ID] = c
	}
}

// liveComments returns the comments of a tweet that keep lets through.
func (m *model) liveComments(tweet social.TweetID, n int, keep func(social.CommentID) bool) []social.Comment {
	return page(m.comments, n,
		func(id social.CommentID, c social.Comment) bool { return c.Tweet == tweet && !c.Deleted() && keep(id) },
		func(a, b social.Comment) int { return cmp.Compare(b.ID, a.ID) })
}

func (m *model) RecountComments(ctx context.Context, tweet social.TweetID, id social.CommentID) (n int64, err error) {
	err = m.do(ctx, func() {
		n = int64(len(m.liveComments(tweet, 1<<30, func(c social.CommentID) bool { return m.month(c) == m.month(id) })))
	})
	return n, err
}

func (m *model) CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) (out []social.Comment, err error) {
	err = m.do(ctx, func() {
		out = m.liveComments(tweet, n, func(id social.CommentID) bool { return below(id, before) })
	})
	return out, err
}

func (m *model) CommentCounts(ctx context.Context, tweets []social.TweetID) (out []int64, err error) {
	err = m.do(ctx, func() {
		for _, tweet := range tweets {
			var n int64
			for k, c := range m.counts {
				if k.relation == 0 && k.owner == snowflake.ID(tweet) {
					n += c.N
				}
			}
			out = append(out, n)
		}
	})
	return out, err
}
