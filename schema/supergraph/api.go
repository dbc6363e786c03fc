package supergraph

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// API is the schema that clients see.
type API struct{ doc *ast.SchemaDocument }

// API derives the client's schema: without what is @inaccessible, without the machinery of joins and links and the directives of
// linked specifications. @deprecated, @specifiedBy and @oneOf stay where they are applied; as built-in directives they are not defined.
func (s *Schema) API() *API {
	a := &apiBuilder{schema: s, hidden: map[string]bool{}}
	for _, t := range s.Types {
		if len(t.Joins) == 0 || s.Inaccessible(t.Directives) {
			a.hidden[t.Name] = true
		}
	}
	doc := &ast.SchemaDocument{}
	root := &ast.SchemaDefinition{Description: s.Description}
	for _, o := range s.operationTypes() {
		if !a.hidden[o.Type] {
			root.OperationTypes = append(root.OperationTypes, o)
		}
	}
	doc.Schema = ast.SchemaDefinitionList{root}
	for _, d := range s.Directives {
		if kept := a.directiveDefinition(d); kept != nil {
			doc.Directives = append(doc.Directives, kept)
		}
	}
	for _, t := range s.Types {
		if !a.hidden[t.Name] {
			doc.Definitions = append(doc.Definitions, a.definition(t))
		}
	}
	return &API{doc: doc}
}

// Document returns the parsed form. It is shared: callers must not write to it.
func (a *API) Document() *ast.SchemaDocument { return a.doc }

// SDL prints the API schema as graphql-js does: the schema definition is left out where it only says what its absence says.
func (a *API) SDL() string {
	doc := *a.doc
	root := doc.Schema[0]
	if conventional(root) {
		doc.Schema = nil
	}
	return render(&doc, true)
}

func conventional(root *ast.SchemaDefinition) bool {
	if root.Description != "" {
		return false
	}
	for _, o := range root.OperationTypes {
		if name := string(o.Operation); o.Type != strings.ToUpper(name[:1])+name[1:] {
			return false
		}
	}
	return true
}

type apiBuilder struct {
	schema *Schema
	hidden map[string]bool
}

var builtinDirectives = []string{"include", "skip", "deprecated", "specifiedBy", "oneOf"}

func (a *apiBuilder) directiveDefinition(d *ast.DirectiveDefinition) *ast.DirectiveDefinition {
	if a.schema.machinery[d.Name] || slices.Contains(builtinDirectives, d.Name) {
		return nil
	}
	c := *d
	c.Locations = slices.DeleteFunc(slices.Clone(d.Locations), func(l ast.DirectiveLocation) bool { return !executable[l] })
	if len(c.Locations) == 0 {
		return nil
	}
	c.Locations = d.Locations
	c.Arguments = a.arguments(d.Arguments)
	return &c
}

var executable = map[ast.DirectiveLocation]bool{
	ast.LocationQuery: true, ast.LocationMutation: true, ast.LocationSubscription: true, ast.LocationField: true,
	ast.LocationFragmentDefinition: true, ast.LocationFragmentSpread: true, ast.LocationInlineFragment: true,
	ast.LocationVariableDefinition: true,
}

func (a *apiBuilder) definition(t *Type) *ast.Definition {
	d := &ast.Definition{Kind: t.Kind, Name: t.Name, Description: t.Description, Directives: keptOnType(t), Position: t.Position}
	d.Interfaces = a.visible(t.Interfaces)
	d.Types = a.visible(t.Members)
	for _, f := range t.Fields {
		if a.schema.Inaccessible(f.Directives) || a.hidden[f.Type.Name()] {
			continue
		}
		d.Fields = append(d.Fields, &ast.FieldDefinition{
			Name: f.Name, Description: f.Description, Type: f.Type, Arguments: a.arguments(f.Arguments), DefaultValue: f.Default,
			Directives: kept(f.Directives, "deprecated"), Position: f.Position,
		})
	}
	for _, v := range t.Values {
		if !a.schema.Inaccessible(v.Directives) {
			d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: v.Name, Description: v.Description, Directives: kept(v.Directives, "deprecated")})
		}
	}
	return d
}

func (a *apiBuilder) visible(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return a.hidden[n] })
}

func (a *apiBuilder) arguments(args ast.ArgumentDefinitionList) ast.ArgumentDefinitionList {
	var out ast.ArgumentDefinitionList
	for _, arg := range args {
		if a.schema.Inaccessible(arg.Directives) || a.hidden[arg.Type.Name()] {
			continue
		}
		c := *arg
		c.Directives = kept(arg.Directives, "deprecated")
		out = append(out, &c)
	}
	return out
}

// kept are the applied directives that the specification knows in this place, which are the ones that graphql-js prints.
func kept(ds ast.DirectiveList, names ...string) ast.DirectiveList {
	var out ast.DirectiveList
	for _, d := range ds {
		if !slices.Contains(names, d.Name) {
			continue
		}
		if d.Name == "deprecated" && text(d, "reason") == "No longer supported" {
			d = &ast.Directive{Name: d.Name}
		}
		out = append(out, d)
	}
	return out
}

func keptOnType(t *Type) ast.DirectiveList {
	switch t.Kind {
	case ast.Scalar:
		return kept(t.Directives, "specifiedBy")
	case ast.InputObject:
		return kept(t.Directives, "oneOf")
	}
	return nil
}
