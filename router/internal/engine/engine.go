package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/jensneuse/abstractlogger"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astparser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/asttransform"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/datasource/graphql_datasource"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/resolve"

	"github.com/starlinghq/starling/schema/supergraph"
)

// Config bounds planning. Zero values are the defaults.
type Config struct {
	// Concurrency is how many plannings run at once; 0 is GOMAXPROCS.
	Concurrency int
	// Queue is how many more may wait; 0 is 256.
	Queue int
}

// ErrOverloaded is returned when the planning queue is full.
var ErrOverloaded = errors.New("engine: too many operations wait to be planned")

// maxLabelSets bounds the configurations kept for sets of override labels.
const maxLabelSets = 16

// Engine plans operations on one supergraph. It is safe for concurrent use.
type Engine struct {
	schema     *supergraph.Schema
	definition *ast.Document
	upstream   []graphql_datasource.Configuration
	factory    plan.PlannerFactory[graphql_datasource.Configuration]
	fields     plan.FieldConfigurations
	weak       map[string]bool
	subgraphs  []string
	sources    map[string]uint16
	sensitive  map[string]bool
	variants   *variants
	empty      map[string][]string // interface objects without types
	keys       map[string]string   // those to go on with, by type

	running chan struct{}
	waiting chan struct{}

	mu   sync.Mutex
	sets map[string]*plan.Configuration // by joined active labels
}

// New derives the planner's configuration. It refuses what cannot be planned.
func New(ctx context.Context, schema *supergraph.Schema, cfg Config) (*Engine, error) {
	if err := refuse(schema); err != nil {
		return nil, err
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = runtime.GOMAXPROCS(0)
	}
	if cfg.Queue <= 0 {
		cfg.Queue = 256
	}
	e := &Engine{
		schema:  schema,
		weak:    make(map[string]bool),
		sources: make(map[string]uint16, len(schema.Subgraphs)),
		running: make(chan struct{}, cfg.Concurrency),
		waiting: make(chan struct{}, cfg.Concurrency+cfg.Queue),
		sets:    make(map[string]*plan.Configuration),
	}
	for i, g := range schema.Subgraphs {
		e.subgraphs = append(e.subgraphs, g.Name)
		e.sources[g.Name] = uint16(i)
	}
	for _, t := range schema.Types {
		for _, j := range t.Joins {
			if j.IsInterfaceObject {
				e.weak[t.Name] = true
			}
		}
	}
	var err error
	if e.variants, err = newVariants(schema); err != nil {
		return nil, fmt.Errorf("engine: @requires: %w", err)
	}
	e.sensitive = sensitiveNames(schema)
	for name := range e.variants.byName {
		e.sensitive[name] = true
	}
	e.empty = emptyInterfaces(schema)
	e.keys = e.keysBehind()
	e.fields = fieldConfigurations(schema)
	definition, err := parseDefinition(definitionSDL(schema, e.variants))
	if err != nil {
		return nil, fmt.Errorf("engine: planning schema: %w", err)
	}
	e.definition = definition
	if err := e.deriveUpstreams(ctx); err != nil {
		return nil, err
	}
	if _, err := e.configuration(nil); err != nil {
		return nil, err
	}
	return e, nil
}

// refuse names what a supergraph asks for and the planner cannot do.
func refuse(schema *supergraph.Schema) error {
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			for _, j := range f.Joins {
				if len(j.ContextArguments) > 0 {
					return fmt.Errorf("engine: %s.%s in subgraph %s takes an argument from a context (@context, @fromContext), which this router does not support; remove @fromContext from that argument", t.Name, f.Name, j.Graph.Name)
				}
			}
		}
	}
	return nil
}

// Subgraphs returns the names of the subgraphs in the order of their numbers.
func (e *Engine) Subgraphs() []string { return e.subgraphs }

// Sensitive reports whether a name is that of a field which keys, @requires or
// @provides mention: such a name must not be the alias of another field.
func (e *Engine) Sensitive(name string) bool { return e.sensitive[name] }

