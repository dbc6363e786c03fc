package graphs

import (
	"fmt"
	"slices"
	"strings"
)

// reachable makes a graph whose only question is what can be reached: entities with several keys, simple and nested, over subgraphs that
// know some of them; values without keys; requirements, provided fields, overrides with labels, interfaces, unions, interface objects.
func (m *maker) reachable() {
	version := pick(m, "2.3", "2.7", "2.8", "2.10")
	for i := range 2 + m.IntN(3) {
		s := &Subgraph{Name: fmt.Sprintf("s%d", i+1), Version: version}
		m.g.Subgraphs = append(m.g.Subgraphs, s)
		s.add("type Query", fmt.Sprintf("v%d: Int", i+1))
	}
	types := []string{"A", "B", "C", "D"}[:2+m.IntN(3)]
	for _, t := range types {
		m.reachableEntity(t, types)
	}
	if m.chance(0.4) {
		m.reachableAbstract(types)
	}
	if m.chance(0.3) {
		m.reachableInterfaceObject()
	}
	for _, s := range m.g.Subgraphs {
		for _, t := range types {
			if s.find("type "+t) != nil && m.chance(0.35) {
				s.query(pick(m, strings.ToLower(t)+s.Name+": "+t, "shared"+t+": "+t+" @shareable"))
			}
		}
		s.raise()
	}
}

// reachableEntity spreads one type over subgraphs, each with keys of its own choice.
func (m *maker) reachableEntity(t string, types []string) {
	holders := some(m, m.g.Subgraphs, 1+m.IntN(len(m.g.Subgraphs)))
	keys := some(m, []string{"id", "k1", "k2", "id k1", "n { id }", "n { k }", "to" + t + " { id }"}, 1+m.IntN(3))
	for i, s := range holders {
		head := "type " + t
		var lines []string
		have := func(l string) {
			if !slices.Contains(lines, l) {
				lines = append(lines, l)
			}
		}
		for _, k := range some(m, keys, 1+m.IntN(len(keys))) {
			if m.chance(0.12) {
				continue
			}
			head += fmt.Sprintf(" @key(fields: %q%s)", k, pick(m, "", "", "", "", ", resolvable: false"))
			m.keyFields(s, t, k, have)
		}
		if m.chance(0.3) {
			have(pick(m, "k1", "k2") + ": ID! @shareable")
		}
		for j := range m.IntN(3) {
			have(fmt.Sprintf("f%s%d: Int", s.Name, j))
		}
		if m.chance(0.4) {
			o := pick(m, types...)
			if s.find("type "+o) != nil || o == t {
				have(fmt.Sprintf("go%s%s: %s", s.Name, o, o))
			}
		}
		if i > 0 && m.chance(0.35) {
			m.need(s, holders[0], t, have)
		}
		if m.chance(0.2) {
			have("val: V @shareable")
			m.value(s)
		}
		if len(lines) == 0 {
			have("only: Int @shareable")
		}
		s.add(head, lines...)
	}
	m.overrideSome(t, holders)
}

func (m *maker) keyFields(s *Subgraph, t, key string, have func(string)) {
	for _, w := range strings.Fields(strings.NewReplacer("{", " { ", "}", " } ").Replace(key)) {
		switch {
		case w == "n":
			have("n: N @shareable")
			if s.find("type N") == nil {
				b := s.add("type N @shareable"+pick(m, "", ` @key(fields: "id")`, ` @key(fields: "k")`), "id: ID!", "k: ID!")
				if m.chance(0.4) {
					i := strings.Index(b.Head, "\"id\"")
					b.Lines = b.Lines[:1]
					if i < 0 && strings.Contains(b.Head, "@key") || strings.Contains(key, " k ") {
						b.Lines = []string{"k: ID!"}
					}
				}
			}
			if n := s.find("type N"); strings.Contains(key, "{ k }") && !slices.Contains(n.Lines, "k: ID!") {
				n.Lines = append(n.Lines, "k: ID!")
			} else if strings.Contains(key, "{ id }") && !slices.Contains(n.Lines, "id: ID!") {
				n.Lines = append(n.Lines, "id: ID!")
			}
		case strings.HasPrefix(w, "to"):
			have(w + ": " + t + " @shareable")
			have("id: ID! @shareable")
			return
		case w == "{" || w == "}":
			if w == "{" {
				return
			}
		default:
			have(w + ": ID! @shareable")
		}
	}
}

