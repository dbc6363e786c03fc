package operation

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

func slotName(n int) string { return "v" + strconv.Itoa(n) }

// printer writes one canonical operation.
type printer struct {
	b     *builder
	text  strings.Builder
	used  map[int]bool
	order []int
	path  []string // data keys on the way here
	stops []stop
}

// stop is a selection behind an interface object that later steps ask for.
type stop struct {
	on   *ast.Definition
	sets []ast.SelectionSet
	key  string
	path []string
}

func (p *printer) field(on *ast.Definition, mf *mergedField) {
	if !mf.asked() {
		return
	}
	p.start(on, mf.field)
	if len(mf.sets) > 0 {
		p.path = append(p.path, p.b.key(mf.field))
		p.selection(p.b.schema.ast.Types[mf.field.Definition.Type.Name()], mf.sets)
		p.path = p.path[:len(p.path)-1]
	}
}

// start writes a field up to its selection.
func (p *printer) start(on *ast.Definition, f *ast.Field) {
	p.space()
	key := p.b.key(f)
	if key != f.Name {
		p.text.WriteString(key)
		p.text.WriteByte(':')
	}
	p.text.WriteString(f.Name)
	if f.Name != "__typename" {
		p.b.prepared.Fields[on.Name+"."+f.Name] = true
	}
	if len(f.Arguments) > 0 {
		p.arguments(f)
	}
}

func (p *printer) space() {
	s := p.text.String()
	if last := s[len(s)-1]; last != '{' && last != '}' && last != ' ' {
		p.text.WriteByte(' ')
	}
}

// arguments writes every argument as a variable, in the order of the schema.
func (p *printer) arguments(f *ast.Field) {
	first := true
	for _, def := range f.Definition.Arguments {
		a := f.Arguments.ForName(def.Name)
		if a == nil {
			continue
		}
		n := p.b.slot(a.Value, def.Type)
		if !p.used[n] {
			p.used[n] = true
			p.order = append(p.order, n)
		}
		if first {
			p.text.WriteByte('(')
		} else {
			p.text.WriteByte(',')
		}
		first = false
		p.text.WriteString(def.Name + ":$" + slotName(n))
	}
	p.text.WriteByte(')')
}

func (p *printer) selection(on *ast.Definition, sets []ast.SelectionSet) {
	if key := p.stopKey(on); key != "" {
		p.b.stopped = true
		p.stops = append(p.stops, stop{on: on, sets: sets, key: key, path: slices.Clone(p.path)})
		p.text.WriteString("{__typename " + strings.ReplaceAll(key, "{", "{__typename ") + "}")
		return
	}
	p.open(on, sets)
}

// stopKey is the key with which to go on from a type, or "" where the step does
// not stop.
func (p *printer) stopKey(on *ast.Definition) string {
	switch {
	case p.b.form == FormBehind && on.Kind == ast.Interface, p.b.form == FormEntities && on.Kind != ast.Union:
		return p.b.schema.behind(on.Name)
	}
	return ""
}

// open writes a selection in full.
func (p *printer) open(on *ast.Definition, sets []ast.SelectionSet) {
	m := p.b.merge(on, sets)
	p.text.WriteByte('{')
	if !m.any() || len(m.fragments) > 0 && m.fields["__typename"] == nil {
		p.space()
		p.text.WriteString("__typename")
	}
	for _, name := range m.order {
		p.field(on, m.fields[name])
	}
	if p.b.withKeys && on.Kind == ast.Object {
		p.keyFields(m, p.b.schema.behind(on.Name))
	}
	for _, f := range m.fragments {
		p.space()
		p.text.WriteString("...on ")
		p.text.WriteString(f.on)
		p.selection(p.b.schema.ast.Types[f.on], f.sets)
	}
	if p.b.typed && on.Kind != ast.Object && (len(m.fragments) > 0 || m.fields["__typename"] != nil) {
		for _, t := range p.b.schema.possibleTypes(on.Name) {
			p.text.WriteString("...on " + t.Name + "{__typename")
			p.probe(on, t)
			p.text.WriteByte('}')
		}
	}
	p.text.WriteByte('}')
}

// keyFields asks for the fields of a key that are not asked for already, if it
// has no objects in it.
func (p *printer) keyFields(m *merged, key string) {
	if strings.Contains(key, "{") {
		return
	}
	for _, name := range strings.Fields(key) {
		if f := m.fields[name]; f == nil || f.denied != nil || p.b.key(f.field) != name {
			p.space()
			p.text.WriteString(name)
		}
	}
}

// probe asks a possible type for the field that tells it apart.
func (p *printer) probe(on, t *ast.Definition) {
	if !p.b.typed {
		return
	}
	if field := p.b.schema.probe(on.Name, t.Name); field != "" {
		p.b.probed = true
		p.text.WriteString(" _t_" + t.Name + ":" + field)
	}
}
