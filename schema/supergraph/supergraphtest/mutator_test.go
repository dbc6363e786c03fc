package supergraphtest

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// mutator changes a document in place, one fact at a time, calls check and puts it back.
type mutator struct {
	check       func(what string)
	count       int
	definitions ast.DirectiveDefinitionList
}

// isDefault says whether deleting the argument changes nothing.
func (m *mutator) isDefault(d *ast.Directive, a *ast.Argument) bool {
	def := m.definitions.ForName(d.Name)
	if def == nil {
		return false
	}
	arg := def.Arguments.ForName(a.Name)
	return arg != nil && arg.DefaultValue != nil && arg.DefaultValue.String() == a.Value.String()
}

// try sets *p to a value and restores it.
func try[T any](m *mutator, what string, p *T, changed T) {
	was := *p
	*p = changed
	m.count++
	m.check(what)
	*p = was
}

// deletions tries a slice without each of its items.
func deletions[S ~[]E, E any](m *mutator, what string, p *S) {
	for i := range *p {
		try(m, "delete "+what, p, slices.Delete(slices.Clone(*p), i, i+1))
	}
}

func (m *mutator) document(doc *ast.SchemaDocument) {
	m.definitions = doc.Directives
	deletions(m, "directive definition", &doc.Directives)
	deletions(m, "definition", &doc.Definitions)
	for _, s := range doc.Schema {
		m.description("schema", &s.Description)
		m.directives("schema", &s.Directives, nil)
		deletions(m, "root operation", &s.OperationTypes)
		for _, o := range s.OperationTypes {
			try(m, "change of a root type", &o.Type, o.Type+"X")
		}
	}
	for _, d := range doc.Directives {
		what := "@" + d.Name
		m.description(what, &d.Description)
		try(m, "repeatable of "+what, &d.IsRepeatable, !d.IsRepeatable)
		deletions(m, "location of "+what, &d.Locations)
		m.arguments(what, &d.Arguments)
	}
	for _, d := range doc.Definitions {
		m.definition(d)
	}
}

func (m *mutator) definition(d *ast.Definition) {
	m.description(d.Name, &d.Description)
	try(m, "kind of "+d.Name, &d.Kind, d.Kind+"X")
	try(m, "name of "+d.Name, &d.Name, d.Name+"X")
	m.directives(d.Name, &d.Directives, nil)
	deletions(m, "interface of "+d.Name, &d.Interfaces)
	deletions(m, "member of "+d.Name, &d.Types)
	deletions(m, "field of "+d.Name, &d.Fields)
	deletions(m, "value of "+d.Name, &d.EnumValues)
	for i := range d.Interfaces {
		try(m, "interface of "+d.Name, &d.Interfaces[i], "X")
	}
	for i := range d.Types {
		try(m, "member of "+d.Name, &d.Types[i], "X")
	}
	for _, f := range d.Fields {
		m.field(d, f)
	}
	for _, v := range d.EnumValues {
		what := d.Name + "." + v.Name
		m.description(what, &v.Description)
		try(m, "name of "+what, &v.Name, v.Name+"X")
		m.directives(what, &v.Directives, nil)
	}
}

func (m *mutator) field(d *ast.Definition, f *ast.FieldDefinition) {
	what := d.Name + "." + f.Name
	m.description(what, &f.Description)
	try(m, "name of "+what, &f.Name, f.Name+"X")
	m.typ(what, f.Type)
	m.value("default of "+what, &f.DefaultValue)
	m.arguments(what, &f.Arguments)
	// Deleting the only join is no change where it says what its absence says.
	sole := func(dir *ast.Directive) bool {
		if dir.Name != "join__field" || len(f.Directives.ForNames("join__field")) > 1 || len(dir.Arguments) != 1 {
			return false
		}
		for _, t := range d.Directives.ForNames("join__type") {
			if raw(t, "graph") != raw(dir, "graph") {
				return false
			}
		}
		return raw(dir, "graph") != ""
	}
	m.directives(what, &f.Directives, sole)
	if f.Directives.ForName("join__field") == nil && d.Directives.ForName("join__type") != nil {
		bare := append(slices.Clone(f.Directives), &ast.Directive{Name: "join__field"})
		try(m, "bare join on "+what, &f.Directives, bare)
	}
}

func (m *mutator) arguments(what string, args *ast.ArgumentDefinitionList) {
	deletions(m, "argument of "+what, args)
	for _, a := range *args {
		name := what + "(" + a.Name + ":)"
		m.description(name, &a.Description)
		try(m, "name of "+name, &a.Name, a.Name+"X")
		m.typ(name, a.Type)
		m.value("default of "+name, &a.DefaultValue)
		m.directives(name, &a.Directives, nil)
	}
}

func (m *mutator) description(what string, d *string) {
	try(m, "change of the description of "+what, d, *d+"x")
	if *d != "" {
		try(m, "deletion of the description of "+what, d, "")
	}
}

func (m *mutator) typ(what string, t *ast.Type) {
	try(m, "nullability of "+what, &t.NonNull, !t.NonNull)
	if t.Elem != nil {
		m.typ(what, t.Elem)
		return
	}
	try(m, "type of "+what, &t.NamedType, t.NamedType+"X")
	try(m, "list around the type of "+what, t, *ast.ListType(&ast.Type{NamedType: t.NamedType, NonNull: t.NonNull}, nil))
}

// directives mutates applied directives; equivalent says which deletions change nothing.
func (m *mutator) directives(what string, ds *ast.DirectiveList, equivalent func(*ast.Directive) bool) {
	for i, d := range *ds {
		on := "@" + d.Name + " on " + what
		if equivalent == nil || !equivalent(d) {
			try(m, "deletion of "+on, ds, slices.Delete(slices.Clone(*ds), i, i+1))
		}
		try(m, "name of "+on, &d.Name, d.Name+"X")
		for k, a := range d.Arguments {
			if !m.isDefault(d, a) {
				try(m, "deletion of "+a.Name+" of "+on, &d.Arguments, slices.Delete(slices.Clone(d.Arguments), k, k+1))
			}
			try(m, "name of "+a.Name+" of "+on, &a.Name, a.Name+"X")
			v := a.Value
			m.value(a.Name+" of "+on, &v)
		}
	}
}

// value mutates a value at every depth.
func (m *mutator) value(what string, p **ast.Value) {
	v := *p
	if v == nil {
		try(m, "new "+what, p, &ast.Value{Kind: ast.IntValue, Raw: "7"})
		return
	}
	switch v.Kind {
	case ast.ListValue, ast.ObjectValue:
		deletions(m, "item of "+what, &v.Children)
		for _, c := range v.Children {
			if v.Kind == ast.ObjectValue {
				try(m, "key in "+what, &c.Name, c.Name+"X")
			}
			m.value(what, &c.Value)
		}
		if len(v.Children) == 0 {
			try(m, "item of "+what, &v.Children, ast.ChildValueList{{Name: "x", Value: &ast.Value{Kind: ast.IntValue, Raw: "7"}}})
		}
	case ast.BooleanValue:
		try(m, "value of "+what, &v.Raw, map[string]string{"true": "false", "false": "true"}[v.Raw])
	default:
		try(m, "value of "+what, &v.Raw, v.Raw+" x")
	}
}
