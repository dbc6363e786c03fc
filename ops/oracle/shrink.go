package main

import (
	"context"
	"slices"
	"strings"

	"github.com/starlinghq/starling/ops/oracle/graphs"
	"github.com/starlinghq/starling/ops/oracle/judge"
)

// shrink removes subgraphs, blocks, lines and directives from a graph as long as a difference of the same kind and signature remains.
func shrink(ctx context.Context, p *judge.Process, g *graphs.Graph, d difference) *graphs.Graph {
	remains := func(c *graphs.Graph) bool {
		ds, _, err := judged(ctx, p, inputs(c))
		return err == nil && slices.ContainsFunc(ds, func(o difference) bool { return o.kind == d.kind && o.signature == d.signature })
	}
	for smaller := true; smaller && ctx.Err() == nil; {
		smaller = false
		for _, c := range cuts(g) {
			if next := c(g.Clone()); next != nil && remains(next) {
				g, smaller = next, true
				break
			}
		}
	}
	return g
}

// cut makes a graph smaller, nil if it cannot.
type cut func(*graphs.Graph) *graphs.Graph

// cuts lists what may be removed from a graph, the largest pieces first.
func cuts(g *graphs.Graph) []cut {
	var out []cut
	for i := range g.Subgraphs {
		out = append(out, func(c *graphs.Graph) *graphs.Graph {
			if len(c.Subgraphs) == 1 {
				return nil
			}
			c.Subgraphs = slices.Delete(c.Subgraphs, i, i+1)
			return c
		})
	}
	for i, s := range g.Subgraphs {
		for j := range s.Blocks {
			out = append(out, func(c *graphs.Graph) *graphs.Graph {
				c.Subgraphs[i].Blocks = slices.Delete(c.Subgraphs[i].Blocks, j, j+1)
				return c
			})
		}
	}
	for i, s := range g.Subgraphs {
		for j := range s.Links {
			out = append(out, func(c *graphs.Graph) *graphs.Graph {
				c.Subgraphs[i].Links = slices.Delete(c.Subgraphs[i].Links, j, j+1)
				return c
			})
		}
		for j, b := range s.Blocks {
			out = append(out, blockCuts(i, j, b)...)
		}
		if s.URL != "" {
			out = append(out, func(c *graphs.Graph) *graphs.Graph { c.Subgraphs[i].URL = ""; return c })
		}
	}
	return out
}

func blockCuts(i, j int, b *graphs.Block) []cut {
	var out []cut
	for k := range b.Lines {
		out = append(out, func(c *graphs.Graph) *graphs.Graph {
			b := c.Subgraphs[i].Blocks[j]
			if len(b.Lines) == 1 {
				return nil
			}
			b.Lines = slices.Delete(b.Lines, k, k+1)
			return c
		})
	}
	if b.Description != "" {
		out = append(out, func(c *graphs.Graph) *graphs.Graph { c.Subgraphs[i].Blocks[j].Description = ""; return c })
	}
	for n := range strings.Count(b.Head, " @") {
		out = append(out, func(c *graphs.Graph) *graphs.Graph {
			c.Subgraphs[i].Blocks[j].Head = withoutNth(b.Head, n)
			return c
		})
	}
	for k, l := range b.Lines {
		for n := range strings.Count(l, " @") {
			out = append(out, func(c *graphs.Graph) *graphs.Graph {
				c.Subgraphs[i].Blocks[j].Lines[k] = withoutNth(l, n)
				return c
			})
		}
	}
	return out
}

// withoutNth removes the n-th directive of a line.
func withoutNth(line string, n int) string {
	parts := strings.Split(line, " @")
	return strings.Join(slices.Delete(parts, n+1, n+2), " @")
}
