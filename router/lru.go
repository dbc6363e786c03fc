package router

import (
	"container/list"
	"sync"
)

// lru is a cache for values that are dear to make, bounded in number and in
// weight. Keys are text that clients chose: they are compared in full.
type lru[K comparable, V any] struct {
	max       int // below 0: no bound
	maxWeight int

	mu     sync.Mutex
	byKey  map[K]*list.Element
	order  *list.List // the most recently used first
	weight int
}

type lruEntry[K comparable, V any] struct {
	key    K
	value  V
	weight int
}

// weightOf is what an entry weighs: about the memory that what is parsed or
// planned from texts takes, by their length.
func weightOf(length int) int { return 1024 + 32*length }

func newLRU[K comparable, V any](size, weight int) *lru[K, V] {
	return &lru[K, V]{max: size, maxWeight: weight, byKey: make(map[K]*list.Element), order: list.New()}
}

func (c *lru[K, V]) get(key K) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return v, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*lruEntry[K, V]).value, true
}

// put keeps a value and returns the one to use: with a value under the key
// already, that one. What is too heavy for the whole cache is not kept.
func (c *lru[K, V]) put(key K, v V, weight int) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[key]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*lruEntry[K, V]).value
	}
	c.add(key, v, weight)
	return v
}

// replace keeps a value, also where there is one under the key already.
func (c *lru[K, V]) replace(key K, v V, weight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[key]; ok {
		c.remove(e)
	}
	c.add(key, v, weight)
}

func (c *lru[K, V]) add(key K, v V, weight int) {
	if weight > c.maxWeight {
		return
	}
	c.byKey[key] = c.order.PushFront(&lruEntry[K, V]{key, v, weight})
	c.weight += weight
	for c.max >= 0 && c.order.Len() > c.max || c.weight > c.maxWeight {
		c.remove(c.order.Back())
	}
}

func (c *lru[K, V]) remove(e *list.Element) {
	old := c.order.Remove(e).(*lruEntry[K, V])
	delete(c.byKey, old.key)
	c.weight -= old.weight
}
