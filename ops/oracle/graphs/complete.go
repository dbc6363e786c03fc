package graphs

import (
	"regexp"
	"slices"
	"strings"
)

var (
	referred   = regexp.MustCompile(`: \[*([A-Z]\w*)`)
	listed     = regexp.MustCompile(`^(?:extend )?(?:union \w+[^=]*=|.* implements) ([^@]*)`)
	identifier = regexp.MustCompile(`[A-Za-z_]\w*`)
)

// complete adds the types that the blocks of a subgraph name and that it does not have, as another subgraph of the graph or some graph of the
// pool has them: few mutants say anything new by a type that is not there.
func (m *mutator) complete(s *Subgraph) {
	for range 4 {
		names := s.undefined()
		if len(names) == 0 {
			return
		}
		for _, n := range names {
			if b := m.definition(n); b != nil {
				s.Blocks = append(s.Blocks, b)
			}
		}
	}
}

// undefined lists the types that a subgraph names and does not have.
func (s *Subgraph) undefined() []string {
	have := []string{"Int", "Float", "String", "Boolean", "ID"}
	var names []string
	for _, b := range s.Blocks {
		if t := typeName.FindStringSubmatch(b.Head); t != nil {
			have = append(have, t[2])
		}
		if l := listed.FindStringSubmatch(b.Head); l != nil {
			names = append(names, identifier.FindAllString(l[1], -1)...)
		}
		for _, l := range append([]string{b.Head}, b.Lines...) {
			for _, r := range referred.FindAllStringSubmatch(quoted.ReplaceAllString(l, ""), -1) {
				names = append(names, r[1])
			}
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return slices.Contains(have, n) })
}

// definition finds a definition of a type, in this graph rather than in others.
func (m *mutator) definition(name string) *Block {
	var here, elsewhere []*Block
	for i, g := range append([]*Graph{m.g}, m.pool...) {
		for _, s := range g.Subgraphs {
			for _, b := range s.Blocks {
				if t := typeName.FindStringSubmatch(b.Head); t == nil || t[2] != name || strings.HasPrefix(b.Head, "extend ") {
					continue
				}
				if i == 0 {
					here = append(here, b)
				} else {
					elsewhere = append(elsewhere, b)
				}
			}
		}
	}
	if len(here) == 0 {
		here = elsewhere
	}
	if len(here) == 0 {
		return nil
	}
	b := pick(&m.maker, here...)
	return &Block{Description: b.Description, Head: b.Head, Lines: slices.Clone(b.Lines)}
}
