package federation

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// validate checks the subgraph against the rules of GraphQL for schemas, as far
// as the reference composer does: what it lets pass (values of an enum or
// arguments defined twice, numbers out of range) passes here too.
func (r *reader) validate() {
	s := r.s
	for _, d := range slices.Concat(s.linked, s.Schema) {
		if s.Directives[d.Name] == nil {
			r.broken("schema", d.Position, "Unknown directive \"@%s\"%s.", d.Name, r.directiveAdvice(d.Name))
		}
	}
	r.validateApplied(slices.Concat(s.linked, s.Schema), "SCHEMA", "schema", nil)
	for _, n := range s.Order {
		r.validateType(s.Types[n])
	}
	r.validateCycles()
	for _, d := range s.document.Directives {
		r.validateDefinition(d)
	}
}

// broken reports that the document makes no schema at all.
func (r *reader) broken(coordinate string, pos *ast.Position, format string, args ...any) {
	r.fatal = append(r.fatal, r.diagnostic(InvalidGraphQL, coordinate, pos, format, args...))
}

// misused reports that something is used in the wrong place.
func (r *reader) misused(coordinate string, pos *ast.Position, format string, args ...any) {
	r.report(InvalidGraphQL, coordinate, pos, format, args...)
}

// invalid reports what is wrong with a schema that holds together.
func (r *reader) invalid(coordinate string, pos *ast.Position, format string, args ...any) {
	r.late = append(r.late, r.diagnostic(InvalidGraphQL, coordinate, pos, format, args...))
}

func (r *reader) validateName(name, coordinate string, pos *ast.Position) {
	if strings.HasPrefix(name, "__") {
		r.invalid(coordinate, pos, "Name %q must not begin with \"__\", which GraphQL reserves for introspection; rename it.", name)
	}
}

func location(k ast.DefinitionKind) ast.DirectiveLocation {
	return ast.DirectiveLocation(k)
}

func (r *reader) validateType(t *Type) {
	if len(t.blocks) == 0 {
		return
	}
	r.validateName(t.Name, t.Name, t.Position)
	for _, b := range t.blocks {
		r.validateApplied(b.Directives, location(t.Kind), t.Name, t)
	}
	r.validateOnce(t.Directives, t.Name)
	switch t.Kind {
	case ast.Object, ast.Interface:
		r.validateFields(t)
		r.validateInterfaces(t)
	case ast.InputObject:
		r.validateInput(t)
	case ast.Union:
		r.validateUnion(t)
	case ast.Enum:
		r.validateEnum(t)
	}
}

func (r *reader) validateFields(t *Type) {
	if len(t.Fields) == 0 && t != r.query {
		r.invalid(t.Name, t.Position, "Type %s must define one or more fields; add one or remove the type.", t.Name)
	}
	for _, f := range t.Fields {
		c := f.Coordinate()
		r.validateName(f.Name, c, f.Position)
		r.validateApplied(f.Directives, "FIELD_DEFINITION", c, t)
		r.validateOnce(f.Directives, c)
		r.validateReference(f.Type, c, f.Position, false)
		for _, a := range f.Arguments {
			r.validateArgument(a, f.argumentCoordinate(a.Name), t)
		}
	}
}

func (r *reader) validateArgument(a *ast.ArgumentDefinition, coordinate string, t *Type) {
	r.validateName(a.Name, coordinate, a.Position)
	r.validateApplied(a.Directives, "ARGUMENT_DEFINITION", coordinate, t)
	r.validateOnce(a.Directives, coordinate)
	r.validateReference(a.Type, coordinate, a.Position, true)
	if a.DefaultValue != nil && !r.s.coerce(a.Type, a.DefaultValue) {
		r.invalid(coordinate, a.DefaultValue.Position, "Invalid default value (got: %s) provided for argument %s of type %s; correct it.", a.DefaultValue.String(), coordinate, a.Type.String())
	}
	if a.Type.NonNull && a.DefaultValue == nil && a.Directives.ForName("deprecated") != nil {
		r.invalid(coordinate, a.Position, "Required argument %s cannot be deprecated; make it optional first.", coordinate)
	}
}

