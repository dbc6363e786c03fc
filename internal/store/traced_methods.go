package store

import (
	"context"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Tweets implements [Tweets].
func (d *Traced) Tweets(ctx context.Context, ids []social.TweetID) (out []*social.Tweet, err error) {
	ctx, call := d.startMany(ctx, mTweets, len(ids))
	defer func() { call.End(ctx, err) }()
	return d.next.Tweets(ctx, ids)
}

// PutTweet implements [Tweets].
func (d *Traced) PutTweet(ctx context.Context, f Fence, t social.Tweet) (err error) {
	ctx, call := d.start(ctx, mPutTweet)
	defer func() { call.End(ctx, err) }()
	return d.next.PutTweet(ctx, f, t)
}

// LogTweet implements [Tweets].
func (d *Traced) LogTweet(ctx context.Context, f Fence, author social.UserID, e social.LogEntry) (err error) {
	ctx, call := d.start(ctx, mLogTweet)
	defer func() { call.End(ctx, err) }()
	return d.next.LogTweet(ctx, f, author, e)
}

// AuthorLogs implements [Tweets].
func (d *Traced) AuthorLogs(ctx context.Context, authors []social.UserID, before social.TweetID, n int) (out [][]social.LogEntry, err error) {
	ctx, call := d.startMany(ctx, mAuthorLogs, len(authors))
	defer func() { call.End(ctx, err) }()
	return d.next.AuthorLogs(ctx, authors, before, n)
}

// Users implements [Users].
func (d *Traced) Users(ctx context.Context, ids []social.UserID) (out []*social.User, err error) {
	ctx, call := d.startMany(ctx, mUsers, len(ids))
	defer func() { call.End(ctx, err) }()
	return d.next.Users(ctx, ids)
}

// PutUser implements [Users].
func (d *Traced) PutUser(ctx context.Context, f Fence, u social.User) (err error) {
	ctx, call := d.start(ctx, mPutUser)
	defer func() { call.End(ctx, err) }()
	return d.next.PutUser(ctx, f, u)
}

// Member implements [Relations].
func (d *Traced) Member(ctx context.Context, r Relation, owner snowflake.ID, user social.UserID) (m Member, c Count, err error) {
	ctx, call := d.start(ctx, mMember)
	defer func() { call.End(ctx, err) }()
	return d.next.Member(ctx, r, owner, user)
}

// PutMember implements [Relations].
func (d *Traced) PutMember(ctx context.Context, f Fence, r Relation, owner snowflake.ID, m Member, c Count) (err error) {
	ctx, call := d.start(ctx, mPutMember)
	defer func() { call.End(ctx, err) }()
	return d.next.PutMember(ctx, f, r, owner, m, c)
}

// Recount implements [Relations].
func (d *Traced) Recount(ctx context.Context, r Relation, owner snowflake.ID) (out int64, err error) {
	ctx, call := d.start(ctx, mRecount)
	defer func() { call.End(ctx, err) }()
	return d.next.Recount(ctx, r, owner)
}

// Members implements [Relations].
func (d *Traced) Members(ctx context.Context, r Relation, owner snowflake.ID, after social.UserID, n int) (out []Member, err error) {
	ctx, call := d.start(ctx, mMembers)
	defer func() { call.End(ctx, err) }()
	return d.next.Members(ctx, r, owner, after, n)
}

// Has implements [Relations].
func (d *Traced) Has(ctx context.Context, r Relation, keys []MemberKey) (out []Member, err error) {
	ctx, call := d.startMany(ctx, mHas, len(keys))
	defer func() { call.End(ctx, err) }()
	return d.next.Has(ctx, r, keys)
}

// Counts implements [Relations].
func (d *Traced) Counts(ctx context.Context, r Relation, owners []snowflake.ID) (out []Count, err error) {
	ctx, call := d.startMany(ctx, mCounts, len(owners))
	defer func() { call.End(ctx, err) }()
	return d.next.Counts(ctx, r, owners)
}

// PutLiked implements [Likes].
func (d *Traced) PutLiked(ctx context.Context, f Fence, user social.UserID, l Liked, last social.Last) (err error) {
	ctx, call := d.start(ctx, mPutLiked)
	defer func() { call.End(ctx, err) }()
	return d.next.PutLiked(ctx, f, user, l, last)
}

// Liked implements [Likes].
func (d *Traced) Liked(ctx context.Context, user social.UserID, before snowflake.ID, n int) (out []Liked, err error) {
	ctx, call := d.start(ctx, mLiked)
	defer func() { call.End(ctx, err) }()
	return d.next.Liked(ctx, user, before, n)
}

// Comments implements [Comments].
func (d *Traced) Comments(ctx context.Context, ids []social.CommentID) (out []*social.Comment, err error) {
	ctx, call := d.startMany(ctx, mComments, len(ids))
	defer func() { call.End(ctx, err) }()
	return d.next.Comments(ctx, ids)
}

// Comment implements [Comments].
func (d *Traced) Comment(ctx context.Context, tweet social.TweetID, id social.CommentID) (c *social.Comment, n Count, err error) {
	ctx, call := d.start(ctx, mComment)
	defer func() { call.End(ctx, err) }()
	return d.next.Comment(ctx, tweet, id)
}

// PutComment implements [Comments].
func (d *Traced) PutComment(ctx context.Context, f Fence, c social.Comment, n Count) (err error) {
	ctx, call := d.start(ctx, mPutComment)
	defer func() { call.End(ctx, err) }()
	return d.next.PutComment(ctx, f, c, n)
}

// RecountComments implements [Comments].
func (d *Traced) RecountComments(ctx context.Context, tweet social.TweetID, id social.CommentID) (out int64, err error) {
	ctx, call := d.start(ctx, mRecountComments)
	defer func() { call.End(ctx, err) }()
	return d.next.RecountComments(ctx, tweet, id)
}

// CommentsOf implements [Comments].
func (d *Traced) CommentsOf(ctx context.Context, tweet social.TweetID, before social.CommentID, n int) (out []social.Comment, err error) {
	ctx, call := d.start(ctx, mCommentsOf)
	defer func() { call.End(ctx, err) }()
	return d.next.CommentsOf(ctx, tweet, before, n)
}

// CommentCounts implements [Comments].
func (d *Traced) CommentCounts(ctx context.Context, tweets []social.TweetID) (out []int64, err error) {
	ctx, call := d.startMany(ctx, mCommentCounts, len(tweets))
	defer func() { call.End(ctx, err) }()
	return d.next.CommentCounts(ctx, tweets)
}

// ClaimHandle implements [Claims].
func (d *Traced) ClaimHandle(ctx context.Context, a social.Account) (holder social.Account, won bool, err error) {
	ctx, call := d.start(ctx, mClaimHandle)
	defer func() { call.End(ctx, err) }()
	return d.next.ClaimHandle(ctx, a)
}

// Account implements [Claims].
func (d *Traced) Account(ctx context.Context, handle string) (out social.Account, err error) {
	ctx, call := d.start(ctx, mAccount)
	defer func() { call.End(ctx, err) }()
	return d.next.Account(ctx, handle)
}

// ClaimKey implements [Claims].
func (d *Traced) ClaimKey(ctx context.Context, actor social.UserID, key string, c Claim) (holder Claim, won bool, err error) {
	ctx, call := d.start(ctx, mClaimKey)
	defer func() { call.End(ctx, err) }()
	return d.next.ClaimKey(ctx, actor, key, c)
}

// Key implements [Claims].
func (d *Traced) Key(ctx context.Context, actor social.UserID, key string) (out Claim, err error) {
	ctx, call := d.start(ctx, mKey)
	defer func() { call.End(ctx, err) }()
	return d.next.Key(ctx, actor, key)
}

// Settle implements [Claims].
func (d *Traced) Settle(ctx context.Context) (err error) {
	ctx, call := d.start(ctx, mSettle)
	defer func() { call.End(ctx, err) }()
	return d.next.Settle(ctx)
}

// Epoch implements [Epochs].
func (d *Traced) Epoch(ctx context.Context, s Shard) (out Epoch, err error) {
	ctx, call := d.start(ctx, mEpoch)
	defer func() { call.End(ctx, err) }()
	return d.next.Epoch(ctx, s)
}

// TakeEpoch implements [Epochs].
func (d *Traced) TakeEpoch(ctx context.Context, s Shard, read Epoch) (out Epoch, err error) {
	ctx, call := d.start(ctx, mTakeEpoch)
	defer func() { call.End(ctx, err) }()
	return d.next.TakeEpoch(ctx, s, read)
}

// Take implements [snowflake.Leases].
func (d *Traced) Take(ctx context.Context, now, until snowflake.Millis) (out snowflake.Lease, err error) {
	ctx, call := d.start(ctx, mTake)
	defer func() { call.End(ctx, err) }()
	return d.next.Take(ctx, now, until)
}

// Extend implements [snowflake.Leases].
func (d *Traced) Extend(ctx context.Context, l snowflake.Lease, until snowflake.Millis) (out snowflake.Lease, err error) {
	ctx, call := d.start(ctx, mExtend)
	defer func() { call.End(ctx, err) }()
	return d.next.Extend(ctx, l, until)
}

// Ping implements [Store].
func (d *Traced) Ping(ctx context.Context) (err error) {
	ctx, call := d.start(ctx, mPing)
	defer func() { call.End(ctx, err) }()
	return d.next.Ping(ctx)
}
