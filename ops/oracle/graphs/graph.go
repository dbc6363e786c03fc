package graphs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Graph is a list of subgraphs.
type Graph struct {
	Subgraphs []*Subgraph
}

// Subgraph is a schema in blocks. An empty Version means federation 1.
type Subgraph struct {
	Name, URL, Version string
	// Links are further applications of @link, Import overrides the imports (nil: what the blocks use).
	Links  []string
	Import []string
	Blocks []*Block
}

// Block is a definition: its description (a string literal), its head without the brace, and its lines; without lines it prints as the
// head alone.
type Block struct {
	Description, Head string

	Lines []string
}

// Clone copies a graph in depth.
func (g *Graph) Clone() *Graph {
	c := &Graph{}
	for _, s := range g.Subgraphs {
		n := *s
		n.Links = slices.Clone(s.Links)
		n.Import = slices.Clone(s.Import)
		n.Blocks = nil
		for _, b := range s.Blocks {
			n.Blocks = append(n.Blocks, &Block{Description: b.Description, Head: b.Head, Lines: slices.Clone(b.Lines)})
		}
		c.Subgraphs = append(c.Subgraphs, &n)
	}
	return c
}

// SDL prints the subgraph.
func (s *Subgraph) SDL() string {
	var b strings.Builder
	body := s.body()
	if s.Version != "" {
		imports := s.Import
		if imports == nil {
			imports = used(strings.Join(s.Links, " ") + body)
		}
		fmt.Fprintf(&b, "extend schema @link(url: \"https://specs.apollo.dev/federation/v%s\"", s.Version)
		if len(imports) > 0 {
			b.WriteString(", import: [" + strings.Join(imports, ", ") + "]")
		}
		b.WriteString(")")
		for _, l := range s.Links {
			b.WriteString(" " + l)
		}
		b.WriteString("\n")
	}
	b.WriteString(body)
	return strings.ReplaceAll(b.String(), "¶", "\n")
}

func (s *Subgraph) body() string {
	var b strings.Builder
	for _, block := range s.Blocks {
		if block.Description != "" {
			b.WriteString(block.Description + "\n")
		}
		b.WriteString(block.Head)
		if len(block.Lines) > 0 {
			b.WriteString(" {\n")
			for _, l := range block.Lines {
				b.WriteString("  " + l + "\n")
			}
			b.WriteString("}")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// directives of federation with the first version that has them.
var directives = map[string]string{
	"key": "2.0", "requires": "2.0", "provides": "2.0", "external": "2.0", "shareable": "2.0", "override": "2.0", "inaccessible": "2.0",
	"tag": "2.0", "extends": "2.0", "composeDirective": "2.1", "interfaceObject": "2.3", "authenticated": "2.5", "requiresScopes": "2.5",
	"policy": "2.6", "context": "2.8", "fromContext": "2.8", "cost": "2.9", "listSize": "2.9", "cacheTag": "2.12",
}

var directiveUse = regexp.MustCompile(`@(\w+)`)

// used lists the federation directives in a text, as imports, in order of name.
func used(text string) []string {
	var out []string
	for _, m := range directiveUse.FindAllStringSubmatch(text, -1) {
		if i := `"@` + m[1] + `"`; directives[m[1]] != "" && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// Versions are the federation versions that the judge knows.
var Versions = []string{"2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14"}

// less compares two versions "2.x".
func less(a, b string) bool { return slices.Index(Versions, a) < slices.Index(Versions, b) }

// raise lifts the version of a subgraph to what its directives need, unless it is none that exists.
func (s *Subgraph) raise() {
	if !slices.Contains(Versions, s.Version) {
		return
	}
	for _, m := range directiveUse.FindAllStringSubmatch(s.body(), -1) {
		if v := directives[m[1]]; v != "" && less(s.Version, v) {
			s.Version = v
		}
	}
}

func (s *Subgraph) add(head string, lines ...string) *Block {
	b := &Block{Head: head, Lines: lines}
	s.Blocks = append(s.Blocks, b)
	return b
}

// find returns the first block of that head start, such as "type Query".
func (s *Subgraph) find(start string) *Block {
	for _, b := range s.Blocks {
		if b.Head == start || strings.HasPrefix(b.Head, start+" ") {
			return b
		}
	}
	return nil
}

// parse splits text into blocks: "head { line; line }" or "head" a line; a description may stand before it on a line of its own.
func parse(text string) []*Block {
	var out []*Block
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		head, rest, found := strings.Cut(line, " {{ ")
		b := &Block{Head: strings.TrimSpace(head)}
		if found {
			for f := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(rest), "}}"), ";") {
				if f = strings.TrimSpace(f); f != "" {
					b.Lines = append(b.Lines, f)
				}
			}
		}
		out = append(out, b)
	}
	return out
}
