package supergraph

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// joinVersions are the versions of the join specification that this package reads.
var joinVersions = []string{"v0.3", "v0.4", "v0.5"}

// Parse reads a supergraph SDL. name is used in positions only. The error is an *Error, or several joined.
func Parse(name, sdl string) (*Schema, error) {
	if !utf8.ValidString(sdl) {
		return nil, &Error{Source: name, Message: "the document is not valid UTF-8"}
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: name, Input: BlockStrings(sdl)})
	if err != nil {
		return nil, syntaxError(name, err)
	}
	r := &reader{graphs: map[string]*Subgraph{}}
	out := r.read(doc)
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	return New(out)
}

func syntaxError(name string, err error) error {
	var ge *gqlerror.Error
	if !errors.As(err, &ge) || len(ge.Locations) == 0 {
		return &Error{Source: name, Message: err.Error()}
	}
	return &Error{Source: name, Line: ge.Locations[0].Line, Column: ge.Locations[0].Column, Message: ge.Message}
}

// reader turns a parsed document into a Document and collects what is wrong on the way.
type reader struct {
	graphs map[string]*Subgraph
	errs   []error
}

func (r *reader) fail(p *ast.Position, format string, args ...any) {
	r.errs = append(r.errs, positioned(p, format, args...))
}

func (r *reader) read(doc *ast.SchemaDocument) Document {
	out := Document{Directives: doc.Directives}
	for _, def := range append(slices.Clone(doc.Schema), doc.SchemaExtension...) {
		r.schema(&out, def)
	}
	if !r.joinLinked(&out) {
		return out
	}
	if out.Query == "" && doc.Definitions.ForName("Query") != nil && len(doc.Schema) == 0 {
		out.Query = "Query"
	}
	for _, d := range doc.Extensions {
		r.fail(d.Position, "extend %s: a supergraph has no type extensions", d.Name)
	}
	enum := doc.Definitions.ForName(graphEnum)
	if enum == nil || enum.Kind != ast.Enum {
		r.fail(nil, "there is no enum %s: this is not a supergraph", graphEnum)
		return out
	}
	for _, v := range enum.EnumValues {
		r.subgraph(&out, v)
	}
	for _, d := range doc.Definitions {
		if d != enum {
			out.Types = append(out.Types, r.typ(d))
		}
	}
	return out
}

// joinLinked checks the version of the join specification before anything else is read by its rules.
func (r *reader) joinLinked(out *Document) bool {
	if d := out.SchemaDirectives.ForName("core"); d != nil {
		r.fail(d.Position, "this is a supergraph of federation 1 (@core); compose it again with federation 2")
		return false
	}
	for _, l := range out.Links {
		if !l.own("join") {
			continue
		}
		_, version := l.Feature()
		if !slices.Contains(joinVersions, version) {
			r.fail(nil, "join specification %s is not supported; supported are %s", version, strings.Join(joinVersions, ", "))
			return false
		}
		if l.As != "" && l.As != "join" {
			r.fail(nil, "the join specification is linked as %q; only its own name is supported", l.As)
			return false
		}
		return true
	}
	r.fail(nil, "the schema has no @link to the join specification: this is not a supergraph")
	return false
}

func (r *reader) schema(out *Document, def *ast.SchemaDefinition) {
	if def.Description != "" {
		out.Description = def.Description
	}
	for _, o := range def.OperationTypes {
		switch o.Operation {
		case ast.Query:
			out.Query = o.Type
		case ast.Mutation:
			out.Mutation = o.Type
		case ast.Subscription:
			out.Subscription = o.Type
		}
	}
	for _, d := range def.Directives {
		if d.Name != "link" {
			out.SchemaDirectives = append(out.SchemaDirectives, d)
			continue
		}
		l := &Link{URL: text(d, "url"), As: text(d, "as"), For: text(d, "for")}
		if a := d.Arguments.ForName("import"); a != nil && a.Value.Kind == ast.ListValue {
			for _, c := range a.Value.Children {
				l.Imports = append(l.Imports, r.imported(d, c.Value))
			}
		}
		out.Links = append(out.Links, l)
	}
}

func (r *reader) imported(d *ast.Directive, v *ast.Value) Import {
	if v.Kind == ast.StringValue || v.Kind == ast.BlockValue {
		return Import{Name: v.Raw}
	}
	var i Import
	for _, c := range v.Children {
		switch c.Name {
		case "name":
			i.Name = c.Value.Raw
		case "as":
			i.As = c.Value.Raw
		}
	}
	if i.Name == "" {
		r.fail(d.Position, "@link to %q imports something without a name", text(d, "url"))
	}
	if i.As == i.Name {
		i.As = ""
	}
	return i
}

func (r *reader) subgraph(out *Document, v *ast.EnumValueDefinition) {
	d := v.Directives.ForName("join__graph")
	if d == nil {
		r.fail(v.Position, "%s.%s has no @join__graph", graphEnum, v.Name)
		return
	}
	g := &Subgraph{Value: v.Name, Name: text(d, "name"), URL: text(d, "url")}
	out.Subgraphs = append(out.Subgraphs, g)
	r.graphs[v.Name] = g
}

// graph resolves the graph argument of a join directive.
func (r *reader) graph(d *ast.Directive, on string) *Subgraph {
	a := d.Arguments.ForName("graph")
	if a == nil {
		r.fail(d.Position, "@%s on %s names no graph", d.Name, on)
		return nil
	}
	g := r.graphs[a.Value.Raw]
	if g == nil {
		r.fail(d.Position, "@%s on %s names the graph %s, which %s does not have", d.Name, on, a.Value.Raw, graphEnum)
	}
	return g
}

