package graphs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// maker makes one random graph.
type maker struct {
	*rand.Rand
	g *Graph
}

func (m *maker) chance(p float64) bool { return m.Float64() < p }

func pick[T any](m *maker, list ...T) T { return list[m.IntN(len(list))] }

// some returns k of the list in random order.
func some[T any](m *maker, list []T, k int) []T {
	out := slices.Clone(list)
	m.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(k, len(out))]
}

var (
	subgraphNames = []string{"accounts", "billing", "Catalog", "geo-v2", "inventory", "orders.v1", "reviews", "search_api"}
	entityNames   = []string{"User", "Product", "Order", "Invoice"}
	words         = []string{"amount", "badge", "color", "depth", "extra", "flavor", "grade", "height", "index", "label", "mood", "note"}
	outputTypes   = []string{"Int", "String", "Float!", "Boolean", "[String!]", "ID", "[Int]!"}
)

func (m *maker) base() {
	common := pick(m, Versions...)
	for _, name := range some(m, subgraphNames, 2+m.IntN(3)) {
		s := &Subgraph{Name: name, Version: common}
		if m.chance(0.25) {
			s.Version = pick(m, Versions...)
		}
		if m.chance(0.5) {
			s.URL = "http://" + strings.ToLower(name) + "/graphql"
		}
		m.g.Subgraphs = append(m.g.Subgraphs, s)
		s.add("type Query", short(name)+"Version: String!")
	}
	if m.chance(0.12) {
		pick(m, m.g.Subgraphs...).Version = ""
	}
	for _, e := range some(m, entityNames, 1+m.IntN(3)) {
		m.entity(e)
	}
	for _, part := range []struct {
		p    float64
		make func()
	}{
		{0.5, m.valueType},
		{0.4, m.enum},
		{0.35, m.input},
		{0.25, m.interfaces},
		{0.25, m.entityInterface},
		{0.25, m.union},
		{0.2, m.scalar},
		{0.25, m.mutation},
		{0.08, m.subscription},
		{0.12, m.executable},
		{0.1, m.composed},
	} {
		if m.chance(part.p) {
			part.make()
		}
	}
	m.decorate()
	for _, s := range m.g.Subgraphs {
		if s.Version != "" && m.chance(0.06) {
			m.renameQuery(s)
		}
		s.raise()
	}
}

func short(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", ".", "", "_", "").Replace(name))
}

func (s *Subgraph) fed2() bool { return s.Version != "" }

// has says whether the subgraph is of that version of federation 2 or a later one.
func (s *Subgraph) has(version string) bool { return s.fed2() && !less(s.Version, version) }

// modern returns the subgraphs of federation 2.
func (m *maker) modern() []*Subgraph {
	return slices.DeleteFunc(slices.Clone(m.g.Subgraphs), func(s *Subgraph) bool { return !s.fed2() })
}

func (s *Subgraph) query(lines ...string) {
	q := s.find("type Query")
	q.Lines = append(q.Lines, lines...)
}

// valueType shares a type without a key, sometimes not quite the same.
func (m *maker) valueType() {
	holders := some(m, m.modern(), 1+m.IntN(3))
	if len(holders) == 0 {
		return
	}
	name := pick(m, "Money", "Address", "Page")
	fields := []string{"first: Int", "second(unit: String = \"m\"): String", "third: [ID!]!"}
	for i, s := range holders {
		lines := slices.Clone(fields)
		if i > 0 && m.chance(0.03) {
			lines = lines[1:]
		}
		if i > 0 && m.chance(0.15) {
			lines[len(lines)-1] = "third: [ID!]"
		}
		s.add("type "+name+" @shareable", lines...)
		s.query(short(s.Name) + name + ": " + name)
	}
}

