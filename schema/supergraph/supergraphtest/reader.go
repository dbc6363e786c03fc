package supergraphtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// reader writes the lines of a document.
type reader struct {
	facts      *Facts
	directives map[string]*ast.DirectiveDefinition
	types      map[string]*ast.Definition
	// unordered are the directives of the policy and requiresScopes specifications, context those of @context.
	unordered, context map[string]bool
}

func newReader(doc *ast.SchemaDocument) *reader {
	r := &reader{
		facts: &Facts{}, directives: map[string]*ast.DirectiveDefinition{}, types: map[string]*ast.Definition{},
		unordered: map[string]bool{}, context: map[string]bool{},
	}
	for _, d := range doc.Directives {
		r.directives[d.Name] = d
	}
	for _, d := range doc.Definitions {
		r.types[d.Name] = d
	}
	for _, s := range doc.Schema {
		for _, link := range s.Directives.ForNames("link") {
			url := raw(link, "url")
			for feature, names := range map[string]map[string]bool{"requiresScopes": r.unordered, "policy": r.unordered, "context": r.context} {
				if strings.HasPrefix(url, "https://specs.apollo.dev/"+feature+"/") {
					names[nameOf(link, feature)] = true
				}
			}
		}
	}
	return r
}

// nameOf is the name that a link gives to its specification's main directive.
func nameOf(link *ast.Directive, feature string) string {
	if a := link.Arguments.ForName("import"); a != nil {
		for _, c := range a.Value.Children {
			name, as := c.Value.Children.ForName("name"), c.Value.Children.ForName("as")
			if name != nil && as != nil && name.Raw == "@"+feature {
				return strings.TrimPrefix(as.Raw, "@")
			}
		}
	}
	if as := raw(link, "as"); as != "" {
		return as
	}
	return feature
}

func (r *reader) all(format string, args ...any) {
	r.facts.All = append(r.facts.All, fmt.Sprintf(format, args...))
}

func (r *reader) planning(format string, args ...any) {
	r.facts.Planning = append(r.facts.Planning, fmt.Sprintf(format, args...))
}

func (r *reader) both(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	r.facts.All = append(r.facts.All, line)
	r.facts.Planning = append(r.facts.Planning, line)
}

func (r *reader) described(what, description string) {
	if description != "" {
		r.all("%s description %q", what, description)
	}
}

func (r *reader) applied(what string, ds ast.DirectiveList) {
	for _, d := range ds {
		r.all("%s %s", what, r.directive(d))
	}
}

func (r *reader) schema(s *ast.SchemaDefinition) {
	r.described("schema", s.Description)
	r.applied("schema", s.Directives)
	for _, o := range s.OperationTypes {
		r.both("root %s: %s", o.Operation, o.Type)
	}
}

func (r *reader) directiveDefinition(d *ast.DirectiveDefinition) {
	what := "directive definition @" + d.Name
	locations := make([]string, 0, len(d.Locations))
	for _, l := range d.Locations {
		locations = append(locations, string(l))
	}
	r.all("%s repeatable %t on %s", what, d.IsRepeatable, strings.Join(locations, " | "))
	r.described(what, d.Description)
	r.applied(what, d.Directives)
	r.arguments(what, d.Arguments, false)
}

func (r *reader) definition(d *ast.Definition) {
	joined := d.Directives.ForName("join__type") != nil
	state := r.all
	if joined {
		state = r.both
	}
	state("%s %s", d.Kind, d.Name)
	r.described(d.Name, d.Description)
	r.applied(d.Name, d.Directives)
	for _, i := range d.Interfaces {
		state("%s implements %s", d.Name, i)
	}
	for _, m := range d.Types {
		state("%s member %s", d.Name, m)
	}
	if joined {
		r.planningDirectives(d)
	}
	for _, f := range d.Fields {
		r.field(d, f, joined)
	}
	for _, v := range d.EnumValues {
		what := d.Name + "." + v.Name
		state("%s value", what)
		r.described(what, v.Description)
		r.applied(what, v.Directives)
		for _, dir := range v.Directives {
			switch {
			case dir.Name == "join__enumValue" && joined:
				r.planning("%s %s", what, r.directive(dir))
			case dir.Name == "join__graph":
				r.planning("%s name %s", what, raw(dir, "name"))
			}
		}
	}
}

func (r *reader) planningDirectives(d *ast.Definition) {
	for _, dir := range d.Directives {
		switch {
		case dir.Name == "join__type":
			c := *dir
			c.Arguments = slices.DeleteFunc(slices.Clone(dir.Arguments), func(a *ast.Argument) bool { return a.Name == "extension" })
			r.planning("%s %s", d.Name, r.directive(&c))
		case dir.Name == "join__implements" || dir.Name == "join__unionMember" || r.context[dir.Name]:
			r.planning("%s %s", d.Name, r.directive(dir))
		}
	}
}

func (r *reader) field(d *ast.Definition, f *ast.FieldDefinition, joined bool) {
	what := d.Name + "." + f.Name
	state := r.all
	if joined {
		state = r.both
	}
	state("%s: %s", what, f.Type)
	r.described(what, f.Description)
	if f.DefaultValue != nil {
		state("%s = %s", what, value(f.DefaultValue, true))
	}
	r.arguments(what, f.Arguments, joined)
	explicit := false
	for _, dir := range f.Directives {
		if dir.Name != "join__field" {
			r.all("%s %s", what, r.directive(dir))
			continue
		}
		explicit = true
		state("%s %s", what, r.directive(dir))
	}
	if explicit {
		return
	}
	seen := map[string]bool{}
	for _, dir := range d.Directives.ForNames("join__type") {
		if g := raw(dir, "graph"); !seen[g] {
			seen[g] = true
			state("%s %s", what, r.directive(&ast.Directive{Name: "join__field", Arguments: ast.ArgumentList{
				{Name: "graph", Value: &ast.Value{Kind: ast.EnumValue, Raw: g}},
			}}))
		}
	}
}

func (r *reader) arguments(what string, args ast.ArgumentDefinitionList, joined bool) {
	for _, a := range args {
		name := fmt.Sprintf("%s(%s:)", what, a.Name)
		state := r.all
		if joined {
			state = r.both
		}
		state("%s: %s", name, a.Type)
		if a.DefaultValue != nil {
			state("%s = %s", name, value(a.DefaultValue, true))
		}
		r.described(name, a.Description)
		r.applied(name, a.Directives)
	}
}

// raw is the text of an argument, empty where it is absent.
func raw(d *ast.Directive, name string) string {
	if a := d.Arguments.ForName(name); a != nil {
		return a.Value.Raw
	}
	return ""
}