func (e *Engine) deriveUpstreams(ctx context.Context) error {
	factory, err := graphql_datasource.NewFactory(ctx, http.DefaultClient, noSubscriptions{})
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	e.factory = factory
	for _, g := range e.schema.Subgraphs {
		sdl := upstreamSDL(e.schema, g, e.variants)
		sc, err := graphql_datasource.NewSchemaConfiguration(sdl, &graphql_datasource.FederationConfiguration{Enabled: true, ServiceSDL: sdl})
		if err != nil {
			return fmt.Errorf("engine: schema of subgraph %s: %w", g.Name, err)
		}
		cfg, err := graphql_datasource.NewConfiguration(graphql_datasource.ConfigurationInput{
			Fetch:               &graphql_datasource.FetchConfiguration{URL: "http://subgraph", Method: http.MethodPost},
			Subscription:        &graphql_datasource.SubscriptionConfiguration{URL: "http://subgraph"},
			SchemaConfiguration: sc,
		})
		if err != nil {
			return fmt.Errorf("engine: configuration of subgraph %s: %w", g.Name, err)
		}
		e.upstream = append(e.upstream, cfg)
	}
	return nil
}

// configuration returns the planner's configuration for a set of active
// override labels, derived on first use.
func (e *Engine) configuration(labels []string) (*plan.Configuration, error) {
	labels = slices.Clone(labels)
	slices.Sort(labels)
	key := strings.Join(labels, "\x00")
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.sets[key]; c != nil {
		return c, nil
	}
	active := make(map[string]bool, len(labels))
	for _, l := range labels {
		active[l] = true
	}
	c := &plan.Configuration{
		Logger:                            abstractlogger.Noop{},
		DefaultFlushIntervalMillis:        500,
		Fields:                            e.fields,
		EnableMultiFetch:                  true,
		DisableIncludeFieldDependencies:   true,
		DisableCalculateFieldDependencies: true,
		DisableResolveFieldPositions:      true,
	}
	for i, g := range e.schema.Subgraphs {
		s := &source{schema: e.schema, graph: g, labels: active, variants: e.variants}
		ds, err := plan.NewDataSourceConfigurationWithName(g.Name, g.Name, e.factory, s.metadata(), e.upstream[i])
		if err != nil {
			return nil, fmt.Errorf("engine: subgraph %s: %w", g.Name, err)
		}
		c.DataSources = append(c.DataSources, ds)
	}
	if len(e.sets) >= maxLabelSets {
		for k := range e.sets {
			if k != "" {
				delete(e.sets, k)
				break
			}
		}
	}
	e.sets[key] = c
	return c, nil
}

func parseDefinition(sdl string) (*ast.Document, error) {
	doc, report := astparser.ParseGraphqlDocumentString(sdl)
	if report.HasErrors() {
		return nil, report
	}
	if err := asttransform.MergeDefinitionWithBaseSchema(&doc); err != nil {
		return nil, err
	}
	return &doc, nil
}

// fieldConfigurations has an entry for each field with arguments.
func fieldConfigurations(s *supergraph.Schema) plan.FieldConfigurations {
	var out plan.FieldConfigurations
	for _, t := range s.Types {
		if len(t.Joins) == 0 {
			continue
		}
		for _, f := range t.Fields {
			if len(f.Arguments) == 0 {
				continue
			}
			fc := plan.FieldConfiguration{TypeName: t.Name, FieldName: f.Name}
			for _, a := range f.Arguments {
				fc.Arguments = append(fc.Arguments, plan.ArgumentConfiguration{Name: a.Name, SourceType: plan.FieldArgumentSource})
			}
			out = append(out, fc)
		}
	}
	return out
}

// noSubscriptions stands where the planner wants a subscription client; plans
// made here are never resolved by the library.
type noSubscriptions struct{}

func (noSubscriptions) Subscribe(*resolve.Context, graphql_datasource.GraphQLSubscriptionOptions, resolve.SubscriptionUpdater) error {
	return errors.New("engine: subscriptions are not supported")
}