// need lets a subgraph require or provide something of the owner.
func (m *maker) need(s, owner *Subgraph, t string, have func(string)) {
	b := owner.find("type " + t)
	field := "p" + s.Name
	b.Lines = append(b.Lines, field+": Int"+pick(m, "", " @shareable"))
	if m.chance(0.7) {
		have(field + ": Int @external")
		have(fmt.Sprintf("r%s: Int @requires(fields: %q)", s.Name, field))
		return
	}
	b.Lines[len(b.Lines)-1] = field + ": Int @shareable"
	have(field + ": Int @external")
	s.query(fmt.Sprintf("with%s%s: %s @provides(fields: %q)", s.Name, t, t, field))
}

// value adds a type without a key, of which subgraphs may know different parts.
func (m *maker) value(s *Subgraph) {
	if s.find("type V") == nil {
		s.add("type V @shareable", pick(m, "x: Int", "y: Int", "x: Int"), "w: Int")
	}
}

func (m *maker) overrideSome(t string, holders []*Subgraph) {
	if len(holders) < 2 || !m.chance(0.3) {
		return
	}
	from, to := holders[0], holders[1]
	for _, l := range from.find("type " + t).Lines {
		name, typ, _ := strings.Cut(l, ": ")
		if strings.HasPrefix(name, "f"+from.Name) || strings.HasPrefix(name, "go") {
			b := to.find("type " + t)
			word := strings.Fields(typ)[0]
			if word != "Int" && to.find("type "+word) == nil {
				return
			}
			b.Lines = append(b.Lines, fmt.Sprintf("%s: %s @override(from: %q%s)", name, word, from.Name, m.label(to)))
			return
		}
	}
}

func (m *maker) reachableAbstract(types []string) {
	for _, s := range some(m, m.g.Subgraphs, 1+m.IntN(2)) {
		var members []string
		for _, t := range types {
			if s.find("type "+t) != nil {
				members = append(members, t)
			}
		}
		if len(members) == 0 {
			continue
		}
		if m.chance(0.5) {
			s.add("union U = " + strings.Join(members, " | "))
			s.query(pick(m, "u"+s.Name+": U", "u: [U] @shareable"))
			continue
		}
		for _, t := range members {
			b := s.find("type " + t)
			b.Head = implement(b.Head, "Face")
			b.Lines = append(b.Lines, "face: Int @shareable")
		}
		s.add("interface Face", "face: Int")
		s.query("face" + s.Name + ": Face")
	}
}

func (m *maker) reachableInterfaceObject() {
	holders := some(m, m.g.Subgraphs, 3)
	a := holders[0]
	a.add(`interface I @key(fields: "id")`, "id: ID!", "i: Int")
	for _, t := range []string{"P", "Q"} {
		a.add("type "+t+` implements I @key(fields: "id")`, "id: ID!", "i: Int")
	}
	a.query("i: I")
	for _, s := range holders[1:] {
		lines := []string{"id: ID!", "o" + s.Name + ": Int"}
		if m.chance(0.4) {
			lines = append(lines, "i: Int @external", "ri"+s.Name+`: Int @requires(fields: "i")`)
		}
		s.add(`type I @interfaceObject @key(fields: "id"`+pick(m, "", "", ", resolvable: false")+")", lines...)
		if m.chance(0.6) {
			s.query("i" + s.Name + ": I")
		}
	}
}
