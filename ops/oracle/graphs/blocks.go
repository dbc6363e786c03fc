package graphs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// split moves some lines of a type to another subgraph, with the lines that its keys select.
func (m *mutator) split(s *Subgraph) {
	b := m.blockAt(s, true)
	if b == nil || len(b.Lines) < 2 || !strings.HasPrefix(b.Head, "type ") && !strings.HasPrefix(b.Head, "extend type ") {
		return
	}
	o := pick(&m.maker, m.g.Subgraphs...)
	if o == s || m.chance(0.3) {
		o = &Subgraph{Name: "part" + s.Name, Version: s.Version}
		if s.Version == "" {
			o.Blocks = slices.DeleteFunc(s.clone().Blocks, func(b *Block) bool { return !strings.Contains(b.Head, "@link") })
		}
		m.g.Subgraphs = append(m.g.Subgraphs, o)
	}
	keys := strings.Join(quoted.FindAllString(b.Head, -1), " ")
	part := &Block{Head: b.Head}
	var kept []string
	for _, l := range b.Lines {
		n := fieldName.FindStringSubmatch(l)
		isKey := n != nil && regexp.MustCompile(`\b`+n[1]+`\b`).MatchString(keys)
		moved := !isKey && m.chance(0.5)
		if isKey || moved || m.chance(0.1) {
			part.Lines = append(part.Lines, l)
		}
		if !moved {
			kept = append(kept, l)
		}
	}
	if len(kept) == 0 || len(part.Lines) == 0 {
		return
	}
	b.Lines = kept
	o.Blocks = append(o.Blocks, part)
}

func (s *Subgraph) clone() *Subgraph { return (&Graph{Subgraphs: []*Subgraph{s}}).Clone().Subgraphs[0] }

// borrowBlock puts a block of another graph in.
func (m *mutator) borrowBlock(s *Subgraph) {
	donor := pick(&m.maker, pick(&m.maker, m.pool...).Subgraphs...).clone()
	if b := m.blockAt(donor, false); b != nil && !strings.Contains(b.Head, "@link") {
		s.Blocks = append(s.Blocks, b)
	}
}

// borrowLine puts a line of another graph, or of this one, into a block of the same kind.
func (m *mutator) borrowLine(s *Subgraph) {
	from := m.g
	if m.chance(0.4) {
		from = pick(&m.maker, m.pool...)
	}
	donor, to := m.blockAt(pick(&m.maker, from.Subgraphs...), true), m.blockAt(s, true)
	if donor != nil && to != nil && strings.Fields(donor.Head)[0] == strings.Fields(to.Head)[0] {
		to.Lines = append(to.Lines, pick(&m.maker, donor.Lines...))
	}
}

// twin serves a subgraph twice, under another name.
func (m *mutator) twin(s *Subgraph) {
	if len(m.g.Subgraphs) < 6 {
		c := s.clone()
		c.Name += "2"
		m.g.Subgraphs = append(m.g.Subgraphs, c)
	}
}

// lose drops a block or a subgraph.
func (m *mutator) lose(s *Subgraph) {
	if len(m.g.Subgraphs) > 1 && m.chance(0.3) {
		m.g.Subgraphs = slices.DeleteFunc(m.g.Subgraphs, func(o *Subgraph) bool { return o == s })
		return
	}
	if len(s.Blocks) > 1 {
		i := m.IntN(len(s.Blocks))
		s.Blocks = slices.Delete(s.Blocks, i, i+1)
	}
}

// extend makes an extension of a definition, or the other way round, or moves lines or directives into an extension.
func (m *mutator) extend(s *Subgraph) {
	b := m.blockAt(s, true)
	if b == nil || strings.HasPrefix(b.Head, "directive") {
		return
	}
	old, isExtension := strings.CutPrefix(b.Head, "extend ")
	switch {
	case isExtension:
		b.Head = old
	case m.chance(0.5):
		b.Head, b.Description = "extend "+b.Head, ""
	case len(b.Lines) > 1:
		name := typeName.FindString(b.Head)
		if name == "" {
			return
		}
		i := 1 + m.IntN(len(b.Lines)-1)
		more := &Block{Head: "extend " + name, Lines: slices.Clone(b.Lines[i:])}
		if m.chance(0.3) {
			more.Head, b.Head = "extend "+b.Head, name
		}
		b.Lines = b.Lines[:i]
		s.Blocks = append(s.Blocks, more)
	}
}

// implementSome adds an interface of the subgraph to a type, with or without its fields, or takes one away.
func (m *mutator) implementSome(s *Subgraph) {
	b := m.blockAt(s, true)
	if b == nil || !strings.Contains(b.Head, "type ") && !strings.HasPrefix(b.Head, "interface ") {
		return
	}
	if before, after, ok := strings.Cut(b.Head, " implements "); ok && m.chance(0.4) {
		_, after, _ = strings.Cut(after, " @")
		b.Head = strings.TrimSuffix(before+" @"+after, " @")
		return
	}
	var interfaces []*Block
	for _, i := range s.Blocks {
		if strings.HasPrefix(i.Head, "interface ") && i != b {
			interfaces = append(interfaces, i)
		}
	}
	if len(interfaces) == 0 {
		return
	}
	i := pick(&m.maker, interfaces...)
	b.Head = implement(b.Head, typeName.FindStringSubmatch(i.Head)[2])
	if m.chance(0.8) {
		for _, l := range i.Lines {
			if !slices.Contains(b.Lines, l) {
				b.Lines = append(b.Lines, l)
			}
		}
	}
}

// union adds a type to a union, makes one, or takes one away.
func (m *mutator) union(s *Subgraph) {
	for _, b := range s.Blocks {
		if !strings.HasPrefix(b.Head, "union ") {
			continue
		}
		if i := strings.LastIndex(b.Head, " | "); i >= 0 && m.chance(0.5) {
			b.Head = b.Head[:i]
		} else if t := m.typeName(s); t != "" {
			b.Head += " | " + t
		}
		return
	}
	if t := m.typeName(s); t != "" {
		s.Blocks = append(s.Blocks, &Block{Head: fmt.Sprintf("union Any%s = %s", t, t)})
		if at := s.find("type Query"); at != nil {
			at.Lines = append(at.Lines, fmt.Sprintf("any%s: Any%s", t, t))
		}
	}
}

// copyBlock gives a definition to another subgraph.
func (m *mutator) copyBlock(s *Subgraph) {
	o := pick(&m.maker, m.g.Subgraphs...)
	b := m.blockAt(s.clone(), false)
	if b == nil || o == s || strings.Contains(b.Head, "@link") {
		return
	}
	if w := strings.Fields(b.Head); len(w) > 1 {
		if t := o.find(w[0] + " " + w[1]); t != nil {
			t.Lines = append(t.Lines, slices.DeleteFunc(b.Lines, func(l string) bool { return slices.Contains(t.Lines, l) })...)
			return
		}
	}
	o.Blocks = append(o.Blocks, b)
}

func (m *mutator) describe(s *Subgraph) {
	if b := m.blockAt(s, false); b != nil && !strings.HasPrefix(b.Head, "extend ") {
		b.Description = pick(&m.maker, "", `"one"`, `"two"`, `"""a block"""`)
	}
}
