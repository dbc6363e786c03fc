package difftest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/supergraph"
)

// rows are what the operations of a run must reach. An operation belongs to a
// row when what the row is about happened in it: a field was executed, a
// subgraph was asked in that way, a variable had such a value.
var rows = []string{
	"key: one of several", "key: composite", "key: nested", "key: over another subgraph", "key: not resolvable", "key: external on an extension",
	"key: null", "key: federation 1",
	"requires", "requires: nested", "requires: lists", "requires: arguments", "requires: conflicting arguments", "requires: through fragments",
	"requires: through an interface", "requires: of requires", "requires: circular",
	"provides", "provides: nested", "provides: on an interface", "provides: on a union",
	"shareable: root", "shareable: value type", "differs: union", "differs: enum", "differs: enum of arguments", "differs: input", "differs: interface",
	"interface: entities", "interface object", "interface object: indirect", "interface object: requires", "interface object: nothing implements", "interface object: __typename",
	"override", "override: label on", "override: label off", "override: on an interface",
	"inaccessible: object", "inaccessible: interface", "inaccessible: union", "inaccessible: scalar", "inaccessible: enum", "inaccessible: enum value",
	"inaccessible: input", "inaccessible: input field", "inaccessible: field", "inaccessible: argument", "inaccessible: key", "inaccessible: required field",
	"data: same entity at many positions", "data: list of lists", "data: null items", "data: empty lists", "data: unicode", "data: limits of Int", "data: custom scalars",
	"operation: alias shadows a key or required field", "operation: field repeated with other arguments", "operation: fragment on an impossible type",
	"operation: skip by a variable", "operation: include by a variable", "operation: everything skipped", "operation: named fragment", "operation: __typename",
	"variable: Int", "variable: Float", "variable: String", "variable: Boolean", "variable: ID", "variable: enum", "variable: input object", "variable: list",
	"variable: list of lists", "variable: custom scalar", "variable: null", "variable: absent", "variable: default",
	"argument: default", "argument: default of an input field", "argument: one item for a list", "argument: long integer", "argument: unicode", "argument: null",
	"mutation", "mutation: several subgraphs", "answers: out of order", "planned 15 times",
}

// coverage counts the operations of each row.
type coverage struct{ counts map[string]int }

func newCoverage() *coverage { return &coverage{counts: make(map[string]int)} }

// add counts an operation.
func (c *coverage) add(seen map[string]bool) {
	for row := range seen {
		if !slices.Contains(rows, row) {
			panic("a row that the table does not have: " + row)
		}
		c.counts[row]++
	}
}

// below lists the rows with fewer operations than a number.
func (c *coverage) below(least int) []string {
	var out []string
	for _, row := range rows {
		if c.counts[row] < least {
			out = append(out, fmt.Sprintf("%s: %d", row, c.counts[row]))
		}
	}
	return out
}

func (c *coverage) String() string {
	var b strings.Builder
	b.WriteString("| what | operations |\n| --- | ---: |\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %d |\n", row, c.counts[row])
	}
	return b.String()
}

// facts are what a harness knows of its graph for coverage.
type facts struct {
	schema *supergraph.Schema
	// differs are the types that subgraphs define differently.
	differs map[string]bool
	// sensitive are the fields of keys and of @requires.
	sensitive map[string]bool
}

func newFacts(s *supergraph.Schema, subgraphs map[string]*simulated) *facts {
	f := &facts{schema: s, differs: make(map[string]bool), sensitive: make(map[string]bool)}
	seen := make(map[string]string)
	for _, sim := range subgraphs {
		for _, d := range sim.schema.Types {
			text := shape(d)
			if text == "" || d.BuiltIn {
				continue
			}
			if have, ok := seen[d.Name]; ok && have != text {
				f.differs[d.Name] = true
			}
			seen[d.Name] = text
		}
	}
	for _, t := range s.Types {
		for _, j := range t.Joins {
			if j.Key != nil {
				fieldNames(f.sensitive, j.Key.Selections)
			}
		}
		for _, field := range t.Fields {
			for _, j := range field.Joins {
				if j.Requires != nil {
					fieldNames(f.sensitive, j.Requires.Selections)
				}
			}
		}
	}
	return f
}

