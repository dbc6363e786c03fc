package storepebble

import (
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func fixedEvent(d *decoder) snowflake.ID { return fixed[snowflake.ID](d) }

// lastOf reads only what a write is judged by.
func lastOf(row []byte) (social.Last, error) {
	d := decode(row)
	l := d.last()
	return l, d.err
}

func encodeTweet(b []byte, t *social.Tweet) []byte {
	b = appendLast(appendVersion(b), t.Last)
	b = appendFixed(b, t.Author)
	b = appendFixed(b, t.ReplyTo)
	b = appendFixed(b, t.Root)
	b = appendText(b, t.Text)
	return appendEntities(b, &t.Entities)
}

func decodeTweet(row []byte, id social.TweetID) (*social.Tweet, error) {
	d := decode(row)
	t := &social.Tweet{ID: id, Last: d.last()}
	t.Author = fixed[social.UserID](&d)
	t.ReplyTo = fixed[social.TweetID](&d)
	t.Root = fixed[social.TweetID](&d)
	t.Text = d.text()
	d.entities(&t.Entities)
	return t, d.done()
}

func encodeLog(b []byte, e social.LogEntry) []byte {
	return appendFixed(appendVersion(b), e.ReplyTo)
}

func decodeLog(row []byte, tweet social.TweetID) (social.LogEntry, error) {
	d := decode(row)
	e := social.LogEntry{Tweet: tweet, ReplyTo: fixed[social.TweetID](&d)}
	return e, d.done()
}

func encodeUser(b []byte, u *social.User) []byte {
	b = appendText(appendVersion(b), u.Handle)
	b = appendText(appendFixed(b, u.NameEvent), u.Name)
	return appendText(appendFixed(b, u.BioEvent), u.Bio)
}

func decodeUser(row []byte, id social.UserID) (*social.User, error) {
	d := decode(row)
	u := &social.User{ID: id, Handle: d.text()}
	u.NameEvent, u.Name = fixedEvent(&d), d.text()
	u.BioEvent, u.Bio = fixedEvent(&d), d.text()
	return u, d.done()
}

func encodeMember(b []byte, m store.Member) []byte {
	return appendFixed(appendLast(appendVersion(b), m.Last), m.Since)
}

func decodeMember(row []byte, user social.UserID) (store.Member, error) {
	d := decode(row)
	m := store.Member{User: user, Last: d.last(), Since: fixedEvent(&d)}
	return m, d.done()
}

func encodeCount(b []byte, c store.Count) []byte {
	b = appendCounter(appendVersion(b), c.N)
	b = appendCounter(b, int64(c.Stamp.Epoch))
	return appendCounter(b, c.Stamp.Seq)
}

func decodeCount(row []byte) (store.Count, error) {
	d := decode(row)
	c := store.Count{N: d.counter()}
	c.Stamp.Epoch = store.Epoch(d.counter())
	c.Stamp.Seq = d.counter()
	return c, d.done()
}

func encodeLiked(b []byte, tweet social.TweetID, last social.Last) []byte {
	return appendFixed(appendLast(appendVersion(b), last), tweet)
}

func decodeLiked(row []byte, since snowflake.ID) (store.Liked, social.Last, error) {
	d := decode(row)
	last := d.last()
	l := store.Liked{Since: since, Tweet: fixed[social.TweetID](&d)}
	return l, last, d.done()
}

func encodeComment(b []byte, c *social.Comment) []byte {
	b = appendFixed(appendLast(appendVersion(b), c.Last), c.Author)
	return appendText(b, c.Text)
}

func decodeComment(row []byte, tweet social.TweetID, id social.CommentID) (*social.Comment, error) {
	d := decode(row)
	c := &social.Comment{ID: id, Tweet: tweet, Last: d.last()}
	c.Author = fixed[social.UserID](&d)
	c.Text = d.text()
	return c, d.done()
}

func encodeTweetRef(b []byte, tweet social.TweetID) []byte {
	return appendFixed(appendVersion(b), tweet)
}

func decodeTweetRef(row []byte) (social.TweetID, error) {
	d := decode(row)
	id := fixed[social.TweetID](&d)
	return id, d.done()
}

func encodeAccount(b []byte, a *social.Account) []byte {
	b = appendFixed(appendVersion(b), a.User)
	b = appendText(b, a.Handle)
	b = appendText(b, a.Name)
	return appendText(b, a.PasswordHash)
}

func decodeAccount(row []byte) (social.Account, error) {
	d := decode(row)
	a := social.Account{User: fixed[social.UserID](&d)}
	a.Handle = d.text()
	a.Name = d.text()
	a.PasswordHash = d.text()
	return a, d.done()
}

// claimRow is a claim and when it ends, in Unix milliseconds.
type claimRow struct {
	Expires int64
	store.Claim
}

func encodeClaim(b []byte, c *claimRow) []byte {
	b = appendFixed(appendVersion(b), c.Expires)
	b = append(b, c.InputHash[:]...)
	return append(appendUvarint(b, len(c.Event)), c.Event...)
}

func decodeClaim(row []byte) (claimRow, error) {
	d := decode(row)
	c := claimRow{Expires: fixed[int64](&d)}
	copy(c.InputHash[:], d.take(uint64(len(c.InputHash))))
	c.Event = append([]byte(nil), d.take(d.uvarint())...)
	return c, d.done()
}

func encodeEpoch(b []byte, e store.Epoch) []byte { return appendFixed(appendVersion(b), e) }

func decodeEpoch(row []byte) (store.Epoch, error) {
	d := decode(row)
	e := fixed[store.Epoch](&d)
	return e, d.done()
}

func encodeLease(b []byte, l leaseRow) []byte {
	return appendFixed(appendFixed(appendVersion(b), l.until), l.token)
}

func decodeLease(row []byte) (leaseRow, error) {
	d := decode(row)
	l := leaseRow{until: fixed[snowflake.Millis](&d), token: fixed[int64](&d)}
	return l, d.done()
}

// schema is what the data was written under.
type schema struct {
	Format int // of keys and rows
	Shards int // N of the sharding function
}

func encodeSchema(b []byte, s schema) []byte {
	return appendFixed(appendFixed(appendVersion(b), int64(s.Format)), int64(s.Shards))
}

func decodeSchema(row []byte) (schema, error) {
	d := decode(row)
	s := schema{Format: int(fixed[int64](&d)), Shards: int(fixed[int64](&d))}
	return s, d.done()
}
