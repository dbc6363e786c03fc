package federation

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Subgraph is one subgraph SDL as read: definitions and their extensions put
// together, names of directives resolved to what they mean, root types under
// their default names.
type Subgraph struct {
	Name, URL, File string
	Version         Version
	// Upgraded is the version of federation that features linked on their own call
	// for, if it is above Version; else zero.
	Upgraded Version
	Links    []*Link
	// Types holds the subgraph's own types by name, those of linked
	// specifications and of the federation machinery included (see Machinery).
	Types map[string]*Type
	// Order lists the names of Types as they first occur.
	Order []string
	// Directives are the directive definitions, those of the specifications
	// that the document leaves out included.
	Directives map[string]*ast.DirectiveDefinition
	// Schema are the directives applied to the schema, but for @link.
	Schema            ast.DirectiveList
	SchemaDescription string
	SchemaPosition    *ast.Position
	// Roots are the root types that the subgraph has: always the default names.
	Roots map[ast.Operation]bool

	linked         ast.DirectiveList // the applications of @link
	document       *ast.SchemaDocument
	federation     *Link             // nil for federation 1
	meaning        map[string]string // directive name in the document -> element of the specification
	custom         map[string]*Link  // directive name in the document -> other feature
	external       map[*Field]bool
	keyFields      map[*Field]bool
	providedFields map[*Field]bool
	pretended      map[*Field]bool // key fields of extensions, external or not
	shareable      map[*Field]bool
	used           map[*Field]bool
	provided       map[string]bool // types of specifications, by name in the document
	keyless        map[string]bool // interfaces whose keys of federation 1 were dropped
	rootNames      map[ast.Operation]string
}

// Type is a type of one subgraph.
type Type struct {
	Kind        ast.DefinitionKind
	Name        string
	Description string
	Position    *ast.Position
	Directives  ast.DirectiveList
	Interfaces  []string
	Fields      []*Field
	Members     []string
	Values      ast.EnumValueList
	// HasBase and HasExtension say with which kinds of block it was written.
	HasBase, HasExtension bool

	byName    map[string]*Field
	onExtend  map[*ast.Directive]bool
	blocks    []*ast.Definition
	positions map[string]*ast.Position // union members
}

// Field is a field of an object or interface type, or an input field.
type Field struct {
	Parent      *Type
	Name        string
	Description string
	Type        *ast.Type
	Arguments   ast.ArgumentDefinitionList
	Default     *ast.Value
	Directives  ast.DirectiveList
	Position    *ast.Position
	InExtension bool

	block *ast.Definition // that declares it
}

// Coordinate is "Type.field".
func (f *Field) Coordinate() string { return f.Parent.Name + "." + f.Name }

// argumentCoordinate is "Type.field(argument:)".
func (f *Field) argumentCoordinate(name string) string { return f.Coordinate() + "(" + name + ":)" }

// Field returns the field of that name, nil if there is none.
func (t *Type) Field(name string) *Field { return t.byName[name] }

// Value returns the enum value of that name, nil if there is none.
func (t *Type) Value(name string) *ast.EnumValueDefinition { return t.Values.ForName(name) }

// MemberPosition is where a union names a member.
func (t *Type) MemberPosition(name string) *ast.Position {
	if p := t.positions[name]; p != nil {
		return p
	}
	return t.Position
}

// OnExtension reports whether the directive was applied on an extend block.
func (t *Type) OnExtension(d *ast.Directive) bool { return t.onExtend[d] }

// Meaning returns the element of the federation specification that a directive
// name of this document stands for, "" if it stands for none.
func (s *Subgraph) Meaning(name string) string { return s.meaning[name] }

// Feature returns the linked feature, other than federation's, that a directive
// of this document belongs to, and the directive's name in that feature.
func (s *Subgraph) Feature(name string) (link *Link, element string) {
	l := s.custom[name]
	if l == nil {
		return nil, ""
	}
	element, _ = l.owns(name, true)
	return l, element
}

