package graphs

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// Mutant makes a graph of one of the pool: with changes at random, and pieces of the others put in.
func Mutant(seed uint64, pool []*Graph, changes int) *Graph {
	m := &mutator{maker{Rand: rand.New(rand.NewPCG(seed, 0x6d7574616e74))}, pool}
	m.g = pick(&m.maker, pool...).Clone()
	if changes == 0 {
		return m.g
	}
	for range changes {
		m.change()
	}
	for _, s := range m.g.Subgraphs {
		if m.chance(0.9) {
			m.complete(s)
		}
		s.raise()
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

func (m *mutator) disturbLine(*Subgraph) {
	var old []*Subgraph
	for _, s := range m.g.Subgraphs {
		if s.Version == "" {
			old = append(old, s)
		}
	}
	m.disturb()
	for _, s := range old {
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
