package graphs

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// Mutant makes a graph of one of the pool: with changes at random, and pieces of the others put in.
func Mutant(seed uint64, pool []*Graph, changes int) *Graph {
	m := &mutator{maker{Rand: rand.New(rand.NewPCG(seed, 0x6d7574616e74))}, pool}
	m.g = pick(&m.maker, pool...).Clone()
	for range changes {
		m.change()
		for _, s := range m.g.Subgraphs {
			s.raise()
		}
	}
	return m.g
}

type mutator struct {
	maker
	pool []*Graph
}

// change does one thing to one subgraph; it may find nothing to do.
func (m *mutator) change() {
	s := pick(&m.maker, m.g.Subgraphs...)
	changes := []func(*Subgraph){
		m.disturbLine, m.disturbLine, m.disturbLine, m.disturbLine, m.borrowDirective, m.borrowDirective, m.borrowDirective, m.dropDirective,
		m.dropDirective, m.swapWord, m.swapWord, m.retype, m.retype, m.split, m.split, m.borrowBlock, m.borrowLine, m.twin, m.lose, m.extend,
		m.implementSome, m.argument, m.otherVersion, m.union, m.copyBlock, m.describe,
	}
	pick(&m.maker, changes...)(s)
}

// blockAt returns a block, one with lines if lines are wanted; nil if there is none.
func (m *mutator) blockAt(s *Subgraph, lines bool) *Block {
	bs := slices.DeleteFunc(slices.Clone(s.Blocks), func(b *Block) bool { return lines && len(b.Lines) == 0 })
	if len(bs) == 0 {
		return nil
	}
	return pick(&m.maker, bs...)
}

// lineAt returns a line that may be changed in place.
func (m *mutator) lineAt(s *Subgraph) *string {
	b := m.blockAt(s, true)
	if b == nil {
		return nil
	}
	return &b.Lines[m.IntN(len(b.Lines))]
}

// place is a head or a line.
func (m *mutator) place(s *Subgraph) *string {
	if l := m.lineAt(s); l != nil && m.chance(0.7) {
		return l
	}
	if b := m.blockAt(s, false); b != nil {
		return &b.Head
	}
	return nil
}

func (m *mutator) disturbLine(s *Subgraph) {
	version := s.Version
	m.disturb()
	if version == "" {
		s.Version = "" // a link that is a block of its own stays the only one
	}
}

var directiveAt = regexp.MustCompile(` @\w+(\((?:[^()"]|"[^"]*")*\))?`)

// borrowDirective applies a directive as some graph applies it somewhere.
func (m *mutator) borrowDirective(s *Subgraph) {
	from := m.g
	if m.chance(0.5) {
		from = pick(&m.maker, m.pool...)
	}
	donor, to := m.place(pick(&m.maker, from.Subgraphs...)), m.place(s)
	if donor == nil || to == nil || strings.HasPrefix(*to, "directive ") {
		return
	}
	if ds := directiveAt.FindAllString(*donor, -1); len(ds) > 0 && !strings.HasPrefix(ds[0], " @link") {
		*to += pick(&m.maker, ds...)
	}
}

func (m *mutator) dropDirective(s *Subgraph) {
	at := m.place(s)
	if at == nil || strings.Contains(*at, "@link") {
		return
	}
	if ds := directiveAt.FindAllStringIndex(*at, -1); len(ds) > 0 {
		d := pick(&m.maker, ds...)
		*at = (*at)[:d[0]] + (*at)[d[1]:]
	}
}

var (
	word      = regexp.MustCompile(`[A-Za-z]\w*`)
	quoted    = regexp.MustCompile(`"[^"]*"`)
	typed     = regexp.MustCompile(`: (\[*)(\w+)([\]!]*)`)
	fieldName = regexp.MustCompile(`^(?:"[^"]*" )?(\w+)`)
	typeName  = regexp.MustCompile(`^(?:extend )?(type|interface|union|enum|input|scalar) (\w+)`)
)

