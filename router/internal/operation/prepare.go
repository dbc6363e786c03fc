package operation

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/execute"
)

// Prepared is one operation ready to be planned and rendered. It holds no
// values of variables and is safe for concurrent use.
type Prepared struct {
	schema *Schema
	// Steps are what to plan: one for a query (none when the router knows the
	// whole answer), one for each root field of a mutation.
	Steps []Step
	Shape *execute.Shape
	Kind  string
	Name  string
	// Fields are the coordinates Type.field that the operation selects.
	Fields map[string]bool
	// Incomplete is set when a form would have too many steps: its steps are
	// not the whole operation.
	Incomplete bool
	slots      []slot
	builder    *builder
	questions  []*question // about the schema
}

// Step is one canonical operation.
type Step struct {
	Text string
	// At is set when the step goes on from objects that earlier steps fetched.
	At    *At
	Slots map[string]int
	// Names maps data keys to response names where they differ.
	Names map[string]string
}

// Form is how the canonical text is written. Forms are equal in meaning; the
// planner, which knows ways through some only, is offered them in turn.
type Form int

const (
	// FormPlain is as the client wrote it.
	FormPlain Form = iota
	// FormKeys also asks each entity for a key: the planner may forget it.
	FormKeys
	// FormTyped also asks each possible type behind an interface object for a
	// field that only a subgraph can give which knows the types: else the planner
	// may take the interface's name for the type's.
	FormTyped
	// FormBehind stops at each interface object and goes on from the objects
	// themselves in steps of their own, once their types are known.
	FormBehind
	// FormSplit is FormPlain with one step for each root field.
	FormSplit
	// FormFields has one step for each field below each root field, by type
	// where that is abstract. It finds what a shared root field gives only when
	// several subgraphs are asked for it: their answers are one object.
	FormFields
	// FormEntities stops at each entity and goes on from there: every step has
	// the fields of one object. It is the slowest form and the easiest to plan.
	FormEntities
	forms
)

// Next returns the form to try after this one, and false after the last.
func (f Form) Next() (Form, bool) { return f + 1, f+1 < forms }

// Prepare prepares the operation for one set of conditions. What denied names
// is answered with null and its error, and is not part of the canonical text.
func (o *Operation) Prepare(vars *Variables, form Form, denied func(Coordinate) *execute.Error) *Prepared {
	b := &builder{
		op: o, denied: denied, schema: o.doc.schema, vars: vars, form: form,
		split: form >= FormSplit, typed: form == FormTyped || form == FormFields,
		withKeys: form == FormKeys || form == FormTyped,
		prepared: &Prepared{schema: o.doc.schema, Kind: o.Kind(), Name: o.Name(), Fields: make(map[string]bool)},
		keys:     make(map[string]string), names: make(map[string]string), slots: make(map[string]int),
	}
	b.prepared.builder = b
	root := b.root()
	b.findQuestions()
	b.prepared.Shape = b.shape(root, []ast.SelectionSet{o.def.SelectionSet})
	b.steps(root)
	if form == FormTyped && !b.probed || (form == FormBehind || form == FormEntities) && !b.stopped {
		b.prepared.Incomplete = true // it would be the plain form again
	}
	for i := range b.prepared.Steps {
		b.prepared.Steps[i].Names = maps.Clone(b.names) // ours may still grow
	}
	b.sealed = true
	return b.prepared
}

// At is where a step goes on: the objects of a type at a path of data keys.
// They have their type and the fields of a key.
type At struct {
	Type, Key string
	Path      []string
}

// AtField is the root field under which a step goes on from a type.
func AtField(typeName string) string { return "_at_" + typeName }

// Key identifies the plan of a step.
func (s *Step) Key() string {
	if s.At == nil {
		return s.Text
	}
	return s.Text + "\x00" + s.At.Key + "\x00" + strings.Join(s.At.Path, ".")
}

type builder struct {
	op       *Operation
	schema   *Schema
	vars     *Variables
	prepared *Prepared
	keys     map[string]string // response name, field and arguments -> data key
	names    map[string]string // data key -> response name
	slots    map[string]int    // client variable or literal with its type -> slot
	denied   func(Coordinate) *execute.Error
	form     Form
	split    bool
	typed    bool
	withKeys bool
	probed   bool // some type was asked for a field because of typed
	stopped  bool // some step goes on where another one stopped
	sealed   bool // the operation is prepared, and others may read it

	mu sync.Mutex // guards keys, names and slots
}

func (b *builder) root() *ast.Definition {
	switch b.op.def.Operation {
	case ast.Mutation:
		return b.schema.ast.Mutation
	case ast.Subscription:
		return b.schema.ast.Subscription
	default:
		return b.schema.ast.Query
	}
}