// shape is what of a type's definition may differ between subgraphs: members,
// values, input fields.
func shape(d *ast.Definition) string {
	var names []string
	switch d.Kind {
	case ast.Union:
		names = slices.Clone(d.Types)
	case ast.Enum:
		for _, v := range d.EnumValues {
			names = append(names, v.Name)
		}
	case ast.InputObject:
		for _, v := range d.Fields {
			names = append(names, v.Name)
		}
	default:
		return ""
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func fieldNames(out map[string]bool, sels ast.SelectionSet) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			out[x.Name] = true
			fieldNames(out, x.SelectionSet)
		case *ast.InlineFragment:
			fieldNames(out, x.SelectionSet)
		}
	}
}

// sighting collects the rows of one operation.
type sighting struct {
	facts  *facts
	labels *labelState
	seen   map[string]bool
	// arguments are those that the operation gives fields, by coordinate.
	arguments map[string]map[string]bool
	positions map[object]int
}

func newSighting(f *facts, l *labelState) *sighting {
	return &sighting{facts: f, labels: l, seen: make(map[string]bool), arguments: make(map[string]map[string]bool), positions: make(map[object]int)}
}

func (s *sighting) when(condition bool, row string) {
	if condition {
		s.seen[row] = true
	}
}

// executed is called for each field that the oracle executes.
func (s *sighting) executed(on *object, f *ast.Field, sf *supergraph.Field, args string, v any) {
	t, schema := on.typ, s.facts.schema
	s.when(f.Alias != f.Name && s.facts.sensitive[f.Alias], "operation: alias shadows a key or required field")
	key := t.Name + "." + f.Name
	if s.arguments[key] == nil {
		s.arguments[key] = make(map[string]bool)
	}
	s.arguments[key][args] = true
	s.when(len(s.arguments[key]) > 1, "operation: field repeated with other arguments")
	s.when(t.Name == schema.Mutation, "mutation")
	s.when(t.Name == schema.Query && len(giving(sf)) > 1, "shareable: root")
	s.when(t.Name != schema.Query && len(t.Graphs()) > 1 && len(giving(sf)) > 1 && !hasKeys(t), "shareable: value type")
	for _, j := range sf.Joins {
		s.when(j.Override != "" && j.OverrideLabel == "", "override")
		if j.OverrideLabel != "" && j.Override != "" {
			s.when(s.labels.active(j.OverrideLabel), "override: label on")
			s.when(!s.labels.active(j.OverrideLabel), "override: label off")
		}
		s.when(j.Override != "" && f.ObjectDefinition.Kind == ast.Interface, "override: on an interface")
	}
	s.target(f, sf, v)
	s.hidden(t, sf)
	s.given(f, sf)
	s.value(v, 0)
}

// giving are the joins of the subgraphs that really give a field.
func giving(f *supergraph.Field) []*supergraph.Join {
	return slices.DeleteFunc(owners(f), func(j *supergraph.Join) bool { return j.External || j.UsedOverridden })
}

func hasKeys(t *supergraph.Type) bool {
	return slices.ContainsFunc(t.Joins, func(j supergraph.TypeJoin) bool { return j.Key != nil })
}

// target looks at the type of a field.
func (s *sighting) target(f *ast.Field, sf *supergraph.Field, v any) {
	named := s.facts.schema.Type(sf.Type.Name())
	if named == nil {
		return
	}
	s.when(named.Kind == ast.Union && s.facts.differs[named.Name], "differs: union")
	s.when(named.Kind == ast.Enum && s.facts.differs[named.Name], "differs: enum")
	s.when(named.Kind == ast.Scalar && v != nil, "data: custom scalars")
	if named.Kind != ast.Interface {
		return
	}
	possible := len(s.facts.schema.Possible(named))
	weak := slices.ContainsFunc(named.Joins, func(j supergraph.TypeJoin) bool { return j.IsInterfaceObject })
	s.when(v != nil && hasKeys(named), "interface: entities")
	s.when(weak && possible == 0, "interface object: nothing implements")
	s.when(weak && v != nil && selectsTypename(f.SelectionSet), "interface object: __typename")
	for _, g := range named.Graphs() {
		s.when(len(named.Graphs()) > 1 && !weak && len(s.facts.schema.PossibleIn(named, g)) < possible, "differs: interface")
	}
}

