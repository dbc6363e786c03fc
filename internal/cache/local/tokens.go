package cachelocal

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/cache"
)

// maxTokens bounds the tokens of one generation of a stripe; more turn it early.
const maxTokens = 1024

// tokens are the fill tokens of the keys of one stripe. Its lock is also the
// one under which these keys are written, so that a token and what it may
// replace never disagree; it is held for a compare and a store, never while
// somebody loads. Tokens live in two generations: forgetting old ones costs
// nothing.
type tokens struct {
	mu     sync.Mutex
	young  map[cache.Key]token // handed out since turned
	old    map[cache.Key]token
	turned time.Time
}

type token struct {
	value cache.FillToken
	until time.Time
}

// hand returns a token for a key that was missed: the one that is out already
// if it has time left, so that those who miss together compete for one fill.
// The caller holds mu.
func (t *tokens) hand(k cache.Key, now time.Time) cache.FillToken {
	if held, ok := t.held(k); ok && now.Before(held.until) {
		return held.value
	}
	if t.young == nil || len(t.young) >= maxTokens || now.Sub(t.turned) > cache.FillTTL {
		t.old, t.young, t.turned = t.young, map[cache.Key]token{}, now
	}
	value := cache.FillToken(rand.Uint64() | 1) // no key's is another's
	t.young[k] = token{value: value, until: now.Add(cache.FillTTL)}
	return value
}

func (t *tokens) held(k cache.Key) (token, bool) {
	if held, ok := t.young[k]; ok {
		return held, true
	}
	held, ok := t.old[k]
	return held, ok
}

// good tells whether a key may be filled with a token. The caller holds mu.
func (t *tokens) good(k cache.Key, token cache.FillToken, now time.Time) bool {
	held, ok := t.held(k)
	return ok && held.value == token && now.Before(held.until)
}

// void ends the token of a key. The caller holds mu.
func (t *tokens) void(k cache.Key) {
	delete(t.young, k)
	delete(t.old, k)
}

func (t *tokens) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.young, t.old = nil, nil
}
