package federation

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// define adds the definitions of the specifications that the document leaves
// out and checks those that it repeats.
func (r *reader) define() {
	s := r.s
	s.Directives = make(map[string]*ast.DirectiveDefinition)
	for _, d := range s.document.Directives {
		if s.Directives[d.Name] != nil {
			r.misused("@"+d.Name, d.Position, "Directive \"@%s\" is defined twice; remove one of the definitions.", d.Name)
		}
		s.Directives[d.Name] = d
	}
	for n, sdl := range builtinDirectives() {
		if s.Directives[n] == nil {
			s.Directives[n] = define(n, sdl, nil)
		}
	}
	s.provided["link__Import"], s.provided["link__Purpose"] = true, true
	if len(s.linked) > 0 {
		r.expect("link", define("link", linkDefinition, nil))
	}
	if s.federation == nil {
		r.defineFed1()
	}
	r.defineFed2()
	for _, l := range s.Links {
		if f, ok := s.alone(l); ok && f.scalar != "" && s.Types[l.typeName(f.scalar)] == nil {
			r.addProvided(l.typeName(f.scalar)) // an own type of the subgraph
		}
	}
	r.checkTypes()
	for _, n := range slices.Sorted(maps.Keys(s.provided)) {
		if s.Types[n] == nil {
			r.addProvided(n)
		}
	}
}

func (r *reader) addProvided(name string) {
	t := &Type{Kind: ast.Scalar, Name: name, HasBase: true, byName: make(map[string]*Field)}
	if name == "link__Purpose" {
		t.Kind = ast.Enum
		t.Values = ast.EnumValueList{{Name: "SECURITY"}, {Name: "EXECUTION"}}
	}
	r.s.Types[name] = t
	r.s.Order = append(r.s.Order, name)
}

func (r *reader) defineFed1() {
	r.s.provided["_FieldSet"] = true
	for n, sdl := range fed1() {
		r.expect(n, define(n, sdl, nil))
	}
}

// defineFed2 defines the directives of a federation 2 link, and of the
// specifications linked on their own.
func (r *reader) defineFed2() {
	s := r.s
	l := s.federation
	version := Newest
	typeName := func(t string) string { return "federation__" + t }
	if l != nil {
		version, typeName = l.Version, l.typeName
		for t, since := range fed2Types() {
			if version.AtLeast(since) {
				s.provided[typeName(t)] = true
			}
		}
	}
	elements := fed2()
	for name, element := range s.meaning {
		if l == nil {
			if _, ok := fed1()[element]; ok {
				continue
			}
		}
		named := typeName
		for _, x := range s.Links {
			if f, ok := s.alone(x); ok && (f.element == element || f.second == element) && x.directiveName(element) == name {
				named = x.typeName
			}
		}
		r.expect(name, define(name, elements[element].sdl(version), named))
	}
}

// expect adds the definition of a specification's directive, or compares it
// with the one in the document.
func (r *reader) expect(name string, want *ast.DirectiveDefinition) {
	have := r.s.Directives[name]
	if have == nil {
		r.s.Directives[name] = want
		return
	}
	wrong := func(format string, args ...any) {
		c := "@" + name
		r.errors = append(r.errors, Diagnostic{
			Code: DirectiveDefinitionInvalid, Coordinate: c, Locations: r.s.At(have.Position),
			Message: "[" + r.s.Name + "] Invalid definition for directive \"" + c + "\": " + fmt.Sprintf(format, args...) + "; change it or leave the definition out.",
		})
	}
	for _, a := range want.Arguments {
		r.expectArgument(have, a, wrong)
	}
	for _, a := range have.Arguments {
		if want.Arguments.ForName(a.Name) == nil {
			wrong("it has the unknown argument %q", a.Name)
		}
	}
	if have.IsRepeatable && !want.IsRepeatable {
		wrong("it should not be repeatable")
	}
	for _, l := range have.Locations {
		if !slices.Contains(want.Locations, l) {
			wrong("it cannot be used on %s", l)
		}
	}
}

func (r *reader) expectArgument(have *ast.DirectiveDefinition, want *ast.ArgumentDefinition, wrong func(string, ...any)) {
	a := have.Arguments.ForName(want.Name)
	if a == nil {
		if want.Type.NonNull && want.DefaultValue == nil {
			wrong("it has no argument %q", want.Name)
		}
		return
	}
	if !r.acceptable(a.Type, want.Type) {
		wrong("argument %q should have the type %q, not %q", want.Name, want.Type.String(), a.Type.String())
		return
	}
	if want.DefaultValue != nil && (a.DefaultValue == nil || a.DefaultValue.String() != want.DefaultValue.String()) {
		wrong("argument %q should have the default %s, not %s", want.Name, want.DefaultValue.String(), defaultText(a.DefaultValue))
	}
}

func defaultText(v *ast.Value) string {
	if v == nil {
		return "none"
	}
	return v.String()
}

// acceptable reports whether a repeated definition may give an argument this
// type: the specification's, a stricter one, or for the specification's own
// scalars also any of GraphQL's or a list of strings.
func (r *reader) acceptable(have, want *ast.Type) bool {
	if r.s.provided[want.NamedType] && want.NonNull && have.String() == "[String!]!" {
		return true
	}
	if want.NonNull && !have.NonNull || (have.Elem == nil) != (want.Elem == nil) {
		return false
	}
	if have.Elem != nil {
		return r.acceptable(have.Elem, want.Elem)
	}
	own := r.s.provided[want.NamedType]
	return have.NamedType == want.NamedType || own && isBuiltinScalar(have.NamedType)
}

// checkTypes compares the scalars of the specification that the document defines
// itself.
func (r *reader) checkTypes() {
	for _, n := range slices.Sorted(maps.Keys(r.s.provided)) {
		if t := r.s.Types[n]; t != nil && t.Kind != ast.Scalar && n != "link__Import" && n != "link__Purpose" {
			r.wrongType(t, ast.Scalar)
		}
	}
}

func (r *reader) wrongType(t *Type, kind ast.DefinitionKind) {
	r.report(TypeDefinitionInvalid, t.Name, t.Position, "Invalid definition for type %q: it should be %s, not %s; leave the definition out.", t.Name, kindName(kind), kindName(t.Kind))
}

// checkLinkTypes does the same for the types of @link. If they are wrong, nothing
// is linked.
func (r *reader) checkLinkTypes() {
	s := r.s
	if len(s.linked) == 0 {
		return
	}
	before := len(r.errors)
	if t := s.Types["link__Import"]; t != nil && t.Kind != ast.Scalar {
		r.wrongType(t, ast.Scalar)
	}
	if t := s.Types["link__Purpose"]; t != nil && t.Kind != ast.Enum {
		r.wrongType(t, ast.Enum)
	} else if t != nil && (len(t.Values) != 2 || t.Value("SECURITY") == nil || t.Value("EXECUTION") == nil) {
		r.report(TypeDefinitionInvalid, t.Name, t.Position, "Invalid definition for type %q: its values should be SECURITY and EXECUTION; leave the definition out.", t.Name)
	}
	if len(r.errors) > before {
		s.federation, s.Version = nil, Fed1
	}
}
