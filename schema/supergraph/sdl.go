package supergraph

import (
	"github.com/vektah/gqlparser/v2/ast"
)

const graphEnum = "join__Graph"

// SDL prints the supergraph: the same bytes for the same model.
func (s *Schema) SDL() string { return Print(s.document()) }

// document renders the model with its join directives.
func (s *Schema) document() *ast.SchemaDocument {
	root := &ast.SchemaDefinition{Description: s.Description, OperationTypes: s.operationTypes()}
	for _, l := range s.Links {
		root.Directives = append(root.Directives, l.directive())
	}
	root.Directives = append(root.Directives, s.SchemaDirectives...)
	doc := &ast.SchemaDocument{Schema: ast.SchemaDefinitionList{root}, Directives: s.Directives}
	graphs := s.graphDefinition()
	for _, t := range s.Types {
		if graphs != nil && t.Name > graphEnum {
			doc.Definitions = append(doc.Definitions, graphs)
			graphs = nil
		}
		doc.Definitions = append(doc.Definitions, t.definition())
	}
	if graphs != nil {
		doc.Definitions = append(doc.Definitions, graphs)
	}
	return doc
}

func (s *Schema) operationTypes() ast.OperationTypeDefinitionList {
	var out ast.OperationTypeDefinitionList
	for _, o := range []struct {
		op   ast.Operation
		name string
	}{{ast.Query, s.Query}, {ast.Mutation, s.Mutation}, {ast.Subscription, s.Subscription}} {
		if o.name != "" {
			out = append(out, &ast.OperationTypeDefinition{Operation: o.op, Type: o.name})
		}
	}
	return out
}

func (s *Schema) graphDefinition() *ast.Definition {
	d := &ast.Definition{Kind: ast.Enum, Name: graphEnum}
	for _, g := range s.Subgraphs {
		d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: g.Value, Directives: ast.DirectiveList{{
			Name:      "join__graph",
			Arguments: ast.ArgumentList{argument("name", stringValue(g.Name)), argument("url", stringValue(g.URL))},
		}}})
	}
	return d
}

// definition renders a type with its join directives.
func (t *Type) definition() *ast.Definition {
	d := &ast.Definition{Kind: t.Kind, Name: t.Name, Description: t.Description, Interfaces: t.Interfaces, Types: t.Members}
	for _, j := range t.InterfaceJoins {
		d.Directives = append(d.Directives, &ast.Directive{Name: "join__implements", Arguments: ast.ArgumentList{
			graphArgument(j.Graph), argument("interface", stringValue(j.Interface)),
		}})
	}
	for _, j := range t.Joins {
		d.Directives = append(d.Directives, j.directive())
	}
	for _, j := range t.MemberJoins {
		d.Directives = append(d.Directives, &ast.Directive{Name: "join__unionMember", Arguments: ast.ArgumentList{
			graphArgument(j.Graph), argument("member", stringValue(j.Member)),
		}})
	}
	d.Directives = append(d.Directives, t.Directives...)
	for _, f := range t.Fields {
		d.Fields = append(d.Fields, f.definition(t))
	}
	for _, v := range t.Values {
		d.EnumValues = append(d.EnumValues, v.definition())
	}
	return d
}

func (j TypeJoin) directive() *ast.Directive {
	d := &ast.Directive{Name: "join__type", Arguments: ast.ArgumentList{graphArgument(j.Graph)}}
	if j.Key != nil {
		d.Arguments = append(d.Arguments, argument("key", stringValue(j.Key.Text)))
	}
	if j.Extension {
		d.Arguments = append(d.Arguments, argument("extension", boolValue(true)))
	}
	if j.Unresolvable {
		d.Arguments = append(d.Arguments, argument("resolvable", boolValue(false)))
	}
	if j.IsInterfaceObject {
		d.Arguments = append(d.Arguments, argument("isInterfaceObject", boolValue(true)))
	}
	return d
}

func (v *EnumValue) definition() *ast.EnumValueDefinition {
	d := &ast.EnumValueDefinition{Name: v.Name, Description: v.Description}
	for _, g := range v.Graphs {
		d.Directives = append(d.Directives, &ast.Directive{Name: "join__enumValue", Arguments: ast.ArgumentList{graphArgument(g)}})
	}
	d.Directives = append(d.Directives, v.Directives...)
	return d
}

func (f *Field) definition(t *Type) *ast.FieldDefinition {
	d := &ast.FieldDefinition{Name: f.Name, Description: f.Description, Type: f.Type, Arguments: f.Arguments, DefaultValue: f.Default}
	if !f.everywhere(t) {
		for _, j := range f.Joins {
			d.Directives = append(d.Directives, j.directive())
		}
	}
	d.Directives = append(d.Directives, f.Directives...)
	return d
}

// everywhere says whether the joins are what a field without @join__field means: every graph of the type, nothing special.
func (f *Field) everywhere(t *Type) bool {
	if len(f.Joins) != len(t.graphs) {
		return false
	}
	for _, g := range t.graphs {
		j := f.In(g)
		if j == nil || !j.plain() {
			return false
		}
	}
	return true
}

func (j *Join) plain() bool {
	return j.Graph != nil && j.Requires == nil && j.Provides == nil && j.Type == nil && !j.External && j.Override == "" &&
		!j.UsedOverridden && j.OverrideLabel == "" && len(j.ContextArguments) == 0
}

func (j *Join) directive() *ast.Directive {
	d := &ast.Directive{Name: "join__field"}
	add := func(name string, v *ast.Value) { d.Arguments = append(d.Arguments, argument(name, v)) }
	if j.Graph != nil {
		d.Arguments = append(d.Arguments, graphArgument(j.Graph))
	}
	if j.Requires != nil {
		add("requires", stringValue(j.Requires.Text))
	}
	if j.Provides != nil {
		add("provides", stringValue(j.Provides.Text))
	}
	if j.Type != nil {
		add("type", stringValue(j.Type.String()))
	}
	if j.External {
		add("external", boolValue(true))
	}
	if j.Override != "" {
		add("override", stringValue(j.Override))
	}
	if j.UsedOverridden {
		add("usedOverridden", boolValue(true))
	}
	if j.OverrideLabel != "" {
		add("overrideLabel", stringValue(j.OverrideLabel))
	}
	if len(j.ContextArguments) > 0 {
		list := &ast.Value{Kind: ast.ListValue}
		for _, a := range j.ContextArguments {
			list.Children = append(list.Children, &ast.ChildValue{Value: a.value()})
		}
		add("contextArguments", list)
	}
	return d
}

func (a ContextArgument) value() *ast.Value {
	return &ast.Value{Kind: ast.ObjectValue, Children: ast.ChildValueList{
		{Name: "context", Value: stringValue(a.Context)},
		{Name: "name", Value: stringValue(a.Name)},
		{Name: "type", Value: stringValue(a.Type.String())},
		{Name: "selection", Value: stringValue(a.Selection.Text)},
	}}
}

func argument(name string, v *ast.Value) *ast.Argument { return &ast.Argument{Name: name, Value: v} }

func graphArgument(g *Subgraph) *ast.Argument { return argument("graph", enumValue(g.Value)) }

func stringValue(s string) *ast.Value { return &ast.Value{Kind: ast.StringValue, Raw: s} }

func enumValue(s string) *ast.Value { return &ast.Value{Kind: ast.EnumValue, Raw: s} }

func boolValue(b bool) *ast.Value {
	if b {
		return &ast.Value{Kind: ast.BooleanValue, Raw: "true"}
	}
	return &ast.Value{Kind: ast.BooleanValue, Raw: "false"}
}
