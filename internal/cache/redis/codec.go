package cacheredis

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// errFormat says that Redis holds something this release did not write. It is
// read as a miss.
var errFormat = errors.New("cacheredis: unknown format")

// format is the first byte of every value; a release that changes the codec
// changes it, and old values are misses.
const format = 1

// Sizes of what values are made of.
const (
	versionSize = 16
	headerSize  = versionSize + 1
	entrySize   = 16
)

// version writes a version so that comparing bytes compares versions: both
// numbers are never negative.
func version(v cache.Version) []byte {
	b := make([]byte, 0, versionSize)
	b = binary.BigEndian.AppendUint64(b, uint64(v.Major))
	return binary.BigEndian.AppendUint64(b, uint64(v.Minor))
}

// encode writes an object: version, format, value.
func encode(o cache.Object) (string, error) {
	b := append(version(o.Version), format)
	switch v := o.Value.(type) {
	case social.Last:
		b = append(binary.BigEndian.AppendUint64(b, uint64(v.Event)), byte(v.State))
	case int64:
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	case *cache.AuthorLog:
		b = appendLog(b, v)
	case cache.Following:
		for _, u := range v {
			b = binary.BigEndian.AppendUint64(b, uint64(u))
		}
	default: // rows with text
		data, err := json.Marshal(o.Value)
		if err != nil {
			return "", fmt.Errorf("cacheredis: encode %T: %w", o.Value, err)
		}
		b = append(b, data...)
	}
	return string(b), nil
}

func appendLog(b []byte, log *cache.AuthorLog) []byte {
	complete := byte(0)
	if log.Complete {
		complete = 1
	}
	b = append(b, complete)
	for _, e := range log.Entries {
		b = binary.BigEndian.AppendUint64(b, uint64(e.Tweet))
		b = binary.BigEndian.AppendUint64(b, uint64(e.ReplyTo))
	}
	return b
}

// decode reads what encode wrote under a key of the kind.
func decode(k cache.Kind, s string) (any, error) {
	if len(s) < headerSize || s[versionSize] != format {
		return nil, errFormat
	}
	b := []byte(s[headerSize:])
	switch k {
	case cache.KindTweet:
		return fromJSON[social.Tweet](b)
	case cache.KindUser:
		return fromJSON[social.User](b)
	case cache.KindComment:
		return fromJSON[social.Comment](b)
	case cache.KindFollowee, cache.KindLiker:
		if len(b) != 9 {
			return nil, errFormat
		}
		return social.Last{Event: snowflake.ID(binary.BigEndian.Uint64(b)), State: social.State(b[8])}, nil
	case cache.KindFolloweeCount, cache.KindFollowerCount, cache.KindLikerCount, cache.KindCommentCount:
		if len(b) != 8 {
			return nil, errFormat
		}
		return int64(binary.BigEndian.Uint64(b)), nil
	case cache.KindAuthorLog:
		return decodeLog(b)
	case cache.KindFollowing:
		return decodeFollowing(b)
	}
	return nil, errFormat
}

func fromJSON[T any](b []byte) (any, error) {
	v := new(T)
	if err := json.Unmarshal(b, v); err != nil {
		return nil, errFormat
	}
	return v, nil
}

func decodeLog(b []byte) (any, error) {
	if len(b)%entrySize != 1 {
		return nil, errFormat
	}
	log := &cache.AuthorLog{Complete: b[0] == 1, Entries: make([]social.LogEntry, 0, len(b)/entrySize)}
	for b = b[1:]; len(b) > 0; b = b[entrySize:] {
		log.Entries = append(log.Entries, social.LogEntry{
			Tweet:   social.TweetID(binary.BigEndian.Uint64(b)),
			ReplyTo: social.TweetID(binary.BigEndian.Uint64(b[8:])),
		})
	}
	return log, nil
}

func decodeFollowing(b []byte) (any, error) {
	if len(b)%8 != 0 {
		return nil, errFormat
	}
	users := make(cache.Following, 0, len(b)/8)
	for ; len(b) > 0; b = b[8:] {
		users = append(users, social.UserID(binary.BigEndian.Uint64(b)))
	}
	return users, nil
}

// packEntries writes entries of a home timeline, the last one first: the order
// of arrival, with the newest at the end.
func packEntries(entries []cache.Entry) []byte {
	b := make([]byte, 0, entrySize*len(entries))
	for i := len(entries) - 1; i >= 0; i-- {
		b = appendEntry(b, entries[i])
	}
	return b
}

func appendEntry(b []byte, e cache.Entry) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(e.Tweet))
	return binary.BigEndian.AppendUint64(b, uint64(e.Author))
}

// homeHeader is what stands before the entries: the floor and the build token,
// zero once the timeline was put.
const homeHeader = 16

// decodeHome reads a home timeline.
func decodeHome(s string) (cache.Timeline, error) {
	if len(s) < homeHeader || (len(s)-homeHeader)%entrySize != 0 {
		return cache.Timeline{}, errFormat
	}
	b := []byte(s)
	t := cache.Timeline{Found: true, Floor: social.TweetID(binary.BigEndian.Uint64(b)), Entries: make([]cache.Entry, 0, (len(b)-homeHeader)/entrySize)}
	for b = b[homeHeader:]; len(b) > 0; b = b[entrySize:] {
		t.Entries = append(t.Entries, cache.Entry{
			Tweet:  social.TweetID(binary.BigEndian.Uint64(b)),
			Author: social.UserID(binary.BigEndian.Uint64(b[8:])),
		})
	}
	return t, nil
}

// writeSize is a write of an overlay: event, state, kind, object, parent, and
// when its time is over (Unix ms). The script puts its number behind it.
const (
	writeSize = 8 + 1 + 1 + 8 + 8 + 8
	seqSize   = 16
)

func encodeWrite(w cache.Write, until time.Time) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, writeSize), uint64(w.Last.Event))
	b = append(b, byte(w.Last.State), byte(w.Kind))
	b = binary.BigEndian.AppendUint64(b, uint64(w.Object))
	b = binary.BigEndian.AppendUint64(b, uint64(w.Parent))
	return binary.BigEndian.AppendUint64(b, uint64(until.UnixMilli()))
}

// stored is a write as it was recorded.
type stored struct {
	cache.Write
	until time.Time
	seq   string // orders them by recording
}

func decodeWrite(s string) (stored, error) {
	if len(s) != writeSize+seqSize {
		return stored{}, errFormat
	}
	b := []byte(s)
	return stored{
		Write: cache.Write{
			Last:   social.Last{Event: snowflake.ID(binary.BigEndian.Uint64(b)), State: social.State(b[8])},
			Kind:   cache.WriteKind(b[9]),
			Object: snowflake.ID(binary.BigEndian.Uint64(b[10:])),
			Parent: snowflake.ID(binary.BigEndian.Uint64(b[18:])),
		},
		until: time.UnixMilli(int64(binary.BigEndian.Uint64(b[26:]))),
		seq:   s[writeSize:],
	}, nil
}