func selectsTypename(sels ast.SelectionSet) bool {
	return slices.ContainsFunc(sels, func(sel ast.Selection) bool {
		f, ok := sel.(*ast.Field)
		return ok && f.Name == "__typename"
	})
}

// hidden looks for what is @inaccessible beside what is executed.
func (s *sighting) hidden(t *supergraph.Type, sf *supergraph.Field) {
	schema := s.facts.schema
	for _, f := range t.Fields {
		s.when(schema.Inaccessible(f.Directives), "inaccessible: field")
		s.hiddenType(schema.Type(f.Type.Name()))
	}
	for _, name := range t.Interfaces {
		s.hiddenType(schema.Type(name))
	}
	if named := schema.Type(sf.Type.Name()); named != nil {
		for _, m := range named.Members {
			s.hiddenType(schema.Type(m))
		}
		for _, v := range named.Values {
			s.when(schema.Inaccessible(v.Directives), "inaccessible: enum value")
		}
	}
	for _, a := range sf.Arguments {
		s.when(schema.Inaccessible(a.Directives), "inaccessible: argument")
		in := schema.Type(a.Type.Name())
		if in == nil {
			continue
		}
		s.hiddenType(in)
		s.when(in.Kind == ast.Enum && s.facts.differs[in.Name], "differs: enum of arguments")
		for _, f := range in.Fields {
			s.when(schema.Inaccessible(f.Directives), "inaccessible: input field")
			s.hiddenType(schema.Type(f.Type.Name()))
		}
	}
}

var hiddenRows = map[ast.DefinitionKind]string{
	ast.Object: "inaccessible: object", ast.Interface: "inaccessible: interface", ast.Union: "inaccessible: union",
	ast.Scalar: "inaccessible: scalar", ast.Enum: "inaccessible: enum", ast.InputObject: "inaccessible: input",
}

func (s *sighting) hiddenType(t *supergraph.Type) {
	if t != nil && s.facts.schema.Inaccessible(t.Directives) {
		s.seen[hiddenRows[t.Kind]] = true
	}
}

// value looks at a value.
func (s *sighting) value(v any, depth int) {
	switch x := v.(type) {
	case []any:
		s.when(depth > 0, "data: list of lists")
		s.when(len(x) == 0, "data: empty lists")
		for _, item := range x {
			s.when(item == nil, "data: null items")
			s.value(item, depth+1)
		}
	case *object:
		if hasKeys(x.typ) {
			s.positions[*x]++
			s.when(s.positions[*x] > 1, "data: same entity at many positions")
		}
	case json.RawMessage:
		s.when(strings.Contains(string(x), "🔑"), "data: unicode")
		s.when(string(x) == "2147483647" || string(x) == "-2147483648", "data: limits of Int")
	}
}

// given looks at the arguments of a field.
func (s *sighting) given(f *ast.Field, sf *supergraph.Field) {
	for _, a := range sf.Arguments {
		given := f.Arguments.ForName(a.Name)
		if given == nil {
			s.when(a.DefaultValue != nil, "argument: default")
			continue
		}
		in := s.facts.schema.Type(a.Type.Name())
		s.when(in != nil && in.Kind == ast.InputObject && s.facts.differs[in.Name], "differs: input")
		s.literal(given.Value, a.Type)
	}
}

func (s *sighting) literal(v *ast.Value, t *ast.Type) {
	s.when(v.Kind == ast.NullValue, "argument: null")
	s.when(v.Kind == ast.IntValue && len(v.Raw) > 15, "argument: long integer")
	s.when(strings.ContainsFunc(v.Raw, func(r rune) bool { return r > 0xffff }), "argument: unicode")
	s.when(t.Elem != nil && v.Kind != ast.ListValue && v.Kind != ast.NullValue && v.Kind != ast.Variable, "argument: one item for a list")
	in := s.facts.schema.Type(t.Name())
	if v.Kind == ast.ListValue && t.Elem != nil {
		for _, c := range v.Children {
			s.literal(c.Value, t.Elem)
		}
	}
	if v.Kind != ast.ObjectValue || in == nil || in.Kind != ast.InputObject {
		return
	}
	for _, f := range in.Fields {
		child := v.Children.ForName(f.Name)
		s.when(child == nil && f.Default != nil, "argument: default of an input field")
		if child != nil {
			s.literal(child, f.Type)
		}
	}
}