// steps prints the canonical operations.
func (b *builder) steps(root *ast.Definition) {
	m := b.merge(root, []ast.SelectionSet{b.op.def.SelectionSet})
	var names []string
	for _, name := range m.order {
		if f := m.fields[name]; !strings.HasPrefix(f.field.Name, "__") && f.denied == nil {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	mutation := b.op.def.Operation == ast.Mutation
	if !mutation && !b.split {
		b.step(func(p *printer) {
			for _, name := range names {
				p.field(root, m.fields[name])
			}
		})
		return
	}
	for _, name := range names {
		if f := m.fields[name]; !mutation && b.form == FormFields && len(f.sets) > 0 {
			b.fieldSteps(root, f)
		} else {
			b.step(func(p *printer) { p.field(root, f) })
		}
	}
}

// maxFieldSteps bounds the steps of [FormFields].
const maxFieldSteps = 1000

// fieldSteps makes one step for each field below a root field.
func (b *builder) fieldSteps(root *ast.Definition, f *mergedField) {
	below := b.schema.ast.Types[f.field.Definition.Type.Name()]
	possible := b.schema.possibleTypes(below.Name)
	if len(possible) == 0 {
		b.prepared.Incomplete = true
	}
	before := len(b.prepared.Steps)
	for _, t := range possible {
		m := b.merge(t, f.sets)
		for _, name := range m.order {
			if !m.fields[name].asked() {
				continue
			}
			if len(b.prepared.Steps) >= maxFieldSteps {
				b.prepared.Incomplete = true
				return
			}
			b.step(func(p *printer) {
				p.start(root, f.field)
				p.text.WriteString("{__typename ")
				if t != below {
					p.text.WriteString("...on " + t.Name + "{")
				}
				p.field(t, m.fields[name])
				if t != below {
					p.probe(below, t)
					p.text.WriteByte('}')
				}
				p.text.WriteByte('}')
			})
		}
	}
	if len(b.prepared.Steps) == before { // nothing is left of the selection
		b.step(func(p *printer) {
			p.start(root, f.field)
			p.text.WriteString("{__typename}")
		})
	}
}

func (b *builder) step(selection func(p *printer)) {
	b.stepAt(string(b.op.def.Operation), nil, selection)
}

// stepAt adds a step, and those that go on where it stops.
func (b *builder) stepAt(keyword string, at *At, selection func(p *printer)) {
	p := &printer{b: b, used: make(map[int]bool)}
	if at != nil {
		p.path = slices.Clone(at.Path)
	}
	p.text.WriteString("{")
	selection(p)
	p.text.WriteString("}")
	head := keyword + " O"
	slots := make(map[string]int)
	if len(p.order) > 0 {
		defs := make([]string, len(p.order))
		for i, n := range p.order {
			slots[slotName(n)] = n
			defs[i] = "$" + slotName(n) + ":" + b.prepared.slots[n].typ.String()
		}
		head += "(" + strings.Join(defs, ",") + ")"
	}
	b.prepared.Steps = append(b.prepared.Steps, Step{Text: head + p.text.String(), At: at, Slots: slots})
	for _, stop := range p.stops {
		b.goOn(stop)
	}
}

// goOn adds the steps behind an interface object, one for each possible type
// that something is asked of.
func (b *builder) goOn(stop stop) {
	for _, t := range b.schema.possibleTypes(stop.on.Name) {
		m := b.merge(t, stop.sets)
		if !m.asks() {
			continue
		}
		if len(b.prepared.Steps) >= maxFieldSteps {
			b.prepared.Incomplete = true
			return
		}
		b.stepAt("query", &At{Type: t.Name, Key: stop.key, Path: stop.path}, func(p *printer) {
			p.text.WriteString(AtField(t.Name))
			p.open(t, stop.sets)
		})
	}
}

// slot returns the canonical variable of an argument's value.
func (b *builder) slot(v *ast.Value, t *ast.Type) int {
	var key string
	sl := slot{value: v, typ: t}
	if v.Kind == ast.Variable {
		sl.name = v.Raw
		sl.typ = b.variableType(v.Raw, t)
		key = "$" + v.Raw + ":" + sl.typ.String()
	} else {
		key = t.String() + "=" + v.String()
		if !hasVariables(v) {
			sl.constant, _ = b.schema.literal(nil, v, t, noVariables)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n, ok := b.slots[key]
	if !ok {
		n = len(b.prepared.slots)
		b.slots[key] = n
		b.prepared.slots = append(b.prepared.slots, sl)
	}
	return n
}

// variableType is the type under which a client's variable is passed on. One
// with a default may stand where null is not allowed; the default is gone
// here, so its type has to say that.
func (b *builder) variableType(name string, position *ast.Type) *ast.Type {
	def := b.op.def.VariableDefinitions.ForName(name)
	if def.DefaultValue == nil || def.Type.NonNull || !position.NonNull {
		return def.Type
	}
	t := *def.Type
	t.NonNull = true
	return &t
}

// key is the name under which a field's value travels. It is the response
// name, unless that is also the name of a field which the planner may add for
// a join and which is not the same, or may be taken for a name of our own, which
// all begin with "_": then it is a name of our own.
func (b *builder) key(f *ast.Field) string {
	ours := f.Alias != f.Name && strings.HasPrefix(f.Alias, "_")
	if !ours && !b.schema.sensitive(f.Alias) || f.Alias == f.Name && len(f.Arguments) == 0 {
		return f.Alias
	}
	id := f.Alias + "=" + f.Name
	for _, a := range f.Definition.Arguments {
		if given := f.Arguments.ForName(a.Name); given != nil {
			id += "\x00" + a.Name + ":" + given.Value.String()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if key, ok := b.keys[id]; ok {
		return key
	}
	key := "_s" + strconv.Itoa(len(b.keys)) + "_" + f.Alias
	b.keys[id] = key
	b.names[key] = f.Alias
	return key
}
