package difftest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"github.com/starlinghq/starling/schema/compose"
)

// A generated graph: entities whose fields are spread over subgraphs, with the
// features of federation thrown in. What does not compose is thrown away.

// featureCounts counts what the generated graphs have in them.
type featureCounts map[string]int

type genType struct {
	name   string
	keys   []string // key field sets; all their fields exist in every subgraph that has the key
	in     map[int]*genPart
	iface  string
	owners map[string]int // field -> subgraph that owns it
}

// genPart is a type in one subgraph.
type genPart struct {
	keys    []string // the keys it has there, with "!" at the end when not resolvable
	fields  []string // printed field definitions
	defined map[string]bool
}

type generatorOf struct {
	r        *rand.Rand
	subs     int
	types    []*genType
	roots    [][]string // query fields by subgraph
	mutates  [][]string
	extra    []strings.Builder
	features featureCounts
}

func (g *generatorOf) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *generatorOf) has(feature string) { g.features[feature]++ }

// generateGraph makes the subgraphs of a graph and composes them.
func generateGraph(seed uint64, features featureCounts) (entry, bool) {
	counts := featureCounts{}
	g := &generatorOf{r: rand.New(rand.NewPCG(seed, 99)), features: counts}
	g.subs = 2 + g.r.IntN(4)
	g.roots, g.mutates, g.extra = make([][]string, g.subs), make([][]string, g.subs), make([]strings.Builder, g.subs)
	for i := range 2 + g.r.IntN(4) {
		g.entity(fmt.Sprintf("T%d", i))
	}
	for _, t := range g.types {
		g.spread(t)
	}
	g.abstracts()
	g.values()
	for i := range g.subs {
		g.root(i)
	}
	var in []compose.Subgraph
	for i := range g.subs {
		in = append(in, compose.Subgraph{Name: fmt.Sprintf("s%d", i), SDL: g.print(i)})
	}
	e, err := composed(fmt.Sprintf("generated%d", seed), in)
	if err != nil {
		return e, false
	}
	for f, n := range counts {
		features[f] += n
	}
	return e, true
}

// entity makes a type with keys and puts it into some subgraphs.
func (g *generatorOf) entity(name string) {
	t := &genType{name: name, in: make(map[int]*genPart), owners: make(map[string]int), keys: []string{"id"}}
	if g.chance(35) {
		t.keys = append(t.keys, "k")
		g.has("several keys")
	}
	if g.chance(25) {
		t.keys = append(t.keys, "id c")
		g.has("composite key")
	}
	if g.chance(15) {
		t.keys = append(t.keys, "n { a }")
		g.has("nested key")
	}
	g.types = append(g.types, t)
	for i := range g.subs {
		if g.chance(60) || len(t.in) == 0 && i == g.subs-1 {
			g.part(t, i)
		}
	}
}

// part puts a type into a subgraph with one or two of its keys.
func (g *generatorOf) part(t *genType, sub int) *genPart {
	if p := t.in[sub]; p != nil {
		return p
	}
	p := &genPart{defined: make(map[string]bool)}
	t.in[sub] = p
	n := 1
	if len(t.keys) > 1 && g.chance(40) {
		n = 2
	}
	for _, i := range g.r.Perm(len(t.keys))[:n] {
		key := t.keys[i]
		if g.chance(12) && n == 1 {
			key += "!"
			g.has("resolvable: false")
		}
		p.keys = append(p.keys, key)
	}
	for _, k := range p.keys {
		g.keyFields(p, strings.TrimSuffix(k, "!"), t.name)
	}
	return p
}

func (g *generatorOf) keyFields(p *genPart, key, owner string) {
	for _, f := range strings.Fields(strings.NewReplacer("{", " ", "}", " ", " a ", " ").Replace(key + " ")) {
		switch {
		case p.defined[f]:
		case f == "n":
			p.defined[f] = true
			p.fields = append(p.fields, "n: N"+owner+"! @shareable")
		default:
			p.defined[f] = true
			p.fields = append(p.fields, f+": ID! @shareable")
		}
	}
}

var scalars = []string{"Int", "String", "Float", "Boolean", "ID", "Color"}