func (m *maker) enum() {
	holders := some(m, m.g.Subgraphs, 1+m.IntN(3))
	name := pick(m, "Status", "Role")
	use := m.IntN(5)
	for i, s := range holders {
		values := []string{"OPEN", "CLOSED", "LOST"}
		if i > 0 && m.chance(0.3) {
			values = values[:2]
		}
		s.add("enum "+name, values...)
		if use != 0 {
			s.query(short(s.Name) + name + ": " + name)
		}
		if use == 0 || use == 1 && len(values) == 3 {
			s.query(short(s.Name) + "By" + name + "(in: " + name + " = OPEN): Int")
		}
	}
}

func (m *maker) input() {
	for i, s := range some(m, m.g.Subgraphs, 1+m.IntN(3)) {
		lines := []string{"text: String", "limit: Int = 10", "deep: [Filter!]"}
		if i > 0 && m.chance(0.3) {
			lines = lines[1:]
		}
		if m.chance(0.03) {
			lines[0] = strings.Replace(lines[0], "String", "String!", 1)
		}
		s.add("input Filter", lines...)
		s.query(short(s.Name) + "Find(filter: Filter, first: Int = 5): [ID!]")
	}
}

// interfaces adds an interface that the entities of some subgraphs implement there.
func (m *maker) interfaces() {
	for _, s := range some(m, m.g.Subgraphs, 1+m.IntN(2)) {
		implemented := false
		for _, b := range s.Blocks {
			if strings.HasPrefix(b.Head, "type ") && slices.Contains(b.Lines, "id: ID!") && !strings.HasPrefix(b.Head, "type Org") {
				b.Head = implement(b.Head, "Node")
				implemented = true
			}
		}
		if implemented {
			s.add("interface Node", "id: ID!")
			s.query(short(s.Name) + "Nodes: [Node!]")
		}
	}
}

func implement(head, iface string) string {
	kind, rest, _ := strings.Cut(head, " ")
	name, tail, _ := strings.Cut(rest, " ")
	if strings.HasPrefix(tail, "implements ") {
		return kind + " " + name + " implements " + iface + " & " + strings.TrimPrefix(tail, "implements ")
	}
	return strings.TrimSpace(kind + " " + name + " implements " + iface + " " + tail)
}

// entityInterface adds an interface with a key and, in other subgraphs, interface objects.
func (m *maker) entityInterface() {
	holders := some(m, m.modern(), 2)
	if len(holders) < 2 {
		return
	}
	a, b := holders[0], holders[1]
	a.add(`interface Media @key(fields: "mid")`, "mid: ID!", "caption: String")
	for _, t := range []string{"Photo", "Video"}[:1+m.IntN(2)] {
		a.add("type "+t+` implements Media @key(fields: "mid")`, "mid: ID!", "caption: String", strings.ToLower(t)+"Size: Int")
	}
	a.query("media: [Media]")
	b.add(`type Media @key(fields: "mid") @interfaceObject`, "mid: ID!", short(b.Name)+"Likes: Int!")
	if m.chance(0.4) {
		b.query(short(b.Name) + "Media: Media")
	}
	for _, s := range holders {
		if less(s.Version, "2.3") {
			s.Version = "2.3"
		}
	}
}

func (m *maker) union() {
	for i, s := range some(m, m.g.Subgraphs, 1+m.IntN(2)) {
		var members []string
		for _, e := range entityNames {
			if b := s.find("type " + e); b != nil {
				members = append(members, e)
			}
		}
		if len(members) == 0 {
			continue
		}
		if i > 0 && m.chance(0.3) {
			members = members[:1]
		}
		s.add("union Hit = " + strings.Join(members, " | "))
		s.query(short(s.Name) + "Search: [Hit]")
	}
}

func (m *maker) scalar() {
	specified := pick(m, "", ` @specifiedBy(url: "https://time")`)
	for _, s := range some(m, m.g.Subgraphs, 1+m.IntN(2)) {
		s.add("scalar DateTime" + specified)
		s.query(short(s.Name) + "Now: DateTime!")
	}
}

func (m *maker) mutation() {
	for _, s := range some(m, m.g.Subgraphs, 1+m.IntN(2)) {
		s.add("type Mutation", short(s.Name)+"Touch(id: ID!): Boolean")
	}
}

