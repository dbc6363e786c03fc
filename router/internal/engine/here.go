package engine

import (
	"fmt"
	"net/http"
	"slices"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/datasource/graphql_datasource"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"

	"github.com/starlinghq/starling/schema/supergraph"
)

// atSource is the name of the data source that has what is there already. Its
// fetches become copies.
const atSource = "-"

// from adds to a configuration the data source of what is there already, and
// its root field to the definition.
func (e *Engine) from(cfg *plan.Configuration, at *At) (*plan.Configuration, *ast.Document, error) {
	root := &gql.FieldDefinition{Name: at.Field, Type: gql.NamedType(at.Type, nil)}
	h := &here{
		engine: e, places: make(map[string][]place),
		doc: &gql.SchemaDocument{Definitions: gql.DefinitionList{{Kind: gql.Object, Name: "Query", Fields: gql.FieldList{root}}}},
		meta: &plan.DataSourceMetadata{
			Directives: plan.NewDirectiveConfigurations(nil), RootNodes: plan.TypeFields{{TypeName: "Query", FieldNames: []string{at.Field}}},
		},
	}
	if err := h.collect(at.Type, place{sels: at.there()}); err != nil {
		return nil, nil, err
	}
	if len(h.places[at.Type]) > 1 {
		return nil, nil, fmt.Errorf("a key of %s has objects of that type in it", at.Type)
	}
	for _, name := range h.order {
		h.add(name, at)
	}
	ds, err := h.source()
	if err != nil {
		return nil, nil, fmt.Errorf("what is there already: %w", err)
	}
	out := *cfg
	out.DataSources = append(append([]plan.DataSource(nil), cfg.DataSources...), ds)
	definition, err := e.defined(at)
	return &out, definition, err
}

// here is that data source in the making.
type here struct {
	engine *Engine
	doc    *gql.SchemaDocument
	meta   *plan.DataSourceMetadata
	places map[string][]place // by type
	order  []string
}

// place is where objects of a type are: what they have there, and in which field
// of which type.
type place struct {
	sels       gql.SelectionSet
	typ, field string
}

func (h *here) collect(name string, p place) error {
	t := h.engine.schema.Type(name)
	switch {
	case t == nil && len(p.sels) == 0: // a scalar of the specification
		return nil
	case t == nil, len(p.sels) > 0 && t.Kind != gql.Object:
		return fmt.Errorf("of objects of type %s it is not known what they are", name)
	}
	if h.places[name] == nil {
		h.order = append(h.order, name)
	}
	h.places[name] = append(h.places[name], p)
	for _, sel := range p.sels {
		x := sel.(*gql.Field)
		f := t.Field(x.Name)
		if f == nil {
			return fmt.Errorf("%s has no field %s to go on from", name, x.Name)
		}
		if err := h.collect(f.Type.Name(), place{x.SelectionSet, name, x.Name}); err != nil {
			return err
		}
	}
	return nil
}

// add adds a type. What its objects have in some places only is provided there.
func (h *here) add(name string, at *At) {
	t := h.engine.schema.Type(name)
	places := h.places[name]
	if t.Kind != gql.Object {
		h.doc.Definitions = append(h.doc.Definitions, definitionType(t, h.engine.variants))
		return
	}
	everywhere := places[0].sels
	var anywhere gql.SelectionSet
	for _, p := range places {
		anywhere = merged(anywhere, p.sels)
		everywhere = common(everywhere, p.sels)
	}
	d := &gql.Definition{Kind: t.Kind, Name: name}
	h.doc.Definitions = append(h.doc.Definitions, d)
	tf := plan.TypeField{TypeName: name}
	for _, sel := range anywhere {
		f := t.Field(sel.(*gql.Field).Name)
		d.Fields = append(d.Fields, &gql.FieldDefinition{Name: f.Name, Type: f.Type})
		if fieldNamed(everywhere, f.Name) != nil {
			tf.FieldNames = append(tf.FieldNames, f.Name)
		} else {
			tf.ExternalFieldNames = append(tf.ExternalFieldNames, f.Name)
		}
	}
	for _, p := range places {
		if len(tf.ExternalFieldNames) > 0 && p.typ != "" {
			h.meta.Provides = append(h.meta.Provides, plan.FederationFieldConfiguration{
				TypeName: p.typ, FieldName: p.field, SelectionSet: supergraph.FormatSelections(p.sels),
			})
		}
	}
	keys := h.engine.keysOf(name, everywhere)
	if name == at.Type {
		keys = union(at.keys(), keys)
	}
	for _, key := range keys {
		d.Directives = append(d.Directives, keyDirective(key))
		h.meta.Keys = append(h.meta.Keys, plan.FederationFieldConfiguration{TypeName: name, SelectionSet: key, DisableEntityResolver: true})
	}
	if len(keys) > 0 {
		h.meta.RootNodes = append(h.meta.RootNodes, tf)
	} else {
		h.meta.ChildNodes = append(h.meta.ChildNodes, tf)
	}
}

// common is what two selections both have.
func common(a, b gql.SelectionSet) gql.SelectionSet {
	var out gql.SelectionSet
	for _, sel := range a {
		f := sel.(*gql.Field)
		if other := fieldNamed(b, f.Name); other != nil {
			c := *f
			c.SelectionSet = common(f.SelectionSet, other.SelectionSet)
			out = append(out, &c)
		}
	}
	return out
}

// keysOf lists the keys of a type by which some subgraph can be asked and that
// a selection has.
func (e *Engine) keysOf(name string, sels gql.SelectionSet) []string {
	var out []string
	for _, j := range e.schema.Type(name).Joins {
		if j.Key != nil && !j.Unresolvable && !slices.Contains(out, j.Key.String()) && has(sels, j.Key.Selections) {
			out = append(out, j.Key.String())
		}
	}
	return out
}

// has reports whether a selection has all fields of another one.
func has(sels, wanted gql.SelectionSet) bool {
	for _, sel := range wanted {
		f, ok := sel.(*gql.Field)
		if !ok {
			return false
		}
		if have := fieldNamed(sels, f.Name); have == nil || !has(have.SelectionSet, f.SelectionSet) {
			return false
		}
	}
	return true
}

func (h *here) source() (plan.DataSource, error) {
	sdl := supergraph.Print(h.doc)
	sc, err := graphql_datasource.NewSchemaConfiguration(sdl, &graphql_datasource.FederationConfiguration{Enabled: true, ServiceSDL: sdl})
	if err != nil {
		return nil, err
	}
	custom, err := graphql_datasource.NewConfiguration(graphql_datasource.ConfigurationInput{
		Fetch: &graphql_datasource.FetchConfiguration{URL: "http://here", Method: http.MethodPost}, SchemaConfiguration: sc,
	})
	if err != nil {
		return nil, err
	}
	return plan.NewDataSourceConfigurationWithName(atSource, atSource, h.engine.factory, h.meta, custom)
}

func keyDirective(key string) *gql.Directive {
	return &gql.Directive{Name: "key", Arguments: gql.ArgumentList{{Name: "fields", Value: &gql.Value{Kind: gql.StringValue, Raw: key}}}}
}