// spread gives a type fields and each of them an owner.
func (g *generatorOf) spread(t *genType) {
	subs := make([]int, 0, len(t.in))
	for i := range t.in {
		subs = append(subs, i)
	}
	sort.Ints(subs)
	for i := range 2 + g.r.IntN(6) {
		name := fmt.Sprintf("f%d%s", i, strings.ToLower(t.name))
		owner := subs[g.r.IntN(len(subs))]
		typ := g.fieldType(owner)
		args := ""
		if g.chance(25) {
			args = "(x: Int = 3, y: [String!])"
			g.has("arguments")
		}
		g.define(t, owner, name, args, typ)
	}
	for _, sub := range subs {
		g.requires(t, sub, subs)
	}
	if len(subs) > 1 && g.chance(20) {
		// A shareable field in two subgraphs.
		for _, sub := range subs[:2] {
			t.in[sub].fields = append(t.in[sub].fields, "both"+strings.ToLower(t.name)+": Int @shareable")
		}
		g.has("shareable field")
	}
	if len(subs) > 1 && g.chance(20) {
		from, to := subs[0], subs[1]
		label := ""
		if g.chance(50) {
			label = `, label: "percent(50)"`
			g.has("override with label")
		}
		name := "moved" + strings.ToLower(t.name)
		t.in[from].fields = append(t.in[from].fields, name+": String")
		t.in[to].fields = append(t.in[to].fields, fmt.Sprintf(`%s: String @override(from: "s%d"%s)`, name, from, label))
		g.has("override")
	}
}

func (g *generatorOf) define(t *genType, owner int, name, args, typ string) {
	directive := ""
	if g.chance(5) {
		directive = " @inaccessible"
		g.has("inaccessible field")
	}
	t.in[owner].fields = append(t.in[owner].fields, name+args+": "+typ+directive)
	t.owners[name+args] = owner
}

// fieldType is a scalar, an entity, or a list of either, as a subgraph may say.
func (g *generatorOf) fieldType(sub int) string {
	base := scalars[g.r.IntN(len(scalars))]
	if g.chance(45) {
		t := g.types[g.r.IntN(len(g.types))]
		g.part(t, sub)
		base = t.name
	}
	if g.chance(20) {
		base += "!"
	}
	switch {
	case g.chance(8):
		g.has("list of lists")
		return "[[" + base + "]]"
	case g.chance(30):
		return "[" + base + "]"
	}
	return base
}

// requires adds a field that needs fields of others.
func (g *generatorOf) requires(t *genType, sub int, subs []int) {
	if !g.chance(35) || len(subs) < 2 {
		return
	}
	resolvable := slices.ContainsFunc(t.in[sub].keys, func(k string) bool { return !strings.HasSuffix(k, "!") })
	var needed []string
	names := make([]string, 0, len(t.owners))
	for n := range t.owners {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		owner := t.owners[n]
		if owner == sub || strings.Contains(n, "(") {
			continue
		}
		for _, f := range t.in[owner].fields {
			typ, ok := strings.CutPrefix(f, n+": ")
			if ok && isScalar(typ) && !strings.Contains(typ, "@") && len(needed) < 2 {
				needed = append(needed, n)
				t.in[sub].fields = append(t.in[sub].fields, n+": "+typ+" @external")
			}
		}
	}
	if len(needed) == 0 || !resolvable {
		t.in[sub].fields = slices.DeleteFunc(t.in[sub].fields, func(f string) bool { return strings.HasSuffix(f, "@external") })
		return
	}
	t.in[sub].fields = append(t.in[sub].fields, fmt.Sprintf("r%d%s: String @requires(fields: %q)", sub, strings.ToLower(t.name), strings.Join(needed, " ")))
	g.has("requires")
}

func isScalar(typ string) bool {
	return slices.ContainsFunc(scalars, func(s string) bool { return strings.Trim(typ, "[]!") == s })
}

// abstracts adds an interface and a union of entities to a subgraph, and
// sometimes an interface object elsewhere.
func (g *generatorOf) abstracts() {
	if len(g.types) < 2 {
		return
	}
	sub := g.r.IntN(g.subs)
	a, b := g.types[0], g.types[1]
	pa, pb := g.part(a, sub), g.part(b, sub)
	for _, p := range []*genPart{pa, pb} {
		g.keyFields(p, "id", "")
		if !slices.Contains(p.keys, "id") {
			p.keys = append(p.keys, "id")
		}
	}
	w := &g.extra[sub]
	if g.chance(60) {
		fmt.Fprintf(w, "union U = %s | %s\n", a.name, b.name)
		g.roots[sub] = append(g.roots[sub], "u: U", "us: [U!]")
		g.has("union")
	}
	if !g.chance(60) {
		return
	}
	key := ""
	if g.subs > 1 && g.chance(50) {
		key = ` @key(fields: "id")`
		other := (sub + 1) % g.subs
		fmt.Fprintf(&g.extra[other], "type I @key(fields: \"id\") @interfaceObject { id: ID! @shareable  added: String  more(x: Int): [Int] }\n")
		g.roots[other] = append(g.roots[other], "is: [I!]")
		g.has("interface object")
	}
	fmt.Fprintf(w, "interface I%s { id: ID! }\n", key)
	a.iface, b.iface = fmt.Sprint(sub), fmt.Sprint(sub)
	g.roots[sub] = append(g.roots[sub], "i: I", "all: [I]")
	g.has("interface")
}

