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
		c := newLRU[string, string](5, 5*weightOf(0)+3000)
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			key := strings.Repeat(rapid.StringMatching("[a-e]").Draw(t, "key"), rapid.IntRange(1, 90).Draw(t, "length"))
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 1:
				c.put(key, "v"+key, weightOf(len(key)))
			case 2:
				c.replace(key, "v"+key, weightOf(len(key)))
			}
			if v, ok := c.get(key); ok && v != "v"+key {
				t.Fatalf("%q gives %q", key, v)
			}
			weight := 0
			for k := range c.byKey {
				weight += weightOf(len(k))
			}
			if c.order.Len() > 5 || len(c.byKey) != c.order.Len() || weight != c.weight || weight > c.maxWeight {
				t.Fatalf("%d entries of weight %d (counted %d)", c.order.Len(), c.weight, weight)
			}
		}
	})
}

// TestLRUKeepsTheRecent: what is used stays.
func TestLRUKeepsTheRecent(t *testing.T) {
	c := newLRU[string, int](3, 1<<20)
	for i := range 3 {
		c.put(fmt.Sprint(i), i, 1)
	}
	c.get("0")
	c.put("3", 3, 1)
	if _, ok := c.get("1"); ok {
		t.Error("the least recently used stayed")
	}
	if _, ok := c.get("0"); !ok {
		t.Error("the used one went")
	}
	if got := c.put("0", 9, 1); got != 0 {
		t.Errorf("a second put gives %d, want the first value", got)
	}
	c.replace("0", 9, 1)
	if got, ok := c.get("0"); got != 9 || !ok {
		t.Errorf("after it was replaced: %d", got)
	}
}
