package viewer

import (
	"crypto/sha256"
	"sync"
	"time"
)

// tokens remembers verified tokens in two generations: when the younger is full it becomes the older, and the older is
// forgotten. What is used moves to the younger. So it is bounded, and a token in use stays.
type tokens struct {
	half int // of the bound; 0: remembers nothing

	mu         sync.Mutex
	young, old map[[sha256.Size]byte]remembered // guarded by mu
}

type remembered struct {
	who   Viewer
	until time.Time
}

func newTokens(most int) *tokens {
	if most < 0 {
		return &tokens{}
	}
	return &tokens{half: (most + 1) / 2, young: map[[sha256.Size]byte]remembered{}}
}

func (t *tokens) get(sum [sha256.Size]byte, now time.Time) (Viewer, bool) {
	if t.half == 0 {
		return Viewer{}, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.young[sum]
	if !ok {
		if r, ok = t.old[sum]; !ok {
			return Viewer{}, false
		}
		t.add(sum, r)
	}
	if !now.Before(r.until) {
		delete(t.young, sum)
		delete(t.old, sum)
		return Viewer{}, false
	}
	return r.who, true
}

func (t *tokens) put(sum [sha256.Size]byte, who Viewer, until time.Time) {
	if t.half == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(sum, remembered{who, until})
}

// add puts r into the younger generation; t.mu is held.
func (t *tokens) add(sum [sha256.Size]byte, r remembered) {
	if len(t.young) >= t.half {
		t.young, t.old = map[[sha256.Size]byte]remembered{}, t.young
	}
	t.young[sum] = r
}