// asked looks at the operation itself.
func (s *sighting) asked(op operationtest.Operation, doc *ast.QueryDocument, schema *ast.Schema) {
	var vars map[string]json.RawMessage
	_ = json.Unmarshal(op.Variables, &vars)
	for _, d := range doc.Operations[0].VariableDefinitions {
		raw, given := vars[d.Variable]
		s.when(!given && d.DefaultValue == nil, "variable: absent")
		s.when(!given && d.DefaultValue != nil, "variable: default")
		s.when(given && string(raw) == "null", "variable: null")
		s.when(d.Type.Elem != nil, "variable: list")
		s.when(d.Type.Elem != nil && d.Type.Elem.Elem != nil, "variable: list of lists")
		s.when(d.Type.Elem != nil && given && raw[0] != '[' && string(raw) != "null", "argument: one item for a list")
		s.when(strings.ContainsFunc(string(raw), func(r rune) bool { return r > 0xffff }), "argument: unicode")
		s.when(given && len(strings.Trim(string(raw), "0123456789")) == 0 && len(raw) > 15, "argument: long integer")
		switch def := schema.Types[d.Type.Name()]; {
		case def.Kind == ast.Enum:
			s.seen["variable: enum"] = true
		case def.Kind == ast.InputObject:
			s.seen["variable: input object"] = true
		case def.BuiltIn:
			s.seen["variable: "+def.Name] = true
		default:
			s.seen["variable: custom scalar"] = true
		}
	}
	s.when(len(doc.Fragments) > 0, "operation: named fragment")
	values, err := variables(doc.Operations[0], op.Variables)
	if err != nil {
		return
	}
	w := &walker{s: s, e: &executor{schema: schema, doc: doc, vars: values}}
	w.selection(doc.Operations[0].SelectionSet, nil)
}

// walker looks through the selections of an operation.
type walker struct {
	s *sighting
	e *executor
}

// selection looks through a selection set; possible are the types that objects
// can have there, nil where that is not known yet.
func (w *walker) selection(sels ast.SelectionSet, possible []string) {
	left := 0
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			w.s.when(x.Name == "__typename", "operation: __typename")
			w.s.conditions(x.Directives)
			if !w.e.included(x.Directives) {
				continue
			}
			left++
			if len(x.SelectionSet) > 0 {
				w.selection(x.SelectionSet, w.types(x.Definition.Type.Name()))
			}
		case *ast.InlineFragment:
			left += w.fragment(x.Directives, x.TypeCondition, x.SelectionSet, possible)
		case *ast.FragmentSpread:
			f := w.e.doc.Fragments.ForName(x.Name)
			left += w.fragment(x.Directives, f.TypeCondition, f.SelectionSet, possible)
		}
	}
	w.s.when(left == 0, "operation: everything skipped")
}

func (w *walker) types(name string) []string {
	if w.e.schema.Types[name].Kind == ast.Object {
		return []string{name}
	}
	out := []string{}
	for _, d := range w.e.schema.PossibleTypes[name] {
		if d.Kind == ast.Object {
			out = append(out, d.Name)
		}
	}
	return out
}

func (w *walker) fragment(ds ast.DirectiveList, cond string, sels ast.SelectionSet, possible []string) int {
	w.s.conditions(ds)
	if !w.e.included(ds) {
		return 0
	}
	if cond != "" {
		on := w.types(cond)
		narrowed := slices.DeleteFunc(slices.Clone(on), func(n string) bool { return !slices.Contains(possible, n) })
		w.s.when(possible != nil && len(on) > 0 && len(possible) > 0 && len(narrowed) == 0, "operation: fragment on an impossible type")
		if possible != nil {
			on = narrowed
		}
		possible = on
	}
	w.selection(sels, possible)
	return 1
}

func (s *sighting) conditions(ds ast.DirectiveList) {
	for _, d := range ds {
		if a := d.Arguments.ForName("if"); a != nil && a.Value.Kind == ast.Variable {
			s.when(d.Name == "skip", "operation: skip by a variable")
			s.when(d.Name == "include", "operation: include by a variable")
		}
	}
}
