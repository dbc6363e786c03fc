package compose_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/starlinghq/starling/schema/compose"
)

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := compose.Compose(ctx, []compose.Subgraph{{Name: "a", SDL: "type Query { a: Int }"}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []compose.Option{compose.MaxSteps(0), compose.FederationVersion("3.0"), compose.FederationVersion("")} {
		if _, err := compose.Compose(t.Context(), nil, o); err == nil {
			t.Error("an invalid option was taken")
		}
	}
}

func TestInputsAreNotChanged(t *testing.T) {
	in := []compose.Subgraph{{Name: "b", SDL: "type Query { b: Int }"}, {Name: "a", SDL: "type Query { a: Int }"}}
	mustCompose(t, in)
	if in[0].Name != "b" || in[1].Name != "a" {
		t.Errorf("the inputs were reordered: %v", in)
	}
}

func TestListsAreNeverNil(t *testing.T) {
	for _, sdl := range []string{"type Query { a: Int }", "type A { a: Int }", "type", ""} {
		res := mustCompose(t, []compose.Subgraph{{Name: "a", SDL: sdl}})
		if res.Errors == nil || res.Hints == nil {
			t.Errorf("%q: a list is nil", sdl)
		}
		for _, d := range append(res.Errors, res.Hints...) {
			if d.Locations == nil || d.Code == "" || d.Message == "" {
				t.Errorf("%q: %+v", sdl, d)
			}
		}
	}
	if res := mustCompose(t, nil); len(res.Errors) == 0 {
		t.Error("no subgraphs compose")
	}
}

// TestLarge composes a graph of many subgraphs that share entities.
func TestLarge(t *testing.T) {
	if res := mustCompose(t, large(60)); res.Err() != nil {
		t.Fatal(res.Err())
	}
}

func BenchmarkCompose(b *testing.B) {
	for _, n := range []int{100, 200} {
		b.Run(fmt.Sprintf("subgraphs=%d", n), func(b *testing.B) {
			in := large(n)
			for b.Loop() {
				if res := mustCompose(b, in); res.Err() != nil {
					b.Fatal(res.Err())
				}
			}
		})
	}
}

// large makes n subgraphs with 20 entities each, half of them those of others.
func large(n int) []compose.Subgraph {
	var out []compose.Subgraph
	for i := range n {
		var b strings.Builder
		b.WriteString("extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", import: [\"@key\", \"@shareable\", \"@tag\"])\n")
		fmt.Fprintf(&b, "type Query { q%d: E%d }\n", i, i*10)
		for j := range 10 {
			fmt.Fprintf(&b, "type E%d @key(fields: \"id\") { id: ID! f%d: String @tag(name: \"t\") next: E%d }\n", i*10+j, j, (i*10+j+1)%(n*10))
		}
		for j := range 10 {
			fmt.Fprintf(&b, "type E%d @key(fields: \"id\") { id: ID! s%d_%d(first: Int = 10): [V!]! }\n", ((i+1)%n)*10+j, i, j)
		}
		b.WriteString("type V @shareable { x: Int y: String }\n")
		out = append(out, compose.Subgraph{Name: fmt.Sprintf("sub%d", i), SDL: b.String()})
	}
	return out
}
