package compose

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// merger carries one composition through its stages.
type merger struct {
	graphs []*graph
	errors []Diagnostic
	hints  []Diagnostic
	late   []Diagnostic // errors that are only reported if there are no others

	doc    supergraph.Document
	types  map[string]*supergraph.Type
	schema *supergraph.Schema
	// sources are the definitions behind each type, in order of subgraph name.
	sources      map[string][]source
	order        []string
	implementers map[string][]string
	usage        map[string]usage
	roles        map[roleKey]overrideRole
	dropped      []*ast.Type          // types of input fields that were left out
	applied      map[string]bool      // elements of the federation specification that reach the supergraph
	composed     map[string]*composed // directives named by @composeDirective, by name
	specNames    map[string]string    // element of the specification -> its name in the supergraph
}

// source is the definition of a type in one subgraph.
type source struct {
	g *graph
	t *federation.Type
}

func (m *merger) errorf(code Code, coordinate string, at []Location, format string, args ...any) {
	m.errors = append(m.errors, diagnostic(code, coordinate, at, format, args...))
}

func (m *merger) hintf(code Code, coordinate string, at []Location, format string, args ...any) {
	m.hints = append(m.hints, diagnostic(code, coordinate, at, format, args...))
}

func diagnostic(code Code, coordinate string, at []Location, format string, args ...any) Diagnostic {
	if at == nil {
		at = []Location{}
	}
	return Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Coordinate: coordinate, Locations: at}
}

// merge builds the supergraph document.
func (m *merger) merge() {
	m.collect()
	m.types = make(map[string]*supergraph.Type)
	m.applied, m.composed, m.specNames = make(map[string]bool), make(map[string]*composed), make(map[string]string)
	for _, n := range m.order {
		m.shallow(n)
		m.checkBase(n)
	}
	if m.checkUses() {
		return
	}
	m.firstKinds()
	m.findComposed()
	m.findApplied()
	m.overrides()
	for _, n := range m.order {
		if t := m.types[n]; t != nil && t.Kind != ast.Enum {
			m.mergeType(t)
		}
	}
	m.interfaceObjectFields()
	m.checkInterfaces()
	m.mergeExecutable()
	m.findUsage()
	for _, n := range m.order {
		if t := m.types[n]; t != nil && t.Kind == ast.Enum {
			m.mergeEnum(t)
		}
	}
	m.mergeSchema()
	m.emit()
}

// collect finds the definitions of every type that is not machinery.
func (m *merger) collect() {
	m.sources = make(map[string][]source)
	for _, g := range m.graphs {
		for _, n := range g.Order {
			if builtin(n) && g.Types[n].Kind != ast.Scalar {
				m.errorf(TypeKindMismatch, n, g.At(g.Types[n].Position), "Type %q is a scalar of GraphQL but %s in subgraph %q; rename it.", n, kindName(g.Types[n].Kind), g.Name)
			}
			if g.Machinery(n) || builtin(n) {
				continue
			}
			if m.sources[n] == nil {
				m.order = append(m.order, n)
			}
			m.sources[n] = append(m.sources[n], source{g, g.Types[n]})
		}
	}
	slices.Sort(m.order)
	m.findImplementers()
}

// findImplementers lists the object types that implement each interface in some
// subgraph.
func (m *merger) findImplementers() {
	m.implementers = make(map[string][]string)
	for _, n := range m.order {
		for _, s := range m.sources[n] {
			for _, i := range s.t.Interfaces {
				list := m.implementers[i]
				if s.t.Kind == ast.Object && (len(list) == 0 || list[len(list)-1] != n) {
					m.implementers[i] = append(list, n)
				}
			}
		}
	}
}

func builtin(name string) bool {
	return slices.Contains([]string{"Int", "Float", "String", "Boolean", "ID"}, name)
}

// kind is the kind that a source has in the supergraph.
func (s source) kind() ast.DefinitionKind {
	if s.g.IsInterfaceObject(s.t) {
		return ast.Interface
	}
	return s.t.Kind
}

