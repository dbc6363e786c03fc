package engine

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// upstreamSDL prints the schema of one subgraph as far as the supergraph tells
// it. A subgraph without query fields gets an empty Query, which the entity
// fields are then added to.
func upstreamSDL(s *supergraph.Schema, g *supergraph.Subgraph, v *variants) string {
	doc := &ast.SchemaDocument{}
	var b strings.Builder
	if q := s.Type(s.Query); q == nil || !hasFields(q, g) {
		b.WriteString("type Query\n")
	}
	for _, t := range s.Types {
		if t.In(g) {
			if d := upstreamType(t, g, v); d != nil {
				doc.Definitions = append(doc.Definitions, d)
			}
		}
	}
	b.WriteString(supergraph.Print(doc))
	return b.String()
}

func hasFields(t *supergraph.Type, g *supergraph.Subgraph) bool {
	for _, f := range t.Fields {
		if f.In(g) != nil {
			return true
		}
	}
	return false
}

func upstreamType(t *supergraph.Type, g *supergraph.Subgraph, v *variants) *ast.Definition {
	d := &ast.Definition{Kind: t.Kind, Name: t.Name}
	if t.InterfaceObjectIn(g) {
		d.Kind = ast.Object
	}
	for _, v := range t.Values {
		for _, in := range v.Graphs {
			if in == g {
				d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: v.Name})
			}
		}
	}
	for _, m := range t.MemberJoins {
		if m.Graph == g {
			d.Types = append(d.Types, m.Member)
		}
	}
	for _, i := range t.InterfaceJoins {
		if i.Graph == g && d.Kind == t.Kind {
			d.Interfaces = append(d.Interfaces, i.Interface)
		}
	}
	for _, f := range t.Fields {
		if j := f.In(g); j != nil {
			d.Fields = append(d.Fields, upstreamField(f, j))
			d.Fields = append(d.Fields, v.definitions(t, f, f.TypeIn(j))...)
		}
	}
	switch t.Kind {
	case ast.Object, ast.Interface:
		if len(d.Fields) == 0 {
			return nil
		}
		for _, j := range t.JoinsIn(g) {
			if j.Key != nil {
				d.Directives = append(d.Directives, keyDirective(j.Key.String()))
			}
		}
	case ast.Union:
		if len(d.Types) == 0 {
			return nil
		}
	}
	return d
}

func upstreamField(f *supergraph.Field, j *supergraph.Join) *ast.FieldDefinition {
	out := &ast.FieldDefinition{Name: f.Name, Type: f.TypeIn(j), DefaultValue: f.Default}
	for _, a := range f.Arguments {
		out.Arguments = append(out.Arguments, &ast.ArgumentDefinition{Name: a.Name, Type: a.Type, DefaultValue: a.DefaultValue})
	}
	return out
}

// definitionSDL prints the schema that plans are made against: everything,
// what is @inaccessible too, because keys and required fields may be.
// Further root fields of queries are added to it.
func definitionSDL(s *supergraph.Schema, v *variants, further ...*ast.FieldDefinition) string {
	doc := &ast.SchemaDocument{}
	root := &ast.SchemaDefinition{}
	for _, r := range []struct {
		op   ast.Operation
		name string
	}{{ast.Query, s.Query}, {ast.Mutation, s.Mutation}, {ast.Subscription, s.Subscription}} {
		if r.name != "" {
			root.OperationTypes = append(root.OperationTypes, &ast.OperationTypeDefinition{Operation: r.op, Type: r.name})
		}
	}
	doc.Schema = ast.SchemaDefinitionList{root}
	for _, t := range s.Types {
		if len(t.Joins) == 0 {
			continue
		}
		d := definitionType(t, v)
		if t.Name == s.Query {
			d.Fields = append(d.Fields, further...)
		}
		doc.Definitions = append(doc.Definitions, d)
	}
	return supergraph.Print(doc)
}

func definitionType(t *supergraph.Type, v *variants) *ast.Definition {
	d := &ast.Definition{Kind: t.Kind, Name: t.Name, Interfaces: t.Interfaces, Types: t.Members}
	for _, v := range t.Values {
		d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: v.Name})
	}
	for _, f := range t.Fields {
		out := &ast.FieldDefinition{Name: f.Name, Type: f.Type, DefaultValue: f.Default}
		for _, a := range f.Arguments {
			out.Arguments = append(out.Arguments, &ast.ArgumentDefinition{Name: a.Name, Type: a.Type, DefaultValue: a.DefaultValue})
		}
		d.Fields = append(d.Fields, out)
		d.Fields = append(d.Fields, v.definitions(t, f, f.Type)...)
	}
	return d
}
