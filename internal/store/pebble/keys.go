package storepebble

import (
	"encoding/binary"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// table is the first byte of every key of the store. The numbers are on disk:
// one that was used is never used for something else.
type table byte

const (
	tabTweets     table = 1  // tweet                     -> tweet row
	tabAuthorLog  table = 2  // author, tweet descending  -> log row
	tabUsers      table = 3  // user                      -> user row
	tabMembers    table = 4  // relation, owner, user     -> member row; user 0 -> count
	tabLiked      table = 5  // user, since descending    -> liked row
	tabComments   table = 6  // tweet, comment descending -> comment row; comment 0, the last -> count
	tabCommentIDs table = 7  // comment                   -> tweet
	tabHandles    table = 8  // folded handle             -> account row
	tabClaims     table = 9  // actor, key                -> claim row
	tabExpiries   table = 10 // expiry, actor, key        -> nothing
	tabEpochs     table = 11 // family.number             -> epoch
	tabLeases     table = 12 // node number               -> lease row
	tabSchema     table = 13 // nothing                   -> format and number of shards
)

// idLen is the length of an id in a key: big-endian, so that byte order is the
// order of ids, or its complement where the newest comes first.
const idLen = 8

func appendID[T ~int64](k []byte, id T) []byte {
	return binary.BigEndian.AppendUint64(k, uint64(id))
}

func appendDesc[T ~int64](k []byte, id T) []byte {
	return binary.BigEndian.AppendUint64(k, ^uint64(id))
}

// lastID and lastDesc read back the id at the end of a key.
func lastID(k []byte) int64 {
	return int64(binary.BigEndian.Uint64(k[len(k)-idLen:]))
}

func lastDesc(k []byte) int64 {
	return int64(^binary.BigEndian.Uint64(k[len(k)-idLen:]))
}

func (t table) start(k []byte) []byte { return append(k, byte(t)) }

func tweetKey(k []byte, id social.TweetID) []byte { return appendID(tabTweets.start(k), id) }

func userKey(k []byte, id social.UserID) []byte { return appendID(tabUsers.start(k), id) }

func logPrefix(k []byte, author social.UserID) []byte {
	return appendID(tabAuthorLog.start(k), author)
}

func logKey(k []byte, author social.UserID, tweet social.TweetID) []byte {
	return appendDesc(logPrefix(k, author), tweet)
}

func memberPrefix(k []byte, r store.Relation, owner snowflake.ID) []byte {
	return appendID(append(tabMembers.start(k), byte(r)), owner)
}

func memberKey(k []byte, r store.Relation, owner snowflake.ID, user social.UserID) []byte {
	return appendID(memberPrefix(k, r, owner), user)
}

// memberCountKey is the row of user 0, the first of its partition.
func memberCountKey(k []byte, r store.Relation, owner snowflake.ID) []byte {
	return memberKey(k, r, owner, 0)
}

func likedPrefix(k []byte, user social.UserID) []byte { return appendID(tabLiked.start(k), user) }

func likedKey(k []byte, user social.UserID, since snowflake.ID) []byte {
	return appendDesc(likedPrefix(k, user), since)
}

func commentPrefix(k []byte, tweet social.TweetID) []byte {
	return appendID(tabComments.start(k), tweet)
}

func commentKey(k []byte, tweet social.TweetID, id social.CommentID) []byte {
	return appendDesc(commentPrefix(k, tweet), id)
}

// commentCountKey is the row of comment 0, the last of its partition.
func commentCountKey(k []byte, tweet social.TweetID) []byte { return commentKey(k, tweet, 0) }

func commentIDKey(k []byte, id social.CommentID) []byte {
	return appendID(tabCommentIDs.start(k), id)
}

func handleKey(k []byte, folded string) []byte { return append(tabHandles.start(k), folded...) }

func claimKey(k []byte, actor social.UserID, key string) []byte {
	return append(appendID(tabClaims.start(k), actor), key...)
}

func expiryKey(k []byte, at int64, actor social.UserID, key string) []byte {
	k = appendID(tabExpiries.start(k), at)
	return append(appendID(k, actor), key...)
}

func epochKey(k []byte, s store.Shard) []byte { return append(tabEpochs.start(k), s.String()...) }

func leaseKey(k []byte, node int) []byte {
	return binary.BigEndian.AppendUint16(tabLeases.start(k), uint16(node))
}

func schemaKey(k []byte) []byte { return tabSchema.start(k) }
