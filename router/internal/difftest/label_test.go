package difftest

import (
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// labelHeader is the header that decides percent(N) labels.
const labelHeader = "X-Override-Key"

// labelState says which override labels are active in the operation under way.
// Router and subgraphs read it: a subgraph whose side is not active must not be
// asked.
type labelState struct {
	mu  sync.Mutex
	key string
}

// next draws the state for the next operation.
func (l *labelState) next(r *rand.Rand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.key = strconv.FormatUint(r.Uint64(), 36)
}

func (l *labelState) header() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.key
}

// active reports whether a label is active. percent(N) is decided as the
// router documents it, by the hash of the label and the header; a label with a
// name of its own is active half the time.
func (l *labelState) active(label string) bool {
	f := fnv.New64a()
	_, _ = f.Write([]byte(label + "\x00" + l.header()))
	x := f.Sum64()
	x ^= x >> 32
	x *= 0x9e3779b97f4a7c15
	share := float64(x>>11) / (1 << 53) * 100
	if text, ok := strings.CutPrefix(label, "percent("); ok {
		if n, err := strconv.ParseFloat(strings.TrimSuffix(text, ")"), 64); err == nil {
			return share < n
		}
	}
	return share < 50
}

// decide is the router's question.
func (l *labelState) decide(_ *http.Request, label string) bool { return l.active(label) }
