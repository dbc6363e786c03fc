package router

import (
	"container/list"
	"sync"
)

// lru is a cache of bounded size for values that are dear to make. Keys are
// text that clients chose: they are compared in full.
type lru[V any] struct {
	max int

	mu    sync.Mutex
	byKey map[string]*list.Element
	order *list.List // the most recently used first
}

type lruEntry[V any] struct {
	key   string
	value V
}

func newLRU[V any](size int) *lru[V] {
	return &lru[V]{max: size, byKey: make(map[string]*list.Element), order: list.New()}
}

func (c *lru[V]) get(key string) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return v, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*lruEntry[V]).value, true
}

// put keeps a value. With a value under the key already, that one stays.
func (c *lru[V]) put(key string, v V) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[key]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*lruEntry[V]).value
	}
	c.byKey[key] = c.order.PushFront(&lruEntry[V]{key: key, value: v})
	if c.max >= 0 && c.order.Len() > c.max {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byKey, last.Value.(*lruEntry[V]).key)
	}
	return v
}