func (m *maker) subscription() {
	s := pick(m, m.g.Subgraphs...)
	s.add("type Subscription", short(s.Name)+"Tick: Int!")
}

// executable defines a directive for operations, mostly everywhere and mostly alike.
func (m *maker) executable() {
	live := "5"
	for i, s := range m.g.Subgraphs {
		if m.chance(0.02) {
			live = "6"
		}
		if m.chance(0.12) {
			continue
		}
		locations := "FIELD | QUERY"
		if i > 0 && m.chance(0.15) {
			locations = "FIELD"
		}
		repeatable := ""
		if i > 0 && m.chance(0.1) {
			repeatable = "repeatable "
		}
		s.add("directive @live(ttl: Int = " + live + ") " + repeatable + "on " + locations)
	}
}

// composed carries a custom directive into the supergraph.
func (m *maker) composed() {
	version := pick(m, "v1.0", "v1.2")
	for _, s := range some(m, m.modern(), 1+m.IntN(2)) {
		if less(s.Version, "2.1") {
			s.Version = "2.1"
		}
		s.Links = append(s.Links, `@link(url: "https://specs.example.org/audit/`+version+`", import: ["@audit"]) @composeDirective(name: "@audit")`)
		s.Import = nil
		s.add("directive @audit(level: Int = 1) on FIELD_DEFINITION | OBJECT")
		q := s.find("type Query")
		q.Lines[0] += pick(m, " @audit", " @audit(level: 2)", "")
	}
}

func (m *maker) renameQuery(s *Subgraph) {
	q := s.find("type Query")
	q.Head = "type RootQuery"
	head := "schema"
	lines := []string{"query: RootQuery"}
	for _, op := range []string{"Mutation", "Subscription"} {
		if s.find("type "+op) != nil {
			lines = append(lines, strings.ToLower(op)+": "+op)
		}
	}
	s.add(head, lines...)
}

// decorate adds descriptions and directives that do not decide whether the graph composes.
func (m *maker) decorate() {
	for _, s := range m.g.Subgraphs {
		for _, b := range s.Blocks {
			if strings.HasPrefix(b.Head, "type ") {
				for i := range b.Lines {
					b.Lines[i] = m.decorated(s, b, b.Lines[i])
				}
			}
			if m.chance(0.1) && !strings.HasPrefix(b.Head, "extend") && !strings.HasPrefix(b.Head, "schema") {
				b.Description = pick(m, `"described"`, `"""Described in `+s.Name+`"""`, `"described"`)
			}
			if strings.HasPrefix(b.Head, "type ") && m.chance(0.06) {
				b.Head += m.tag()
			}
		}
	}
}

func (m *maker) tag() string { return fmt.Sprintf(` @tag(name: "%s")`, pick(m, "public", "internal")) }

func (m *maker) decorated(s *Subgraph, b *Block, line string) string {
	query := strings.HasPrefix(b.Head, "type Query")
	if strings.Contains(line, "@external") {
		return line
	}
	switch roll := m.IntN(100); {
	case roll < 4:
		return line + m.tag()
	case roll < 6:
		return line + pick(m, " @deprecated", ` @deprecated(reason: "old")`)
	case roll < 8:
		return pick(m, `"a field" `, `"the field" `) + line
	case roll < 9 && s.fed2() && !query && !strings.Contains(b.Head, "implements"):
		return line + " @inaccessible"
	case roll < 11 && s.has("2.5") && !strings.Contains(line, "id: ID!"):
		return line + pick(m, " @authenticated", ` @requiresScopes(scopes: [["read"]])`, ` @policy(policies: [["p"], ["q", "r"]])`)
	case roll < 13 && s.has("2.9"):
		return line + fmt.Sprintf(" @cost(weight: %d)", m.IntN(9))
	case roll < 15 && s.has("2.9") && strings.Contains(line, "]"):
		return line + pick(m, " @listSize(assumedSize: 9)", " @listSize(assumedSize: 3, requireOneSlicingArgument: false)")
	}
	return line
}