func (r *reader) typ(d *ast.Definition) *Type {
	t := &Type{Kind: d.Kind, Name: d.Name, Description: d.Description, Interfaces: d.Interfaces, Members: d.Types, Position: d.Position}
	for _, dir := range d.Directives {
		switch dir.Name {
		case "join__type":
			t.Joins = append(t.Joins, TypeJoin{
				Graph: r.graph(dir, d.Name), Key: r.fieldSet(dir, "key", d.Name), Extension: flag(dir, "extension", false),
				Unresolvable: !flag(dir, "resolvable", true), IsInterfaceObject: flag(dir, "isInterfaceObject", false),
			})
		case "join__implements":
			t.InterfaceJoins = append(t.InterfaceJoins, InterfaceJoin{Graph: r.graph(dir, d.Name), Interface: text(dir, "interface")})
		case "join__unionMember":
			t.MemberJoins = append(t.MemberJoins, MemberJoin{Graph: r.graph(dir, d.Name), Member: text(dir, "member")})
		default:
			t.Directives = append(t.Directives, dir)
		}
	}
	for _, f := range d.Fields {
		t.Fields = append(t.Fields, r.field(t, f))
	}
	for _, v := range d.EnumValues {
		t.Values = append(t.Values, r.value(t, v))
	}
	for _, j := range t.MemberJoins {
		if !slices.Contains(t.Members, j.Member) {
			r.fail(t.Position, "@join__unionMember on %s names %s, which is not a member", t.Name, j.Member)
		}
	}
	return t
}

func (r *reader) value(t *Type, d *ast.EnumValueDefinition) *EnumValue {
	v := &EnumValue{Name: d.Name, Description: d.Description}
	for _, dir := range d.Directives {
		if dir.Name == "join__enumValue" {
			v.Graphs = append(v.Graphs, r.graph(dir, t.Name+"."+d.Name))
			continue
		}
		v.Directives = append(v.Directives, dir)
	}
	return v
}

func (r *reader) field(t *Type, d *ast.FieldDefinition) *Field {
	f := &Field{
		Name: d.Name, Description: d.Description, Type: d.Type, Arguments: d.Arguments, Default: d.DefaultValue, Position: d.Position,
	}
	for _, dir := range d.Directives {
		if dir.Name != "join__field" {
			f.Directives = append(f.Directives, dir)
			continue
		}
		f.Joins = append(f.Joins, r.join(dir, t.Name+"."+f.Name))
	}
	return f
}

func (r *reader) join(d *ast.Directive, on string) Join {
	j := Join{
		Requires: r.fieldSet(d, "requires", on), Provides: r.fieldSet(d, "provides", on), Type: r.typeRef(d, text(d, "type"), on),
		External: flag(d, "external", false), Override: text(d, "override"), UsedOverridden: flag(d, "usedOverridden", false),
		OverrideLabel: text(d, "overrideLabel"),
	}
	if a := d.Arguments.ForName("graph"); a != nil && a.Value.Kind != ast.NullValue {
		j.Graph = r.graph(d, on)
	}
	if a := d.Arguments.ForName("contextArguments"); a != nil {
		for _, c := range a.Value.Children {
			j.ContextArguments = append(j.ContextArguments, r.contextArgument(d, c.Value, on))
		}
	}
	return j
}

func (r *reader) contextArgument(d *ast.Directive, v *ast.Value, on string) ContextArgument {
	get := func(name string) string {
		if c := v.Children.ForName(name); c != nil {
			return c.Raw
		}
		return ""
	}
	a := ContextArgument{Name: get("name"), Context: get("context"), Type: r.typeRef(d, get("type"), on)}
	var err error
	if a.Selection, err = ParseFieldSet(get("selection")); err != nil {
		r.fail(d.Position, "@%s on %s: %v", d.Name, on, err)
	}
	if a.Type == nil {
		r.fail(d.Position, "@%s on %s: the context argument %q has no type", d.Name, on, a.Name)
	}
	return a
}

func (r *reader) fieldSet(d *ast.Directive, arg, on string) *FieldSet {
	s := text(d, arg)
	if s == "" {
		return nil
	}
	fs, err := ParseFieldSet(s)
	if err != nil {
		r.fail(d.Position, "@%s(%s:) on %s: %v", d.Name, arg, on, err)
	}
	return fs
}

func (r *reader) typeRef(d *ast.Directive, s, on string) *ast.Type {
	if s == "" {
		return nil
	}
	t, err := ParseType(s)
	if err != nil {
		r.fail(d.Position, "@%s on %s: %v", d.Name, on, err)
	}
	return t
}

// ParseType parses a type reference such as "[ID!]!".
func ParseType(s string) (*ast.Type, error) {
	doc, err := parser.ParseSchema(&ast.Source{Input: "type T{f:" + s + "}"})
	if err != nil || len(doc.Definitions) != 1 || len(doc.Definitions[0].Fields) != 1 {
		return nil, fmt.Errorf("%q is not a type", s)
	}
	return doc.Definitions[0].Fields[0].Type, nil
}

// text returns the text of a string or enum argument, empty if it is absent or null.
func text(d *ast.Directive, name string) string {
	a := d.Arguments.ForName(name)
	if a == nil || a.Value == nil || a.Value.Kind == ast.NullValue {
		return ""
	}
	return a.Value.Raw
}

func flag(d *ast.Directive, name string, absent bool) bool {
	s := text(d, name)
	if s == "" {
		return absent
	}
	return s == "true"
}
