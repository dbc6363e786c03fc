package store

import (
	"context"
	"time"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Store is everything an adapter implements. Users of the seam ask for the
// roles they need. What a read returns belongs to the caller. A batch is
// answered in the order asked, with one answer for each key, also where a key
// is asked twice; an empty batch is answered by nothing. A page of n items or
// less begins behind its cursor, which need not be in the list any more.
type Store interface {
	Tweets
	Users
	Relations
	Likes
	Comments
	Claims
	Epochs
	snowflake.Leases
	// Ping asks the engine for the least it can answer, to tell an engine that
	// is away from a message that cannot be handled. ErrUnavailable when away.
	Ping(ctx context.Context) error
}

// Tweets holds tweets by id and the author logs. Its writer is the owner of
// the author (family tweets).
type Tweets interface {
	// Tweets returns the tweets of ids in the order of ids; nil stands for one
	// that is not there.
	Tweets(ctx context.Context, ids []social.TweetID) ([]*social.Tweet, error)
	// PutTweet writes a tweet under t.Last.Event.
	PutTweet(ctx context.Context, f Fence, t social.Tweet) error
	// LogTweet enters a tweet into its author's log. Deleted tweets stay in it:
	// readers filter them.
	LogTweet(ctx context.Context, f Fence, author social.UserID, e social.LogEntry) error
	// AuthorLogs returns, for each author, at most n entries with ids below
	// before (0: from the newest), newest first. Fewer than n means that there
	// are no more.
	AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) ([][]social.LogEntry, error)
}

// Users holds profiles by id. Its writer is the owner of the user (family
// users).
type Users interface {
	// Users returns the profiles of ids in the order of ids; nil stands for one
	// that is not there.
	Users(ctx context.Context, ids []social.UserID) ([]*social.User, error)
	// PutUser merges a profile into the row: the name under u.NameEvent, the
	// bio under u.BioEvent, each only if newer; zero events leave the field.
	// The handle is written if it is not empty.
	PutUser(ctx context.Context, f Fence, u social.User) error
}

// Relation names a set of users kept for one owner.
type Relation uint8

// The relations. Followees are kept for a user by the family users, Followers
// for a user by the family followers, Likers for a tweet by engagement.
const (
	Followees Relation = iota + 1
	Followers
	Likers
)

// String returns the name of the relation as spans and errors use it.
func (r Relation) String() string {
	switch r {
	case Followees:
		return "followees"
	case Followers:
		return "followers"
	case Likers:
		return "likers"
	}
	return "unknown relation"
}

// Member is one user in a relation. Rows are kept when the state goes Off.
type Member struct {
	User  social.UserID
	Since snowflake.ID // the event that began the present state
	Last  social.Last
}

// Relations holds sets of users with a count that lives with the rows. Owner
// is the snowflake of a user or, for Likers, of a tweet.
//
// An owner that finds its very event in the row ([social.Same]) writes no row,
// but counts anew ([Relations.Recount]) and puts the row as it is with that
// count. An adapter may let a superseded owner's row stand, by its event, while
// its count is ignored; the event is then delivered again to the present owner,
// who finds it applied and not counted. The same holds for [Comments].
type Relations interface {
	// Member returns the row of one user (a zero Last where there is none) and
	// the count of its partition, read together.
	Member(ctx context.Context, r Relation, owner snowflake.ID, user social.UserID) (Member, Count, error)
	// PutMember writes a row under m.Last.Event and the count under its stamp,
	// both or neither. Each stands or falls by itself: with an older event the
	// row stays as it is, and a newer count is written all the same.
	PutMember(ctx context.Context, f Fence, r Relation, owner snowflake.ID, m Member, c Count) error
	// Recount returns the number of rows that are On, by reading them all.
	Recount(ctx context.Context, r Relation, owner snowflake.ID) (int64, error)
	// Members returns at most n rows that are On with user ids above after, in
	// order of id. Fewer than n means that there are no more.
	Members(ctx context.Context, r Relation, owner snowflake.ID, after social.UserID, n int) ([]Member, error)
	// Has returns, for each key, the row of that user in the relation of that
	// owner; a zero Last where there is none.
	Has(ctx context.Context, r Relation, keys []MemberKey) ([]Member, error)
	// Counts returns the counts of owners in their order; zero where nothing
	// was counted.
	Counts(ctx context.Context, r Relation, owners []snowflake.ID) ([]Count, error)
}

