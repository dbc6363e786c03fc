package graphs

import (
	"slices"
	"strings"
)

func keyLines(key string) []string {
	switch key {
	case "id org { id }":
		return []string{"id: ID!", "org: Org!"}
	case "id":
		return []string{"id: ID!"}
	}
	return []string{key + ": String!"}
}

// entity spreads an entity over an owner and others that contribute to it.
func (m *maker) entity(name string) {
	keys := pick(m, []string{"id"}, []string{"id"}, []string{"id", "sku"}, []string{"code"}, []string{"id org { id }"})
	holders := some(m, m.g.Subgraphs, 1+m.IntN(len(m.g.Subgraphs)))
	owner := holders[0]
	var fields []string
	for _, w := range some(m, words, 2+m.IntN(3)) {
		fields = append(fields, w+": "+pick(m, outputTypes...))
	}
	given := make([]string, len(fields)) // what the owner's fields carry because of the others
	for _, s := range holders[1:] {
		m.contribute(s, owner, name, pick(m, keys, keys[:1]), fields, given)
	}
	head := "type " + name
	var lines []string
	for _, k := range keys {
		head += " @key(fields: \"" + k + "\")"
		for _, l := range keyLines(k) {
			if !slices.Contains(lines, l) {
				lines = append(lines, l)
			}
		}
	}
	for i, f := range fields {
		lines = append(lines, f+given[i])
	}
	owner.add(head, lines...)
	owner.query(strings.ToLower(name) + "(id: ID!): " + name)
	if slices.Contains(keys, "id org { id }") {
		for _, s := range holders {
			if s.find("type Org") == nil {
				s.add("type Org"+shareable(s), "id: ID!")
			}
		}
	}
}

func shareable(s *Subgraph) string {
	if s.fed2() {
		return " @shareable"
	}
	return ""
}

// contribute adds a subgraph's part of an entity. The owner's fields that it needs are marked in given.
func (m *maker) contribute(s, owner *Subgraph, name string, keys, fields, given []string) {
	extends := !s.fed2() && owner != s
	head := "type " + name
	if extends {
		head = "extend " + head
	}
	var lines []string
	for _, k := range keys {
		head += " @key(fields: \"" + k + "\""
		if s.fed2() && m.chance(0.02) {
			head += ", resolvable: false"
		}
		head += ")"
		for _, l := range keyLines(k) {
			if extends {
				l += " @external"
			}
			if !slices.Contains(lines, l) {
				lines = append(lines, l)
			}
		}
	}
	prefix := short(s.Name)
	for _, w := range some(m, words, 1+m.IntN(2)) {
		lines = append(lines, prefix+capital(w)+": "+pick(m, outputTypes...))
	}
	i := m.IntN(len(fields))
	fieldName, fieldType, _ := strings.Cut(fields[i], ": ")
	switch roll := m.IntN(10); {
	case roll < 2 && given[i] == "":
		lines = append(lines, fields[i]+" @external", prefix+"Derived: Int @requires(fields: \""+fieldName+"\")")
		given[i] = " "
	case roll == 2 && s.fed2() && owner.fed2() && given[i] == "":
		lines = append(lines, fields[i]+" @external")
		s.query(prefix + name + ": " + name + " @provides(fields: \"" + fieldName + "\")")
		given[i] = " @shareable"
	case roll == 3 && s.fed2() && given[i] == "":
		lines = append(lines, fields[i]+" @override(from: \""+owner.Name+"\""+m.label(s)+")")
		given[i] = " "
	case roll == 4 && s.fed2() && owner.fed2() && (given[i] == "" || given[i] == " @shareable"):
		lines = append(lines, fieldName+": "+fieldType+" @shareable")
		given[i] = " @shareable"
	}
	if m.chance(0.4) {
		s.query(prefix + name + "s: [" + name + "!]!")
	}
	s.add(head, lines...)
}

func (m *maker) label(s *Subgraph) string {
	if less(s.Version, "2.7") || m.chance(0.5) {
		return ""
	}
	return pick(m, `, label: "percent(25)"`, `, label: "percent(0.5)"`, `, label: "beta"`)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
