package router

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLRU: the cache never holds more than it may, in number and in weight,
// and what it gives back is what was put.
func TestLRU(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newLRU[string](5, 5*weightOf("")+3000)
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			key := strings.Repeat(rapid.StringMatching("[a-e]").Draw(t, "key"), rapid.IntRange(1, 90).Draw(t, "length"))
			if rapid.Bool().Draw(t, "put") {
				c.put(key, "v"+key)
			}
			if v, ok := c.get(key); ok && v != "v"+key {
				t.Fatalf("%q gives %q", key, v)
			}
			weight := 0
			for k := range c.byKey {
				weight += weightOf(k)
			}
			if c.order.Len() > 5 || len(c.byKey) != c.order.Len() || weight != c.weight || weight > c.maxWeight {
				t.Fatalf("%d entries of weight %d (counted %d)", c.order.Len(), c.weight, weight)
			}
		}
	})
}

// TestLRUKeepsTheRecent: what is used stays.
func TestLRUKeepsTheRecent(t *testing.T) {
	c := newLRU[int](3, 1<<20)
	for i := range 3 {
		c.put(fmt.Sprint(i), i)
	}
	c.get("0")
	c.put("3", 3)
	if _, ok := c.get("1"); ok {
		t.Error("the least recently used stayed")
	}
	if _, ok := c.get("0"); !ok {
		t.Error("the used one went")
	}
	if got := c.put("0", 9); got != 0 {
		t.Errorf("a second put gives %d, want the first value", got)
	}
}