// MemberKey names one row of a relation.
type MemberKey struct {
	Owner snowflake.ID
	User  social.UserID
}

// Liked is one entry of the list of what a user liked.
type Liked struct {
	Since snowflake.ID // the event of the like
	Tweet social.TweetID
}

// Likes holds what each user liked, newest like first. Its writer is the owner
// of the tweet (family engagement).
type Likes interface {
	// PutLiked switches the entry of user under l.Since on, or off for ever:
	// event is the like or, for off, the event that ended it.
	PutLiked(ctx context.Context, f Fence, user social.UserID, l Liked, last social.Last) error
	// Liked returns at most n entries that are on, with Since below before (0:
	// from the newest), newest first. Fewer than n means that there are no more.
	Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) ([]Liked, error)
}

// Comments holds comments by tweet, with a count, and by id. Its writer is the
// owner of the tweet (family engagement).
type Comments interface {
	// Comments returns the comments of ids in the order of ids; nil stands for
	// one that is not there.
	Comments(ctx context.Context, ids []social.CommentID) ([]*social.Comment, error)
	// Comment returns one comment of a tweet (nil where there is none) and the
	// count of its partition, read together.
	Comment(ctx context.Context, tweet social.TweetID, id social.CommentID) (*social.Comment, Count, error)
	// PutComment writes a comment under c.Last.Event, by tweet together with
	// the count of its partition, and by id.
	PutComment(ctx context.Context, f Fence, c social.Comment, n Count) error
	// RecountComments returns the number of live comments in the partition that
	// id belongs to, by reading them all.
	RecountComments(ctx context.Context, tweet social.TweetID, id social.CommentID) (int64, error)
	// CommentsOf returns at most n live comments of a tweet with ids below
	// before (0: from the newest), newest first. Fewer than n means that there
	// are no more.
	CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) ([]social.Comment, error)
	// CommentCounts returns the number of live comments of each tweet, summed
	// over its partitions.
	CommentCounts(ctx context.Context, tweets []social.TweetID) ([]int64, error)
}

// KeyTTL is how long an idempotency key is remembered.
const KeyTTL = 30 * 24 * time.Hour

// Claim is what is kept under an idempotency key.
type Claim struct {
	Event     []byte   // the whole event, as social.Encode wrote it
	InputHash [32]byte // of the mutation's name and input
}

// Claims decides who came first.
type Claims interface {
	// ClaimHandle takes a.Handle, folded ([FoldHandle]), for a. It returns the
	// account that holds the handle and whether that is the one given, so that
	// a claim whose answer was lost may be repeated.
	ClaimHandle(ctx context.Context, a social.Account) (holder social.Account, won bool, err error)
	// Account returns the holder of a handle, folded; ErrNotFound.
	Account(ctx context.Context, handle string) (social.Account, error)
	// ClaimKey takes an idempotency key of an actor for [KeyTTL]. It returns
	// the claim that holds the key and whether that is the one given, which may
	// be repeated; that lengthens nothing.
	ClaimKey(ctx context.Context, actor social.UserID, key string, c Claim) (holder Claim, won bool, err error)
	// Key returns the claim that holds an actor's idempotency key; ErrNotFound,
	// also when its time has passed.
	Key(ctx context.Context, actor social.UserID, key string) (Claim, error)
	// Settle returns when every claim that this process was told of survives a
	// crash. Call it before an answer that rests on a claim without a publish.
	Settle(ctx context.Context) error
}
