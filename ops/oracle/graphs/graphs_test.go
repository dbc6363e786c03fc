package graphs

import (
	"strings"
	"testing"
)

func TestRecipesAreRead(t *testing.T) {
	recipes, err := Recipes()
	if err != nil {
		t.Fatal(err)
	}
	if len(recipes) < 150 {
		t.Errorf("only %d recipes", len(recipes))
	}
	for _, r := range recipes {
		for seed := range uint64(3) {
			g := New(seed, r)
			for _, s := range g.Subgraphs {
				if sdl := s.SDL(); strings.Contains(sdl, "<<") || strings.Contains(sdl, ">>") || strings.Contains(sdl, "~") || strings.Contains(sdl, "{{") {
					t.Errorf("%s: a placeholder is left in\n%s", r.Name, sdl)
				}
			}
		}
	}
}

func TestSeedDecides(t *testing.T) {
	recipes, err := Recipes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recipes {
		a, b := New(7, r), New(7, r)
		for i := range a.Subgraphs {
			if a.Subgraphs[i].SDL() != b.Subgraphs[i].SDL() {
				t.Errorf("%s: two graphs of one seed differ", r.Name)
			}
		}
	}
}
