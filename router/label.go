package router

import (
	"strings"
	"sync"
)

// maxName bounds the length of what a client can put into a label of a metric.
const maxName = 64

// label makes a client's text fit for a label: one value that is not UTF-8
// would fail the whole page of metrics.
func label(s string) string {
	if len(s) > maxName {
		s = s[:maxName]
	}
	return strings.ToValidUTF8(s, "")
}

// How many different names metrics tell apart, and how many combinations of
// them. Whoever comes later is counted under otherName: each combination is a
// series that is kept for ever, and clients choose the names.
const (
	maxNames  = 200
	maxSeries = 2000
	otherName = "other"
)

// names lets the first of them through. It is safe for concurrent use.
type names struct {
	mu   sync.RWMutex
	seen map[string]bool
	max  int
}

func newNames(most int) *names { return &names{seen: make(map[string]bool), max: most} }

// has reports whether a name is one of the first.
func (n *names) has(name string) bool {
	n.mu.RLock()
	known := n.seen[name]
	n.mu.RUnlock()
	if known {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.seen[name] && len(n.seen) >= n.max {
		return false
	}
	n.seen[name] = true
	return true
}

// bounded is the name, or otherName for one too many.
func (n *names) bounded(name string) string {
	if name == "" || n.has(name) {
		return name
	}
	return otherName
}

// series are the labels of a request: an operation and a client.
type series struct{ operation, client, version string }

// bounds keep the number of series finite.
type bounds struct{ operations, clients, versions, all *names }

func newBounds() *bounds {
	return &bounds{operations: newNames(maxNames), clients: newNames(maxNames), versions: newNames(maxNames), all: newNames(maxSeries)}
}

func (b *bounds) bounded(s series) series {
	s = series{b.operations.bounded(s.operation), b.clients.bounded(s.client), b.versions.bounded(s.version)}
	if !b.all.has(s.operation + "\x00" + s.client + "\x00" + s.version) {
		return series{otherName, otherName, otherName}
	}
	return s
}
