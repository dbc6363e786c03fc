package engine

import (
	"fmt"
	"net/http"
	"strings"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/datasource/graphql_datasource"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// At is where an operation goes on: its root field Field stands for the
// objects of a type, at a path of data keys, which have their __typename and
// the fields of a key already.
type At struct {
	Field, Type, Key string
	Path             []string
	gathered         []string // further keys that are there
}

// keys are those that are there.
func (at *At) keys() []string { return append([]string{at.Key}, at.gathered...) }

// fields are those of the keys that are there.
func (at *At) fields() []string {
	var out []string
	for _, key := range at.keys() {
		out = union(out, strings.Fields(key))
	}
	return out
}

// atSource is the name of the data source that has what is there already. Its
// fetches become copies.
const atSource = "-"

// Behind is the key with which to go on from the objects behind an interface
// object, or from entities: one of leaves, so that a step can ask for it in
// full, and the shortest of those.
func (e *Engine) Behind(typeName string) string {
	t := e.schema.Type(typeName)
	if t == nil || t.Kind != gql.Object && !e.weak[typeName] {
		return ""
	}
	best := ""
	for _, j := range t.Joins {
		if j.Key == nil || !leaves(j.Key.Selections) {
			continue
		}
		if key := j.Key.String(); best == "" || len(key) < len(best) {
			best = key
		}
	}
	return best
}

func leaves(sels gql.SelectionSet) bool {
	for _, sel := range sels {
		if f, ok := sel.(*gql.Field); !ok || len(f.SelectionSet) > 0 {
			return false
		}
	}
	return true
}

// from adds to a configuration the data source of what is there already, and
// its root field to the definition.
func (e *Engine) from(cfg *plan.Configuration, at *At) (*plan.Configuration, *ast.Document, error) {
	t := e.schema.Type(at.Type)
	if t == nil {
		return nil, nil, fmt.Errorf("no type %s to go on from", at.Type)
	}
	names := at.fields()
	doc := &gql.SchemaDocument{Definitions: gql.DefinitionList{
		{Kind: gql.Object, Name: "Query", Fields: gql.FieldList{{Name: at.Field, Type: gql.NamedType(at.Type, nil)}}},
		{Kind: gql.Object, Name: at.Type},
	}}
	for _, key := range at.keys() {
		doc.Definitions[1].Directives = append(doc.Definitions[1].Directives, keyDirective(key))
	}
	for _, n := range names {
		f := t.Field(n)
		if f == nil {
			return nil, nil, fmt.Errorf("%s has no field %s to go on from", at.Type, n)
		}
		doc.Definitions[1].Fields = append(doc.Definitions[1].Fields, &gql.FieldDefinition{Name: n, Type: f.Type})
	}
	e.leafTypes(doc)
	sdl := supergraph.Print(doc)
	sc, err := graphql_datasource.NewSchemaConfiguration(sdl, &graphql_datasource.FederationConfiguration{Enabled: true, ServiceSDL: sdl})
	if err != nil {
		return nil, nil, fmt.Errorf("what is there already: %w", err)
	}
	custom, err := graphql_datasource.NewConfiguration(graphql_datasource.ConfigurationInput{
		Fetch: &graphql_datasource.FetchConfiguration{URL: "http://here", Method: http.MethodPost}, SchemaConfiguration: sc,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("what is there already: %w", err)
	}
	meta := &plan.DataSourceMetadata{
		Directives: plan.NewDirectiveConfigurations(nil),
		RootNodes:  plan.TypeFields{{TypeName: "Query", FieldNames: []string{at.Field}}, {TypeName: at.Type, FieldNames: names}},
	}
	for _, key := range at.keys() {
		meta.Keys = append(meta.Keys, plan.FederationFieldConfiguration{TypeName: at.Type, SelectionSet: key, DisableEntityResolver: true})
	}
	ds, err := plan.NewDataSourceConfigurationWithName(atSource, atSource, e.factory, meta, custom)
	if err != nil {
		return nil, nil, fmt.Errorf("what is there already: %w", err)
	}
	out := *cfg
	out.DataSources = append(append([]plan.DataSource(nil), cfg.DataSources...), ds)
	definition, err := parseDefinition(definitionSDL(e.schema, e.variants, &gql.FieldDefinition{Name: at.Field, Type: gql.NamedType(at.Type, nil)}))
	if err != nil {
		return nil, nil, fmt.Errorf("what is there already: %w", err)
	}
	return &out, definition, nil
}

// leafTypes adds the scalars and enums that a document's fields have.
func (e *Engine) leafTypes(doc *gql.SchemaDocument) {
	seen := make(map[string]bool)
	for _, f := range doc.Definitions[1].Fields {
		if t := e.schema.Type(f.Type.Name()); t != nil && !seen[t.Name] {
			seen[t.Name] = true
			doc.Definitions = append(doc.Definitions, definitionType(t, e.variants))
		}
	}
}

func keyDirective(key string) *gql.Directive {
	return &gql.Directive{Name: "key", Arguments: gql.ArgumentList{{Name: "fields", Value: &gql.Value{Kind: gql.StringValue, Raw: key}}}}
}

// copies turns a fetch of what is there already into a copy of the members
// that it wants under other names.
func (at *At) copies(query string) *execute.Node {
	c := &execute.Copy{Type: at.Type}
	for _, key := range at.Path {
		c.Path = append(c.Path, execute.Step{Key: key})
	}
	for alias, name := range leafAliases(query) {
		if alias != name {
			c.Members = append(c.Members, execute.CopiedMember{From: name, To: alias})
		}
	}
	if len(c.Members) == 0 {
		return nil
	}
	return &execute.Node{Copy: c}
}
