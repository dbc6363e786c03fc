package serve

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/subgraphs/internal/read"
)

// List tells cursors of different lists apart.
type List byte

// The lists that have cursors. The numbers are in cursors of clients: never
// change them.
const (
	ListFeed      List = 1
	ListTweets    List = 2
	ListFollowers List = 3
	ListFollowees List = 4
	ListLikers    List = 5
	ListLikes     List = 6
	ListComments  List = 7
)

const (
	cursorVersion = 1
	cursorSize    = 1 + 1 + 8

	// MaxFirst is the largest page.
	MaxFirst     = 100
	defaultFirst = 20
)

// Cursor returns the opaque cursor of the place at in a list.
func Cursor(l List, at snowflake.ID) string {
	b := [cursorSize]byte{cursorVersion, byte(l)}
	binary.BigEndian.PutUint64(b[2:], uint64(at))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// ParseCursor reads a cursor of the list l; anything else is BAD_USER_INPUT.
func ParseCursor(l List, s string) (snowflake.ID, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != cursorSize || b[0] != cursorVersion {
		return 0, BadInput(fmt.Sprintf("%.40q is not a valid cursor; use one from an earlier answer.", s))
	}
	at := snowflake.ID(binary.BigEndian.Uint64(b[2:]))
	if List(b[1]) != l || at <= 0 {
		return 0, BadInput(fmt.Sprintf("%.40q is the cursor of another list.", s))
	}
	return at, nil
}

// Page is a client's first and after, checked.
type Page struct {
	List  List
	First int
	After snowflake.ID // 0: from the start
}

// NewPage checks first and after of a connection field.
func NewPage(l List, first *int, after *string) (Page, error) {
	p := Page{List: l, First: defaultFirst}
	if first != nil {
		p.First = *first
	}
	if p.First < 1 || p.First > MaxFirst {
		return p, BadInput(fmt.Sprintf("first must be between 1 and %d.", MaxFirst))
	}
	if after == nil {
		return p, nil
	}
	at, err := ParseCursor(l, *after)
	p.After = at
	return p, err
}

// Window asks for one entry more than the page shows: it tells whether there
// is a next one.
func (p Page) Window() read.Window { return read.Window{After: p.After, N: p.First + 1} }

// Info is the pageInfo of a connection, to be copied into a subgraph's own type.
type Info struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Cut shortens what Window brought to the page, and returns it with its
// cursors and pageInfo. at tells where an item stands in the list.
func Cut[T any](p Page, items []T, at func(T) snowflake.ID) ([]T, []string, Info) {
	info := Info{HasNextPage: len(items) > p.First, HasPreviousPage: p.After != 0}
	items = items[:min(len(items), p.First)]
	cursors := make([]string, len(items))
	for i, it := range items {
		cursors[i] = Cursor(p.List, at(it))
	}
	if len(items) > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return items, cursors, info
}
