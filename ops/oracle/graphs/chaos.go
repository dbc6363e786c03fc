package graphs

import (
	"slices"
	"strings"
)

// disturb changes one thing at random: a line goes, comes twice or moves, a type changes, a directive comes or goes.
func (m *maker) disturb() {
	s := pick(m, m.g.Subgraphs...)
	if len(s.Blocks) == 0 {
		return
	}
	b := pick(m, s.Blocks...)
	if len(b.Lines) == 0 {
		b.Head = m.headChange(s, b.Head)
		return
	}
	i := m.IntN(len(b.Lines))
	switch m.IntN(12) {
	case 0:
		if len(b.Lines) > 1 {
			b.Lines = slices.Delete(b.Lines, i, i+1)
		}
	case 1:
		b.Lines = append(b.Lines, b.Lines[i])
	case 2:
		m.copyElsewhere(s, b, i)
	case 3, 4:
		b.Lines[i] = m.otherType(b.Lines[i])
	case 5, 6:
		b.Lines[i] = withoutDirective(b.Lines[i])
	case 7, 8, 9:
		b.Lines[i] += m.anyDirective(s)
	case 10:
		b.Head = m.headChange(s, b.Head)
	case 11:
		s.Version = pick(m, Versions...)
	}
	s.raise()
}

// copyElsewhere gives a line to the block of the same head in another subgraph, or the whole block.
func (m *maker) copyElsewhere(s *Subgraph, b *Block, i int) {
	o := pick(m, m.g.Subgraphs...)
	words := strings.Fields(b.Head)
	if o == s || len(words) < 2 {
		return
	}
	if t := o.find(words[0] + " " + words[1]); t != nil {
		t.Lines = append(t.Lines, b.Lines[i])
		return
	}
	o.Blocks = append(o.Blocks, &Block{Head: b.Head, Lines: slices.Clone(b.Lines)})
}

func (m *maker) otherType(line string) string {
	changes := [][2]string{{"!", ""}, {": Int", ": String"}, {": String", ": Int"}, {": ID!", ": ID"}, {": [", ": "}, {"Int", "Int!"}, {"= 5", "= 6"}, {"ID", "String"}}
	m.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	for _, c := range changes {
		if strings.Contains(line, c[0]) {
			return strings.Replace(line, c[0], c[1], 1)
		}
	}
	return line
}

func withoutDirective(line string) string {
	before, after, ok := strings.Cut(line, " @")
	if !ok {
		return line
	}
	if i := strings.Index(after, " @"); i >= 0 {
		return before + after[i:]
	}
	return before
}

func (m *maker) anyDirective(s *Subgraph) string {
	other := pick(m, m.g.Subgraphs...).Name
	return pick(m, " @shareable", " @external", " @inaccessible", m.tag(), ` @requires(fields: "id")`, ` @provides(fields: "id")`,
		` @override(from: "`+other+`")`, ` @override(from: "`+other+`", label: "percent(5)")`, " @authenticated", " @deprecated",
		" @cost(weight: 2)", " @listSize(assumedSize: 2)", ` @requiresScopes(scopes: [["write"]])`)
}

func (m *maker) headChange(s *Subgraph, head string) string {
	switch m.IntN(5) {
	case 0:
		return withoutDirective(head)
	case 1:
		return head + pick(m, " @shareable", " @inaccessible", m.tag(), ` @key(fields: "id")`, ` @key(fields: "label")`, " @external", " @authenticated", " @extends")
	case 2:
		return strings.Replace(head, "type ", "extend type ", 1)
	case 3:
		return strings.Replace(head, "type ", pick(m, "interface ", "input "), 1)
	}
	return strings.Replace(head, "fields: \"", "fields: \"extra ", 1)
}
