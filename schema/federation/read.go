package federation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/schema/supergraph"
)

// maxTokens bounds the work on one subgraph; the largest known schemas have
// under a million tokens.
const maxTokens = 5_000_000

// Source is the SDL of one subgraph.
type Source struct{ Name, URL, SDL, File string }

// ReadAll reads subgraphs and checks each against the rules for one subgraph.
// Subgraphs of federation 1 are brought into the form of federation 2, for which
// the keys of the others count. Links of federation versions above newest are
// unknown. The list holds only those that could be parsed;
// it is only fit for merging if there are no errors.
func ReadAll(sources []Source, newest Version) ([]*Subgraph, []Diagnostic) {
	var list []*Subgraph
	var readers []*reader
	var errs []Diagnostic
	for _, src := range sources {
		s, r, problems := parse(src, newest)
		errs = append(errs, problems...)
		if s != nil {
			list, readers = append(list, s), append(readers, r)
		}
	}
	for _, r := range readers {
		switch {
		case r.s.Version != Fed1:
			r.finish()
		case len(r.errors) == 0:
			r.errors = r.rootErrors
		}
		errs = append(errs, r.errors...)
	}
	old := slices.DeleteFunc(readers, func(r *reader) bool { return r.s.Version != Fed1 })
	if len(errs) == 0 {
		for _, r := range old {
			r.upgrade(list)
		}
		for _, r := range old {
			r.finish()
			errs = append(errs, r.errors...)
		}
	}
	return list, Sort(errs)
}

// finish checks a subgraph that is valid as a GraphQL schema against the rules of
// federation.
func (r *reader) finish() {
	if len(r.errors) > 0 {
		return
	}
	r.s.index()
	if r.idleProvides(); len(r.errors) > 0 {
		return
	}
	r.errors = append(r.errors, r.rootErrors...)
	r.rules()
}

// parse parses a subgraph and checks it as a GraphQL schema. The subgraph is nil
// if it could not be parsed at all.
func parse(src Source, newest Version) (*Subgraph, *reader, []Diagnostic) {
	s := &Subgraph{Name: src.Name, URL: src.URL, File: src.File}
	sdl := supergraph.BlockStrings(strings.ReplaceAll(src.SDL, "\r\n", "\n"))
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Name: src.Name, Input: sdl}, maxTokens)
	if err != nil {
		return nil, nil, []Diagnostic{s.syntaxError(err)}
	}
	if len(doc.Schema)+len(doc.SchemaExtension)+len(doc.Directives)+len(doc.Definitions)+len(doc.Extensions) == 0 {
		return nil, nil, []Diagnostic{s.syntaxError(errors.New("the document is empty"))}
	}
	s.document = doc
	r := &reader{s: s, newest: newest}
	r.read()
	return s, r, nil
}

func (s *Subgraph) syntaxError(err error) Diagnostic {
	d := Diagnostic{Code: InvalidGraphQL, Message: fmt.Sprintf("[%s] Syntax error: %v.", s.Name, err), Locations: []Location{}}
	var g *gqlerror.Error
	if errors.As(err, &g) {
		d.Message = fmt.Sprintf("[%s] Syntax error: %s.", s.Name, strings.TrimSuffix(g.Message, "."))
		for _, l := range g.Locations {
			d.Locations = append(d.Locations, Location{Subgraph: s.Name, Line: l.Line, Column: l.Column})
		}
	}
	return d
}

// reader builds a subgraph and collects what is wrong with it.
type reader struct {
	s      *Subgraph
	newest Version
	query  *Type // the query root type
	// badLink is set if the link specification is linked wrongly.
	badLink bool
	// renames are the root types to rename.
	renames map[string]string
	errors  []Diagnostic
	// fatal errors make the document no schema: they hide all others. late ones are
	// only reported if there are no others.
	fatal, late []Diagnostic
	// rootErrors are reported with the rules of federation: errors of GraphQL hide
	// them.
	rootErrors []Diagnostic
}

// report adds an error about this subgraph.
func (r *reader) report(code Code, coordinate string, pos *ast.Position, format string, args ...any) {
	r.errors = append(r.errors, r.diagnostic(code, coordinate, pos, format, args...))
}

func (r *reader) diagnostic(code Code, coordinate string, pos *ast.Position, format string, args ...any) Diagnostic {
	return Diagnostic{
		Code:       code,
		Message:    "[" + r.s.Name + "] " + fmt.Sprintf(format, args...),
		Coordinate: coordinate,
		Locations:  r.s.At(pos),
	}
}

