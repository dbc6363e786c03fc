package importer

import (
	"fmt"
	"strconv"
)

// order is how a list must be sorted.
type order int

const (
	anyOrder    order = iota
	newestFirst       // by id, falling
	byID              // by id, rising
)

// item is one entry of a list that was read: the id by which it is sorted, and
// the key by which it is expected. For most lists they are equal.
type item struct{ id, key string }

// expectation is a list that must be seen.
type expectation struct {
	subject string   // "viewer reed17: feed"
	keys    []string // what it must hold, in any order
	order   order
	name    func(key string) string // a key in words
}

// compare returns every way in which got is not the expected list, in words:
// doubled, foreign and missing entries, and the first entry out of order.
func (e expectation) compare(got []item) []string {
	var differences []string
	differ := func(format string, args ...any) {
		differences = append(differences, e.subject+" "+fmt.Sprintf(format, args...))
	}
	wanted := make(map[string]bool, len(e.keys))
	for _, k := range e.keys {
		wanted[k] = true
	}
	seen := make(map[string]bool, len(got))
	for _, g := range got {
		switch {
		case seen[g.key]:
			differ("holds %s twice", e.name(g.key))
		case !wanted[g.key]:
			differ("holds %s, which does not belong there", e.name(g.key))
		}
		seen[g.key] = true
	}
	for _, k := range e.keys {
		if !seen[k] {
			differ("misses %s", e.name(k))
		}
	}
	for i := 1; i < len(got); i++ {
		if got[i].id != got[i-1].id && !e.order.allows(got[i-1].id, got[i].id) {
			differ("is out of order: %s stands before %s", e.name(got[i-1].key), e.name(got[i].key))
			break
		}
	}
	return differences
}

// allows says whether next may follow id; equal ids are judged elsewhere.
func (o order) allows(id, next string) bool {
	switch a, b := number(id), number(next); o {
	case newestFirst:
		return a > b
	case byID:
		return a < b
	default:
		return true
	}
}

// number is the snowflake in an id. Ids are opaque to clients; the importer
// knows that they are a letter and a decimal number, because the order of
// every list is defined by it. Zero: the id is none.
func number(id string) uint64 {
	if len(id) < 2 {
		return 0
	}
	n, err := strconv.ParseUint(id[1:], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// same adds a difference when a value is not the expected one.
func same[T comparable](differences []string, subject, what string, got *T, want T) []string {
	switch {
	case got == nil:
		return append(differences, fmt.Sprintf("%s: %s is null and not %s", subject, what, quoted(want)))
	case *got != want:
		return append(differences, fmt.Sprintf("%s: %s is %s and not %s", subject, what, quoted(*got), quoted(want)))
	}
	return differences
}

func quoted(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v)
}
