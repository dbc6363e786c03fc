package graphs

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

//go:embed recipes.txt
var recipesText string

// Recipe makes something of a base graph.
type Recipe struct {
	Name  string
	parts []part
	chaos int // how many random changes
	old   bool
}

// part is what a recipe adds to one subgraph: A, B or C.
type part struct {
	role    string
	options []string
	text    string
}

// Recipes returns all recipes, in the order of recipes.txt, then the base and the random ones.
func Recipes() ([]Recipe, error) {
	out := []Recipe{}
	for i, chunk := range strings.Split("\n"+recipesText, "\n=== ")[1:] {
		title, rest, _ := strings.Cut(chunk, "\n")
		r := Recipe{Name: strings.TrimSpace(title)}
		if name, old := strings.CutSuffix(r.Name, " old"); old {
			r.Name, r.old = name, true
		}
		for _, p := range strings.Split("\n"+rest, "\n# ")[1:] {
			head, text, _ := strings.Cut(p, "\n")
			words := strings.Fields(head)
			if len(words) == 0 {
				return nil, fmt.Errorf("graphs: recipe %d (%s) has a part without a role", i, r.Name)
			}
			r.parts = append(r.parts, part{role: words[0], options: words[1:], text: text})
		}
		if len(r.parts) == 0 {
			return nil, fmt.Errorf("graphs: recipe %d (%s) has no parts", i, r.Name)
		}
		out = append(out, r)
	}
	for range 45 {
		out = append(out, Recipe{Name: "base"})
	}
	for range 20 {
		out = append(out, Recipe{Name: "reachable"})
	}
	for i := range 24 {
		out = append(out, Recipe{Name: fmt.Sprintf("chaos%d", 1+i%3), chaos: 1 + i%3})
	}
	return out, nil
}

// New makes the graph of a seed and a recipe.
func New(seed uint64, r Recipe) *Graph {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.Name))
	m := &maker{Rand: rand.New(rand.NewPCG(seed, h.Sum64())), g: &Graph{}}
	if r.Name == "reachable" {
		m.reachable()
		return m.g
	}
	m.base()
	if len(r.parts) > 0 {
		m.apply(r)
	}
	for range r.chaos {
		m.disturb()
	}
	return m.g
}

var alternatives = regexp.MustCompile(`<<([^<>]*)>>`)

// apply adds the parts of a recipe to subgraphs of their own, in the right versions.
func (m *maker) apply(r Recipe) {
	prefix := pick(m, "Zed", "Yak", "Xen") + pick(m, "A", "B", "C")
	roles := map[string]*Subgraph{}
	free := some(m, m.g.Subgraphs, len(m.g.Subgraphs))
	for _, p := range r.parts {
		if roles[p.role] == nil {
			if len(free) == 0 {
				s := &Subgraph{Name: "spare" + p.role, Version: pick(m, Versions...)}
				s.add("type Query", "spare"+p.role+": Int")
				m.g.Subgraphs = append(m.g.Subgraphs, s)
				free = append(free, s)
			}
			roles[p.role], free = free[0], free[1:]
		}
	}
	text := func(s string) string {
		s = alternatives.ReplaceAllStringFunc(s, func(a string) string {
			return pick(m, strings.Split(strings.TrimSuffix(strings.TrimPrefix(a, "<<"), ">>"), "|")...)
		})
		for role, sub := range roles {
			s = strings.ReplaceAll(s, "$"+role, sub.Name)
		}
		return strings.ReplaceAll(strings.ReplaceAll(s, "~or", "|"), "~", prefix)
	}
	for _, p := range r.parts {
		s := roles[p.role]
		if s.Version == "" && !slices.Contains(p.options, "fed1") && !slices.Contains(p.options, "any") {
			s.Version = pick(m, Versions...)
			upgrade(s)
		}
		m.applyPart(s, p, text)
		if !r.old {
			s.raise()
		}
	}
}

func (m *maker) applyPart(s *Subgraph, p part, text func(string) string) {
	for _, o := range p.options {
		name, value, _ := strings.Cut(o, "=")
		switch name {
		case "fed1":
			s.Version = ""
			m.downgrade(s)
		case "version":
			s.Version = text(value)
		case "name":
			s.Name = text(value)
		case "alone":
			s.Blocks = nil
		}
	}
	for line := range strings.Lines(p.text) {
		line = strings.TrimSpace(text(line))
		if link, ok := strings.CutPrefix(line, "link "); ok {
			s.Links = append(s.Links, link)
			continue
		}
		if imports, ok := strings.CutPrefix(line, "import "); ok {
			s.Import = append(used(strings.Join(s.Links, " ")+s.body()), strings.Split(imports, ", ")...)
			continue
		}
		if q, ok := strings.CutPrefix(line, "query "); ok {
			root := s.find("type Query")
			if root == nil {
				root = s.find("type RootQuery")
			}
			if root == nil {
				root = s.add("type Query")
			}
			root.Lines = append(root.Lines, q)
			continue
		}
		s.Blocks = append(s.Blocks, parse(line)...)
	}
}

// upgrade makes what federation 1 had into federation 2: nothing but the name of the version.
func upgrade(s *Subgraph) {
	for _, b := range s.Blocks {
		b.Head = strings.TrimPrefix(b.Head, "extend ")
		for i := range b.Lines {
			if !strings.Contains(strings.Join(b.Lines, " "), "@requires") {
				b.Lines[i] = strings.Replace(b.Lines[i], " @external", "", 1)
			}
		}
	}
}

var modernOnly = regexp.MustCompile(` @(shareable|inaccessible|override|interfaceObject|authenticated|requiresScopes|policy|cost|listSize|composeDirective|audit)(\([^)]*\))?`)

// downgrade removes what federation 1 does not know.
func (m *maker) downgrade(s *Subgraph) {
	s.Links, s.Import = nil, nil
	for _, b := range s.Blocks {
		b.Head = modernOnly.ReplaceAllString(b.Head, "")
		for i := range b.Lines {
			b.Lines[i] = modernOnly.ReplaceAllString(b.Lines[i], "")
		}
	}
}