func (r *reader) validateInput(t *Type) {
	if len(t.Fields) == 0 {
		r.invalid(t.Name, t.Position, "Input object type %s must define one or more fields; add one or remove the type.", t.Name)
	}
	for _, f := range t.Fields {
		c := f.Coordinate()
		r.validateName(f.Name, c, f.Position)
		r.validateApplied(f.Directives, "INPUT_FIELD_DEFINITION", c, t)
		r.validateOnce(f.Directives, c)
		r.validateReference(f.Type, c, f.Position, true)
		if f.Default != nil && !r.s.coerce(f.Type, f.Default) {
			r.invalid(c, f.Default.Position, "Invalid default value (got: %s) provided for input field %s of type %s; correct it.", f.Default.String(), c, f.Type.String())
		}
		if f.Type.NonNull && f.Default == nil && f.Directives.ForName("deprecated") != nil {
			r.invalid(c, f.Position, "Required input field %s cannot be deprecated; make it optional first.", c)
		}
	}
}

// validateCycles looks for input objects that need themselves: no value of one
// could be written.
func (r *reader) validateCycles() {
	const open, done = 1, 2
	state := make(map[*Type]int)
	var visit func(t *Type)
	visit = func(t *Type) {
		state[t] = open
		for _, f := range t.Fields {
			if !f.Type.NonNull || f.Type.Elem != nil {
				continue
			}
			next := r.s.Types[f.Type.NamedType]
			switch {
			case next == nil || next.Kind != ast.InputObject:
			case state[next] == open:
				r.invalid(next.Name, f.Position, "Cannot reference input object %q within itself through a series of non-null fields; make %q optional.", next.Name, f.Coordinate())
			case state[next] != done:
				visit(next)
			}
		}
		state[t] = done
	}
	for _, n := range r.s.Order {
		if t := r.s.Types[n]; t.Kind == ast.InputObject && state[t] == 0 {
			visit(t)
		}
	}
}

func (r *reader) validateUnion(t *Type) {
	if len(t.Members) == 0 {
		r.invalid(t.Name, t.Position, "Union type %s must define one or more members; add one or remove the type.", t.Name)
	}
	for _, m := range t.Members {
		x := r.s.Types[m]
		switch {
		case x == nil && !isBuiltinScalar(m):
			r.misused(t.Name, t.MemberPosition(m), "Cannot add the unknown type %s as a member of union %s; define it or correct the name.", m, t.Name)
		case x == nil || x.Kind != ast.Object:
			r.misused(t.Name, t.MemberPosition(m), "Cannot add %s as a member of union %s: members are object types; remove it.", m, t.Name)
		}
	}
}

func (r *reader) validateEnum(t *Type) {
	if len(t.Values) == 0 {
		r.invalid(t.Name, t.Position, "Enum type %s must define one or more values; add one or remove the type.", t.Name)
	}
	for _, v := range t.Values {
		c := t.Name + "." + v.Name
		r.validateName(v.Name, c, v.Position)
		if v.Name == "true" || v.Name == "false" || v.Name == "null" {
			r.broken(c, v.Position, "An enum value cannot be called %q; rename it.", v.Name)
		}
		r.validateApplied(v.Directives, "ENUM_VALUE", c, t)
		r.validateOnce(v.Directives, c)
	}
}

// validateReference checks that a type exists and may be used in this place.
func (r *reader) validateReference(typ *ast.Type, coordinate string, pos *ast.Position, input bool) {
	name := typ.Name()
	if isBuiltinScalar(name) {
		return
	}
	t := r.s.Types[name]
	if t == nil || r.s.provided[name] && len(t.blocks) == 0 {
		if !strings.HasPrefix(name, "__") {
			r.broken(coordinate, pos, "Unknown type %s; define it or correct the name.", name)
		}
		return
	}
	if input && (t.Kind == ast.Object || t.Kind == ast.Interface || t.Kind == ast.Union) {
		r.misused(coordinate, pos, "The type of %q must be an input type, but %q is %s; use a scalar, an enum or an input type.", coordinate, typ.String(), kindName(t.Kind))
	}
	if !input && t.Kind == ast.InputObject {
		r.misused(coordinate, pos, "The type of %q must be an output type, but %q is %s; use another type.", coordinate, typ.String(), kindName(t.Kind))
	}
}

func (r *reader) validateDefinition(d *ast.DirectiveDefinition) {
	c := "@" + d.Name
	r.validateName(d.Name, c, d.Position)
	seen := make(map[string]bool)
	for _, a := range d.Arguments {
		if seen[a.Name] {
			r.misused(c+"("+a.Name+":)", a.Position, "Argument %q of directive %q can only be defined once; remove one of the definitions.", a.Name, c)
		}
		seen[a.Name] = true
		r.validateArgument(a, c+"("+a.Name+":)", nil)
	}
}