// kindName is the kind as a subgraph's owner knows it.
func (s source) kindName() string {
	if s.g.IsInterfaceObject(s.t) {
		return "an interface object"
	}
	return kindName(s.t.Kind)
}

// shallow makes a type without its content, unless its kinds are mixed.
func (m *merger) shallow(name string) {
	sources := m.sources[name]
	if len(ofFirstKind(sources)) < len(sources) {
		m.kindMismatch(name, sources)
		return
	}
	m.newType(name)
}

// ofFirstKind returns the sources that have the kind of the first one.
func ofFirstKind(sources []source) []source {
	return slices.DeleteFunc(slices.Clone(sources), func(s source) bool { return s.kind() != sources[0].kind() })
}

// firstKinds goes on with objects, interfaces and enums of mixed kind as if there
// were only those of the first kind: what is wrong with their fields and values is
// told together with the mismatch.
func (m *merger) firstKinds() {
	for _, n := range m.order {
		if m.types[n] != nil {
			continue
		}
		if kind := m.sources[n][0].kind(); kind == ast.Object || kind == ast.Interface || kind == ast.Enum {
			m.sources[n] = ofFirstKind(m.sources[n])
			m.newType(n)
		}
	}
}

func (m *merger) newType(name string) {
	sources := m.sources[name]
	t := &supergraph.Type{Kind: sources[0].kind(), Name: name}
	m.types[name] = t
	m.doc.Types = append(m.doc.Types, t)
	for _, s := range sources {
		m.join(t, s)
	}
}

// checkUses looks for types that are used as what they are not in the first
// subgraph that has them, be it that kinds are mixed or that they are interface
// objects: such a graph cannot be merged at all.
func (m *merger) checkUses() bool {
	for _, n := range m.order {
		for _, s := range m.sources[n] {
			if m.misused(s, s.t.Interfaces, ast.Interface) || m.misused(s, s.t.Members, ast.Object) {
				return true
			}
		}
	}
	return false
}

// misused reports that a type uses another one that is not of the kind.
func (m *merger) misused(s source, list []string, kind ast.DefinitionKind) bool {
	for _, used := range list {
		of := m.sources[used]
		if len(of) == 0 || of[0].kind() == kind {
			continue
		}
		m.errors = m.errors[:0]
		m.errorf(federation.InvalidGraphQL, s.t.Name, append(s.g.At(s.t.Position), locations(of)...), "Type %q cannot use %q in subgraph %q, since %q is %s in subgraph %q; use one kind everywhere or another name.", s.t.Name, used, s.g.Name, used, of[0].kindName(), of[0].g.Name)
		return true
	}
	return false
}

// checkBase wants a type to be defined and not only extended. Where kinds are
// mixed, those of the first one count.
func (m *merger) checkBase(name string) {
	var same []source
	for _, s := range m.sources[name] {
		if s.kind() != m.sources[name][0].kind() {
			continue
		}
		if s.t.HasBase || s.g.Version == federation.Fed1 {
			return // an extension of federation 1 has become a definition
		}
		same = append(same, s)
	}
	if !root(name) {
		m.errorf(ExtensionWithNoBase, name, locations(same), "Type %q is only extended, in %s; define it in one subgraph.", name, names(graphsOf(same)))
	}
}

func (m *merger) kindMismatch(name string, sources []source) {
	text := ""
	for i, s := range sources {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s in subgraph %q", kindName(s.kind()), s.g.Name)
	}
	m.errorf(TypeKindMismatch, name, locations(sources), "Type %q has mismatched kind: it is %s; use one kind everywhere or another name.", name, text)
	if sources[0].kind() == ast.InputObject {
		m.errorf(EmptyMergedInputType, name, locations(sources), "Input type %q has no field that all its definitions have.", name)
		m.requiredNowhereElse(ofFirstKind(sources))
	}
}