// values adds a value type that several subgraphs share.
func (g *generatorOf) values() {
	if g.subs < 2 || !g.chance(50) {
		return
	}
	for _, sub := range []int{0, 1} {
		g.extra[sub].WriteString("type V @shareable { a: Int b: [String] v: V }\n")
	}
	g.roots[0] = append(g.roots[0], "v: V @shareable")
	g.roots[1] = append(g.roots[1], "v: V @shareable", "vs: [V]")
	g.has("shared value type")
}

// root adds root fields for the entities of a subgraph.
func (g *generatorOf) root(sub int) {
	for _, t := range g.types {
		if t.in[sub] == nil || !g.chance(60) {
			continue
		}
		name := strings.ToLower(t.name)
		g.roots[sub] = append(g.roots[sub], fmt.Sprintf("%s%d(a: ID): %s", name, sub, t.name))
		if g.chance(50) {
			g.roots[sub] = append(g.roots[sub], fmt.Sprintf("list%s%d: [%s]", name, sub, t.name))
		}
		if g.chance(30) {
			g.mutates[sub] = append(g.mutates[sub], fmt.Sprintf("set%s%d(a: Int): %s", name, sub, t.name))
			g.has("mutation")
		}
		g.provides(t, sub)
	}
	if sub == 0 && len(g.roots[0]) == 0 {
		g.roots[0] = append(g.roots[0], "health: Boolean")
	}
}

// provides adds a root field that gives a field which is another's.
func (g *generatorOf) provides(t *genType, sub int) {
	if !g.chance(25) {
		return
	}
	names := make([]string, 0, len(t.owners))
	for n := range t.owners {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if t.owners[n] == sub || strings.Contains(n, "(") {
			continue
		}
		owner := t.in[t.owners[n]]
		for i, f := range owner.fields {
			typ, ok := strings.CutPrefix(f, n+": ")
			if !ok || !isScalar(typ) || strings.Contains(typ, "@") {
				continue
			}
			external := n + ": " + typ + " @external"
			if !slices.Contains(t.in[sub].fields, external) {
				t.in[sub].fields = append(t.in[sub].fields, external)
			}
			owner.fields[i] = f + " @shareable"
			g.roots[sub] = append(g.roots[sub], fmt.Sprintf("given%s%d: %s @provides(fields: %q)", strings.ToLower(t.name), sub, t.name, n))
			g.has("provides")
			return
		}
	}
}

func (g *generatorOf) print(sub int) string {
	var b strings.Builder
	b.WriteString(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject"])` + "\n")
	used := strings.Builder{}
	for _, t := range g.types {
		p := t.in[sub]
		if p == nil {
			continue
		}
		used.WriteString("type " + t.name)
		if t.iface == fmt.Sprint(sub) {
			used.WriteString(" implements I")
		}
		for _, k := range p.keys {
			if key, not := strings.CutSuffix(k, "!"); not {
				fmt.Fprintf(&used, " @key(fields: %q, resolvable: false)", key)
			} else {
				fmt.Fprintf(&used, " @key(fields: %q)", k)
			}
		}
		used.WriteString(" {\n  " + strings.Join(p.fields, "\n  ") + "\n}\n")
		if p.defined["n"] {
			used.WriteString("type N" + t.name + " @shareable { a: ID! }\n")
		}
	}
	if len(g.roots[sub]) > 0 {
		used.WriteString("type Query {\n  " + strings.Join(g.roots[sub], "\n  ") + "\n}\n")
	}
	if len(g.mutates[sub]) > 0 {
		used.WriteString("type Mutation {\n  " + strings.Join(g.mutates[sub], "\n  ") + "\n}\n")
	}
	used.WriteString(g.extra[sub].String())
	if strings.Contains(used.String(), "Color") {
		used.WriteString("enum Color { RED GREEN BLUE }\n")
	}
	b.WriteString(used.String())
	return b.String()
}
