package compose

import (
	"regexp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
)

// overrideRole is what an @override makes of a field in one subgraph: from is
// set where the field is taken over, overridden where it is taken away. A label
// makes either progressive.
type overrideRole struct {
	from, label string
	overridden  bool
}

type roleKey struct {
	g *graph
	f *federation.Field
}

// overrides finds the roles of all fields with @override. An override with an
// error has none.
func (m *merger) overrides() {
	m.roles = make(map[roleKey]overrideRole)
	for _, n := range m.order {
		sources := m.sources[n]
		for _, s := range sources {
			for _, f := range s.t.Fields {
				if d := s.g.First(f.Directives, federation.Override); d != nil {
					m.override(&overriding{
						sources: sources, source: s, f: f, d: d,
						from: federation.StringArgument(d, "from"), label: federation.StringArgument(d, "label"),
					})
				}
			}
		}
	}
}

// overriding is one application of @override.
type overriding struct {
	sources []source
	source
	f           *federation.Field
	d           *ast.Directive
	from, label string
}

func (o *overriding) coordinate() string { return o.t.Name + "." + o.f.Name }

func (m *merger) override(o *overriding) {
	c, at := o.coordinate(), o.g.At(o.d.Position)
	switch {
	case o.t.Kind == ast.Interface:
		m.errorf(OverrideOnInterface, c, at, "@override cannot be used on the interface field %q in subgraph %q; use it on the fields of the implementations.", c, o.g.Name)
		return
	case o.g.IsInterfaceObject(o.t):
		m.errorf(OverrideCollisionWithAnotherDirective, c, at, "@override cannot be used on the field %q of an interface object in subgraph %q; move the field in one step.", c, o.g.Name)
		return
	case o.from == o.g.Name:
		m.errorf(OverrideFromSelfError, c, at, "Field %q in subgraph %q overrides itself; name the subgraph that the field comes from.", c, o.g.Name)
		return
	case !m.hasGraph(o.from):
		m.roles[roleKey{o.g, o.f}] = overrideRole{from: o.from}
		m.hintf(FromSubgraphDoesNotExist, c, at, "Field %q in subgraph %q overrides that of %q, but there is no such subgraph; correct the name or remove the @override.", c, o.g.Name, o.from)
		return
	}
	from, field := o.target()
	if field == nil && m.overridesAbstracted(o) {
		return
	}
	if field == nil {
		m.roles[roleKey{o.g, o.f}] = overrideRole{from: o.from}
		m.hintf(OverrideDirectiveCanBeRemoved, c, at, "Field %q is not in subgraph %q any more; the @override in subgraph %q can be removed.", c, o.from, o.g.Name)
		return
	}
	if m.overrideProblem(o, from, field) {
		return
	}
	m.roles[roleKey{o.g, o.f}] = overrideRole{from: o.from, label: o.label}
	if from.External(field) {
		m.hintf(OverrideDirectiveCanBeRemoved, c, at, "Field %q is only @external in subgraph %q; the @override in subgraph %q can be removed.", c, o.from, o.g.Name)
		return
	}
	m.roles[roleKey{from, field}] = overrideRole{overridden: true, label: o.label}
	if !validLabel(o.label) {
		m.errorf(OverrideLabelInvalid, c, append(at, from.At(field.Position)...), "Invalid @override label %q on field %q in subgraph %q: a label starts with a letter and has letters, digits and _-:./ after it, or is percent(x) with x from 0 to 100 and at most 8 decimals.", o.label, c, o.g.Name)
		return
	}
	m.overrideHint(o, from, field)
}

func (m *merger) hasGraph(name string) bool {
	for _, g := range m.graphs {
		if g.Name == name {
			return true
		}
	}
	return false
}

// target is the overridden field.
func (o *overriding) target() (*graph, *federation.Field) {
	for _, s := range o.sources {
		if s.g.Name == o.from {
			return s.g, s.t.Field(o.f.Name)
		}
	}
	return nil, nil
}

// overridesAbstracted refuses to take a field from an interface object, which has it for all implementations.
func (m *merger) overridesAbstracted(o *overriding) bool {
	c := o.coordinate()
	for _, n := range interfacesOf(o.sources) {
		for _, s := range m.sources[n] {
			if s.g.Name != o.from || !s.g.IsInterfaceObject(s.t) || s.t.Field(o.f.Name) == nil {
				continue
			}
			at := append(o.g.At(o.d.Position), s.g.At(s.t.Field(o.f.Name).Position)...)
			m.errorf(OverrideCollisionWithAnotherDirective, c, at, "@override cannot be used on field %q in subgraph %q, since subgraph %q has it for all of %q, by @interfaceObject; remove the @override.", c, o.g.Name, o.from, n)
			return true
		}
	}
	return false
}

func interfacesOf(sources []source) []string {
	var out []string
	for _, s := range sources {
		for _, i := range s.t.Interfaces {
			if !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

func (m *merger) overrideProblem(o *overriding, from *graph, field *federation.Field) bool {
	c := o.coordinate()
	at := append(o.g.At(o.d.Position), from.At(field.Position)...)
	if from.Has(field.Directives, federation.Override) {
		m.errorf(OverrideSourceHasOverride, c, at, "Field %q has an @override in subgraph %q and in subgraph %q, which it overrides; only one of them may.", c, o.g.Name, o.from)
		return true
	}
	collisions := []struct {
		g       *graph
		list    ast.DirectiveList
		element string
	}{
		{o.g, o.f.Directives, federation.External},
		{from, field.Directives, federation.Requires},
		{from, field.Directives, federation.Provides},
	}
	found := false
	for _, x := range collisions {
		if d := x.g.First(x.list, x.element); d != nil {
			m.errorf(OverrideCollisionWithAnotherDirective, c, at, "@override cannot be used on field %q in subgraph %q, since %q in subgraph %q has @%s; remove one of them.", c, o.g.Name, c, x.g.Name, d.Name)
			found = true
		}
	}
	return found
}

var labelPattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_\-:./]*$`)

var percentPattern = regexp.MustCompile(`^percent\((\d{1,2}(\.\d{1,8})?|100)\)$`)

func validLabel(s string) bool {
	return s == "" || labelPattern.MatchString(s) || percentPattern.MatchString(s)
}

func (m *merger) overrideHint(o *overriding, from *graph, field *federation.Field) {
	c := o.coordinate()
	at := append(o.g.At(o.d.Position), from.At(field.Position)...)
	switch {
	case o.label != "":
		m.hintf(OverrideMigrationInProgress, c, at, "Field %q moves from subgraph %q to subgraph %q under the label %q; when it has, remove the old field and the @override.", c, o.from, o.g.Name, o.label)
	case from.Used(field):
		m.hintf(OverriddenFieldCanBeRemoved, c, at, "Field %q of subgraph %q is overridden by subgraph %q and only used inside it; mark it @external or remove it.", c, o.from, o.g.Name)
	default:
		m.hintf(OverriddenFieldCanBeRemoved, c, at, "Field %q of subgraph %q is overridden by subgraph %q; remove it there and then the @override.", c, o.from, o.g.Name)
	}
}
