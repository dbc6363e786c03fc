package difftest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/starlinghq/starling/schema/compose"
)

// A generated graph is made of motifs: each adds types and root fields that
// need one feature of federation, with subgraphs, types and lists drawn at
// random. Links between the entities of different motifs, and for some graphs a
// random base, mix them.

// motifGraph is a graph under construction.
type motifGraph struct {
	r        *rand.Rand
	subs     []*motifSub
	names    int
	entities []motifEntity
}

// motifSub is a subgraph under construction.
type motifSub struct {
	federation1 bool
	types       map[string]*motifType
	order       []string
}

type motifType struct {
	head   string // up to the fields
	fields []string
}

// motifEntity is a type with the key "id" in a subgraph.
type motifEntity struct {
	name       string
	sub        int
	implements bool
}

func (g *motifGraph) chance(percent int) bool { return g.r.IntN(100) < percent }

// name is a type name that nothing else has.
func (g *motifGraph) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// pick draws different subgraphs of federation 2.
func (g *motifGraph) pick(n int) []int {
	var out []int
	for _, i := range g.r.Perm(len(g.subs)) {
		if !g.subs[i].federation1 && len(out) < n {
			out = append(out, i)
		}
	}
	for len(out) < n {
		out = append(out, g.newSub(false))
	}
	return out
}

func (g *motifGraph) newSub(federation1 bool) int {
	g.subs = append(g.subs, &motifSub{federation1: federation1, types: make(map[string]*motifType)})
	return len(g.subs) - 1
}

// add adds fields to a type of a subgraph. The head is "type Name ...", with
// what stands before the fields; that of the first call counts.
func (g *motifGraph) add(sub int, head string, fields ...string) {
	s := g.subs[sub]
	words := strings.Fields(head)
	name := words[1]
	if words[0] == "extend" {
		name = words[2]
	}
	t := s.types[name]
	if t == nil {
		t = &motifType{head: head}
		s.types[name] = t
		s.order = append(s.order, name)
	}
	for _, f := range fields {
		if !t.has(f) {
			t.fields = append(t.fields, f)
		}
	}
}

func (t *motifType) has(field string) bool {
	for _, f := range t.fields {
		if fieldName(f) == fieldName(field) {
			return true
		}
	}
	return false
}

func fieldName(f string) string { return f[:strings.IndexAny(f+":", ":(")] }

// entity adds a type with the key "id".
func (g *motifGraph) entity(sub int, name string, fields ...string) {
	g.add(sub, "type "+name+` @key(fields: "id")`, append([]string{"id: ID!"}, fields...)...)
	g.entities = append(g.entities, motifEntity{name: name, sub: sub})
}

func (g *motifGraph) query(sub int, fields ...string) { g.add(sub, "type Query", fields...) }

// root adds a query field that gives a type, plain or in lists.
func (g *motifGraph) root(sub int, typ string, directives ...string) {
	g.query(sub, strings.Join(append([]string{g.name("q") + ": " + g.wrap(typ)}, directives...), " "))
}

// wrap makes an output type of a named one.
func (g *motifGraph) wrap(name string) string {
	switch g.r.IntN(10) {
	case 0:
		return name + "!"
	case 1, 2:
		return "[" + name + "]"
	case 3:
		return "[" + name + "!]!"
	case 4:
		return "[[" + name + "]]"
	case 5:
		return "[[" + name + "!]!]!"
	}
	return name
}

// leaf is a type of a value.
func (g *motifGraph) leaf() string {
	name := []string{"Int", "String", "Float", "Boolean", "ID"}[g.r.IntN(5)]
	if g.chance(40) {
		return g.wrap(name)
	}
	return name
}

// link adds fields that lead from the entities of one motif to those of others.
func (g *motifGraph) link() {
	for range len(g.entities) / 3 {
		from, to := g.entities[g.r.IntN(len(g.entities))], g.entities[g.r.IntN(len(g.entities))]
		s := g.subs[from.sub]
		if s.types[to.name] == nil {
			if s.federation1 || to.implements {
				continue // the subgraph may know its interface as an object
			}
			g.add(from.sub, "type "+to.name+` @key(fields: "id", resolvable: false)`, "id: ID!")
		}
		g.add(from.sub, "type "+from.name, g.name("l")+": "+g.wrap(to.name))
	}
}

func (s *motifSub) sdl() string {
	var b strings.Builder
	if !s.federation1 {
		b.WriteString(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject"])` + "\n")
	}
	for _, name := range s.order {
		t := s.types[name]
		b.WriteString(t.head)
		if len(t.fields) > 0 {
			b.WriteString(" {\n  " + strings.Join(t.fields, "\n  ") + "\n}")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// generateMotifs makes a graph of motifs. The names of those in it are counted
// when it composes; why it does not is returned else.
func generateMotifs(seed uint64, counts map[string]int, only ...string) (entry, error) {
	g := &motifGraph{r: rand.New(rand.NewPCG(seed, 77))}
	for range 3 + g.r.IntN(3) {
		g.newSub(false)
	}
	var names []string
	if len(only) > 0 {
		names = only
	} else {
		for range 4 + g.r.IntN(3) {
			names = append(names, motifs[g.r.IntN(len(motifs))].name)
		}
	}
	for _, name := range names {
		for _, m := range motifs {
			if m.name == name {
				m.add(g)
			}
		}
	}
	g.link()
	var in []compose.Subgraph
	for i, s := range g.subs {
		in = append(in, compose.Subgraph{Name: fmt.Sprintf("s%d", i), SDL: s.sdl()})
	}
	e, err := composed(fmt.Sprintf("motifs%d", seed), in)
	if err != nil {
		return e, fmt.Errorf("%v: %w", names, err)
	}
	for _, n := range names {
		counts[n]++
	}
	return e, nil
}
