package router

import (
	"container/list"
	"sync"
)

// lru is a cache for values that are dear to make, bounded in number and in
// weight. Keys are text that clients chose: they are compared in full.
type lru[V any] struct {
	max       int
	maxWeight int

	mu     sync.Mutex
	byKey  map[string]*list.Element
	order  *list.List // the most recently used first
	weight int
}

type lruEntry[V any] struct {
	key   string
	value V
}

// weightOf is what an entry weighs: about the memory that what is parsed or
// planned from a text takes, by its length.
func weightOf(key string) int { return 1024 + 32*len(key) }

func newLRU[V any](size, weight int) *lru[V] {
	return &lru[V]{max: size, maxWeight: weight, byKey: make(map[string]*list.Element), order: list.New()}
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

// put keeps a value and returns the one to use: with a value under the key
// already, that one. What is too heavy for the whole cache is not kept.
func (c *lru[V]) put(key string, v V) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[key]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*lruEntry[V]).value
	}
	if weightOf(key) > c.maxWeight {
		return v
	}
	c.byKey[key] = c.order.PushFront(&lruEntry[V]{key: key, value: v})
	c.weight += weightOf(key)
	for c.max >= 0 && c.order.Len() > c.max || c.weight > c.maxWeight {
		last := c.order.Back()
		old := last.Value.(*lruEntry[V]).key
		c.order.Remove(last)
		delete(c.byKey, old)
		c.weight -= weightOf(old)
	}
	return v
}