func (r *reader) read() {
	r.links()
	if len(r.errors) > 0 && !r.tolerant() {
		return
	}
	r.collect()
	r.checkLinkTypes()
	r.names()
	r.roots()
	r.dropMachinery()
	r.define()
	r.validate()
	for from, to := range r.renames {
		r.rename(from, to)
	}
	switch {
	case len(r.fatal) > 0:
		r.errors = r.fatal
	case len(r.errors) > 0:
	case r.s.Name == "_":
		r.report(InvalidSubgraphName, "", nil, "The name \"_\" is reserved; give the subgraph another name.")
	default:
		r.errors = r.late
	}
}

// tolerant reports whether checking goes on after errors in links: it does for
// unknown versions, and where the link specification itself is linked, in which
// case what could not be linked counts as absent.
func (r *reader) tolerant() bool {
	if r.linksItself() {
		return !r.badLink
	}
	for _, e := range r.errors {
		if e.Code != UnknownFederationLinkVersion && e.Code != UnknownLinkVersion {
			return false
		}
	}
	return true
}

// collect puts definitions and extensions of each type together.
func (r *reader) collect() {
	s := r.s
	s.Types = make(map[string]*Type)
	for _, d := range s.document.Definitions {
		if t := s.Types[d.Name]; t != nil && t.HasBase {
			r.broken(d.Name, d.Position, "There can be only one type named %q; remove one of the definitions or make it an extension.", d.Name)
			continue
		}
		r.add(d, false)
	}
	for _, d := range s.document.Extensions {
		if isBuiltinScalar(d.Name) && s.Types[d.Name] == nil {
			r.report(InvalidGraphQL, d.Name, d.Position, "Cannot extend %q, which is built in; remove the extension.", d.Name)
			continue
		}
		r.add(d, true)
	}
}

func (r *reader) add(d *ast.Definition, extension bool) {
	s := r.s
	t := s.Types[d.Name]
	if t == nil {
		t = &Type{
			Kind: d.Kind, Name: d.Name, Position: d.Position,
			byName: make(map[string]*Field), onExtend: make(map[*ast.Directive]bool), positions: make(map[string]*ast.Position),
		}
		s.Types[d.Name] = t
		s.Order = append(s.Order, d.Name)
	}
	if t.Kind != d.Kind {
		r.invalid(d.Name, d.Position, "Type %q is %s but extended as %s; use one kind.", d.Name, kindName(t.Kind), kindName(d.Kind))
		return
	}
	t.blocks = append(t.blocks, d)
	if extension {
		t.HasExtension = true
	} else {
		t.HasBase, t.Description = true, d.Description
	}
	t.Directives = append(t.Directives, d.Directives...)
	if extension {
		for _, x := range d.Directives {
			t.onExtend[x] = true
		}
	}
	r.addInterfaces(t, d)
	r.addMembers(t, d)
	r.addValues(t, d)
	r.addFields(t, d, extension)
}

func (r *reader) addInterfaces(t *Type, d *ast.Definition) {
	for _, i := range d.Interfaces {
		if !contains(t.Interfaces, i) {
			t.Interfaces = append(t.Interfaces, i)
		}
	}
}

func (r *reader) addMembers(t *Type, d *ast.Definition) {
	for i, m := range d.Types {
		if contains(t.Members, m) {
			r.report(InvalidGraphQL, t.Name, d.TypePositions[i], "Union %q can only include type %q once; remove one.", t.Name, m)
			continue
		}
		t.Members = append(t.Members, m)
		t.positions[m] = d.TypePositions[i]
	}
}

func (r *reader) addValues(t *Type, d *ast.Definition) {
	for _, v := range d.EnumValues {
		if other := t.Value(v.Name); other != nil { // defined again: one value
			other.Directives = append(other.Directives, v.Directives...)
			other.Description = cmp.Or(v.Description, other.Description)
			continue
		}
		t.Values = append(t.Values, v)
	}
}

func (r *reader) addFields(t *Type, d *ast.Definition, extension bool) {
	for _, f := range d.Fields {
		if t.byName[f.Name] != nil {
			r.broken(t.Name+"."+f.Name, f.Position, "Field %q can only be defined once; remove one of the definitions.", t.Name+"."+f.Name)
			continue
		}
		field := &Field{
			Parent: t, Name: f.Name, Description: f.Description, Type: f.Type, Arguments: lastOfEach(f.Arguments),
			Default: f.DefaultValue, Directives: f.Directives, Position: f.Position, InExtension: extension, block: d,
		}
		t.Fields = append(t.Fields, field)
		t.byName[f.Name] = field
	}
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

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

// lastOfEach drops arguments that are defined again: the last definition counts.
func lastOfEach(list ast.ArgumentDefinitionList) ast.ArgumentDefinitionList {
	var out ast.ArgumentDefinitionList
	for _, a := range list {
		if i := slices.IndexFunc(out, func(o *ast.ArgumentDefinition) bool { return o.Name == a.Name }); i >= 0 {
			out[i] = a
			continue
		}
		out = append(out, a)
	}
	return out
}