// swapWord puts another word of the graph into a string: a field into a field set, a subgraph into an override.
func (m *mutator) swapWord(s *Subgraph) {
	at, donor := m.place(s), m.lineAt(pick(&m.maker, m.g.Subgraphs...))
	if at == nil || donor == nil || strings.Contains(*at, "@link") {
		return
	}
	qs := quoted.FindAllStringIndex(*at, -1)
	ws := word.FindAllString(*donor, -1)
	if len(qs) == 0 || len(ws) == 0 {
		return
	}
	q := pick(&m.maker, qs...)
	old := (*at)[q[0]:q[1]]
	inside := word.FindAllStringIndex(old, -1)
	if len(inside) == 0 {
		return
	}
	w := pick(&m.maker, inside...)
	next := old[:w[0]] + pick(&m.maker, ws[0], ws[0], pick(&m.maker, ws...), ws[0]+" "+old[w[0]:w[1]]) + old[w[1]:]
	*at = (*at)[:q[0]] + next + (*at)[q[1]:]
}

// retype changes the type of a field or argument: another name of the graph, a list, a null.
func (m *mutator) retype(s *Subgraph) {
	at := m.lineAt(s)
	if at == nil {
		return
	}
	ts := typed.FindAllStringSubmatchIndex(*at, -1)
	if len(ts) == 0 {
		return
	}
	t := pick(&m.maker, ts...)
	name, open, end := (*at)[t[4]:t[5]], (*at)[t[2]:t[3]], (*at)[t[6]:t[7]]
	switch m.IntN(4) {
	case 0:
		if other := m.typeName(s); other != "" {
			name = other
		}
	case 1:
		open, end = "["+open, end+"]"
	case 2:
		if strings.HasSuffix(end, "!") {
			end = strings.TrimSuffix(end, "!")
		} else {
			end += "!"
		}
	case 3:
		name = pick(&m.maker, "Int", "String", "ID", "Boolean", "Float")
	}
	*at = (*at)[:t[0]] + ": " + open + name + end + (*at)[t[1]:]
}

func (m *mutator) typeName(s *Subgraph) string {
	b := m.blockAt(s, false)
	if b == nil {
		return ""
	}
	if n := typeName.FindStringSubmatch(b.Head); n != nil {
		return n[2]
	}
	return ""
}

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

// argument adds an argument to a field, or changes or drops those it has.
func (m *mutator) argument(s *Subgraph) {
	at := m.lineAt(s)
	if at == nil {
		return
	}
	arg := pick(&m.maker, "a: Int", "a: Int = 1", "a: Int!", "a: String", "a: [Int!] = [1]", "id: ID!", "a: Int = 2 @deprecated")
	if other := m.typeName(s); other != "" && m.chance(0.3) {
		arg = "a: " + other
	}
	n := fieldName.FindStringIndex(*at)
	if n == nil {
		return
	}
	rest := (*at)[n[1]:]
	switch {
	case strings.HasPrefix(rest, "(") && m.chance(0.3):
		if i := strings.Index(rest, "):"); i >= 0 {
			*at = (*at)[:n[1]] + rest[i+1:]
		}
	case strings.HasPrefix(rest, "("):
		*at = (*at)[:n[1]] + "(" + arg + " " + rest[1:]
	default:
		*at = (*at)[:n[1]] + "(" + arg + ")" + rest
	}
}

var linkedVersion = regexp.MustCompile(`federation/v\d+\.\d+`)

func (m *mutator) otherVersion(s *Subgraph) {
	v := pick(&m.maker, Versions...)
	if s.Version != "" {
		s.Version = v
		if m.chance(0.15) {
			s.Version = ""
		}
		return
	}
	for _, b := range s.Blocks {
		b.Head = linkedVersion.ReplaceAllString(b.Head, "federation/v"+v)
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