// requiredNowhereElse reports the required fields of the definitions of an input
// type that is something else in another subgraph.
func (m *merger) requiredNowhereElse(sources []source) {
	seen := make(map[string]bool)
	for _, s := range sources {
		for _, f := range s.t.Fields {
			if f.Type.NonNull && f.Default == nil && !seen[f.Name] {
				seen[f.Name] = true
				m.errorf(RequiredInputFieldMissingInSomeSubgraph, f.Coordinate(), s.g.At(f.Position), "Input field %q is required in subgraph %q but %q is no input type in others; use one kind everywhere.", f.Coordinate(), s.g.Name, s.t.Name)
			}
		}
	}
}

func locations(sources []source) []Location {
	var out []Location
	for _, s := range sources {
		out = append(out, s.g.At(s.t.Position)...)
	}
	return out
}

// join adds the join__type of one subgraph.
func (m *merger) join(t *supergraph.Type, s source) {
	base := supergraph.TypeJoin{Graph: s.g.value, IsInterfaceObject: s.g.IsInterfaceObject(s.t)}
	keys := s.g.All(s.t.Directives, federation.Key)
	if len(keys) == 0 || t.Kind != ast.Object && t.Kind != ast.Interface {
		t.Joins = append(t.Joins, base)
		return
	}
	for _, k := range keys {
		fs, err := supergraph.ParseFieldSet(federation.FieldSetText(k))
		if err != nil {
			continue
		}
		j := base
		j.Key = fs
		j.Extension = s.t.OnExtension(k) && (s.g.Version != federation.Fed1 || s.t.HasBase) || s.g.Has(s.t.Directives, federation.Extends)
		j.Unresolvable = !federation.BoolArgument(k, "resolvable", true)
		t.Joins = append(t.Joins, j)
	}
}

func kindName(k ast.DefinitionKind) string {
	switch k {
	case ast.Object:
		return "an object type"
	case ast.Interface:
		return "an interface"
	case ast.Union:
		return "a union"
	case ast.Enum:
		return "an enum"
	case ast.InputObject:
		return "an input type"
	default:
		return "a scalar"
	}
}

// mergeType fills in a type of any kind but enum.
func (m *merger) mergeType(t *supergraph.Type) {
	sources := m.sources[t.Name]
	t.Description = m.mergeDescription(t.Name, descriptions(sources))
	applied := appliedTo(sources)
	if t.Kind == ast.Interface {
		applied = append(applied, m.authOfTypes(t.Name)...)
	}
	t.Directives = m.mergeDirectives(t.Name, applied)
	m.contextDirectives(t, sources)
	t.Directives = append(t.Directives, m.cacheTags(appliedTo(sources))...)
	switch t.Kind {
	case ast.Object, ast.Interface:
		m.mergeInterfaces(t, sources)
		m.mergeFields(t, sources)
		m.hintFields(t, sources)
	case ast.InputObject:
		m.mergeInput(t, sources)
	case ast.Union:
		m.mergeUnion(t, sources)
		m.hintMembers(t, sources)
	}
}

func (m *merger) mergeInterfaces(t *supergraph.Type, sources []source) {
	for _, s := range sources {
		for _, i := range s.t.Interfaces {
			t.InterfaceJoins = append(t.InterfaceJoins, supergraph.InterfaceJoin{Graph: s.g.value, Interface: i})
			if !slices.Contains(t.Interfaces, i) {
				t.Interfaces = append(t.Interfaces, i)
			}
		}
	}
}

func (m *merger) mergeUnion(t *supergraph.Type, sources []source) {
	for _, s := range sources {
		for _, name := range s.t.Members {
			t.MemberJoins = append(t.MemberJoins, supergraph.MemberJoin{Graph: s.g.value, Member: name})
			if !slices.Contains(t.Members, name) {
				t.Members = append(t.Members, name)
			}
		}
	}
}