// All returns the applications of a directive of the specification.
func (s *Subgraph) All(list ast.DirectiveList, element string) []*ast.Directive {
	var out []*ast.Directive
	for _, d := range list {
		if s.meaning[d.Name] == element {
			out = append(out, d)
		}
	}
	return out
}

// Has reports whether a directive of the specification is applied.
func (s *Subgraph) Has(list ast.DirectiveList, element string) bool {
	return s.First(list, element) != nil
}

// First returns the first application of a directive of the specification.
func (s *Subgraph) First(list ast.DirectiveList, element string) *ast.Directive {
	for _, d := range list {
		if s.meaning[d.Name] == element {
			return d
		}
	}
	return nil
}

// IsInterfaceObject reports whether the type is an object that stands for an
// interface of other subgraphs.
func (s *Subgraph) IsInterfaceObject(t *Type) bool {
	return t.Kind == ast.Object && s.Has(t.Directives, InterfaceObject)
}

// Machinery reports whether a type belongs to a specification and not to the
// schema that the subgraph serves.
func (s *Subgraph) Machinery(name string) bool {
	return s.provided[name] || slices.Contains([]string{"_Any", "_Entity", "_Service"}, name)
}

// Argument returns an argument of an applied directive, nil if it is absent or
// null.
func Argument(d *ast.Directive, name string) *ast.Value {
	a := d.Arguments.ForName(name)
	if a == nil || a.Value == nil || a.Value.Kind == ast.NullValue {
		return nil
	}
	return a.Value
}

// StringArgument returns a string argument, "" if it is absent or no string.
func StringArgument(d *ast.Directive, name string) string {
	if v := Argument(d, name); v != nil && (v.Kind == ast.StringValue || v.Kind == ast.BlockValue) {
		return v.Raw
	}
	return ""
}

// BoolArgument returns a boolean argument or the given default.
func BoolArgument(d *ast.Directive, name string, otherwise bool) bool {
	if v := Argument(d, name); v != nil && v.Kind == ast.BooleanValue {
		return v.Raw == "true"
	}
	return otherwise
}

// implementers lists the object and interface types of the subgraph that
// implement an interface.
func (s *Subgraph) implementers(iface string) []*Type {
	var out []*Type
	for _, n := range s.Order {
		if t := s.Types[n]; slices.Contains(t.Interfaces, iface) {
			out = append(out, t)
		}
	}
	return out
}

// runtimeTypes lists the names of the object types that a value of the type can have
// in this subgraph, in order of name.
func (s *Subgraph) runtimeTypes(name string) []string {
	t := s.Types[name]
	if t == nil {
		return nil
	}
	var out []string
	switch t.Kind {
	case ast.Object:
		out = []string{name}
	case ast.Union:
		out = slices.Clone(t.Members)
	case ast.Interface:
		for _, i := range s.implementers(name) {
			if i.Kind == ast.Object {
				out = append(out, i.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Own reports whether a directive definition is the subgraph's own: neither
// GraphQL's nor one of a specification that this package knows.
func (s *Subgraph) Own(name string) bool {
	return s.meaning[name] == "" && name != "link" && builtinDirectives()[name] == ""
}

// Applied returns the names under which the subgraph applies a directive of the
// specification, each with one place.
func (s *Subgraph) Applied(element string) map[string]*ast.Position {
	out := make(map[string]*ast.Position)
	add := func(list ast.DirectiveList) {
		for _, d := range s.All(list, element) {
			out[d.Name] = d.Position
		}
	}
	add(s.Schema)
	for _, n := range s.Order {
		t := s.Types[n]
		add(t.Directives)
		for _, v := range t.Values {
			add(v.Directives)
		}
		for _, f := range t.Fields {
			add(f.Directives)
			for _, a := range f.Arguments {
				add(a.Directives)
			}
		}
	}
	for _, d := range s.document.Directives {
		for _, a := range d.Arguments {
			add(a.Directives)
		}
	}
	return out
}

// LostKey reports whether an interface had a key in federation 1, where it meant
// nothing.
func (s *Subgraph) LostKey(iface string) bool { return s.keyless[iface] }
