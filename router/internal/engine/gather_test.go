package engine

import (
	"slices"
	"testing"

	"github.com/starlinghq/starling/router/internal/execute"
)

// TestRenumber: fetches that were one share what they depend on, and each is
// renumbered once.
func TestRenumber(t *testing.T) {
	before := []int{0, 1}
	parts := &execute.Node{Parallel: true, Children: []*execute.Node{
		{Fetch: &execute.Fetch{ID: 2, DependsOn: before}},
		{Fetch: &execute.Fetch{ID: 2, DependsOn: before}},
	}}
	renumber(parts, 3)
	for _, c := range parts.Children {
		if f := c.Fetch; f.ID != 5 || !slices.Equal(f.DependsOn, []int{3, 4}) {
			t.Errorf("fetch %d depends on %v, want 5 on 3 and 4", f.ID, f.DependsOn)
		}
	}
}
