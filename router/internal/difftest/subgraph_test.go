package difftest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/starlinghq/starling/schema/supergraph"
)

// simulated is a subgraph that answers from a world what it owns.
type simulated struct {
	world  *world
	graph  *supergraph.Subgraph
	schema *ast.Schema
	// renamed are the root types that the subgraph calls something else than the
	// supergraph does.
	renamed map[string]string
	// external are the fields that the SDL marks so.
	external map[string]bool
	// federation1 is set where the SDL is one of federation 1.
	federation1 bool
	// labels are the override labels that are active in the operation under way.
	labels *labelState
	trace  *trace

	mu     sync.Mutex
	faults []string
	calls  int
	// spoiler, when set, is how the subgraph fails.
	spoiler *spoiler
	log     *mutationLog
}

// mutationLog is what was executed, in order, over all subgraphs.
type mutationLog struct {
	mu   sync.Mutex
	list []string
}

func (l *mutationLog) add(entry string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, entry)
}

// load makes the schema of a subgraph from its own SDL, without federation's
// directives and with the fields that federation adds.
func loadSubgraph(w *world, g *supergraph.Subgraph, sdl string) (*simulated, error) {
	doc, err := parser.ParseSchema(&ast.Source{Name: g.Name, Input: sdl})
	if err != nil {
		return nil, err
	}
	out := &ast.SchemaDocument{}
	byName := make(map[string]*ast.Definition)
	for _, d := range append(append(ast.DefinitionList{}, doc.Definitions...), doc.Extensions...) {
		if machinery[d.Name] {
			continue // what federation adds, written out
		}
		have := byName[d.Name]
		if have == nil {
			c := *d
			c.Directives = nil
			byName[d.Name] = &c
			out.Definitions = append(out.Definitions, &c)
			continue
		}
		have.Fields = append(have.Fields, d.Fields...)
		have.EnumValues = append(have.EnumValues, d.EnumValues...)
		have.Types = append(have.Types, d.Types...)
		have.Interfaces = append(have.Interfaces, d.Interfaces...)
	}
	external := make(map[string]bool)
	for _, d := range append(append(ast.DefinitionList{}, doc.Definitions...), doc.Extensions...) {
		for _, f := range d.Fields {
			if f.Directives.ForName("external") != nil {
				external[d.Name+"."+f.Name] = true
			}
		}
	}
	for _, d := range out.Definitions {
		d.Fields = slices.DeleteFunc(d.Fields, func(f *ast.FieldDefinition) bool { return f.Name == "_entities" || f.Name == "_service" })
		for _, f := range d.Fields {
			f.Directives = nil
			for _, a := range f.Arguments {
				a.Directives = nil
			}
		}
		for _, v := range d.EnumValues {
			v.Directives = nil
		}
	}
	roots := rootTypes(doc)
	addEntities(out, byName, w, g, roots[ast.Query])
	root := &ast.SchemaDefinition{}
	renamed := make(map[string]string)
	for _, op := range []ast.Operation{ast.Query, ast.Mutation, ast.Subscription} {
		if d := byName[roots[op]]; d != nil || op == ast.Query {
			root.OperationTypes = append(root.OperationTypes, &ast.OperationTypeDefinition{Operation: op, Type: roots[op]})
			renamed[roots[op]] = rootOf(w.schema, op)
		}
	}
	out.Schema = ast.SchemaDefinitionList{root}
	prelude, err := parser.ParseSchema(validator.Prelude)
	if err != nil {
		return nil, err
	}
	prelude.Merge(out)
	schema, err := validator.ValidateSchemaDocument(prelude)
	if err != nil {
		return nil, err
	}
	return &simulated{
		world: w, graph: g, schema: schema, renamed: renamed, external: external, labels: &labelState{}, trace: &trace{},
		federation1: !strings.Contains(sdl, "specs.apollo.dev/federation/"),
	}, nil
}

// machinery are the types that federation adds; some SDLs write them out.
var machinery = map[string]bool{"_Any": true, "_Entity": true, "_Service": true}

// rootTypes are the names of a subgraph's root types in its own words.
func rootTypes(doc *ast.SchemaDocument) map[ast.Operation]string {
	out := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}
	for _, def := range append(append(ast.SchemaDefinitionList{}, doc.Schema...), doc.SchemaExtension...) {
		for _, o := range def.OperationTypes {
			out[o.Operation] = o.Type
		}
	}
	return out
}

func rootOf(s *supergraph.Schema, op ast.Operation) string {
	return map[ast.Operation]string{ast.Query: s.Query, ast.Mutation: s.Mutation, ast.Subscription: s.Subscription}[op]
}

// typeNamed is the type of the world that a name of the subgraph's means.
func (s *simulated) typeNamed(name string) *supergraph.Type {
	if n := s.renamed[name]; n != "" {
		name = n
	}
	return s.world.schema.Type(name)
}

func addEntities(out *ast.SchemaDocument, byName map[string]*ast.Definition, w *world, g *supergraph.Subgraph, root string) {
	var entities []string
	for _, t := range w.schema.Types {
		d := byName[t.Name]
		if d == nil || d.Kind != ast.Object {
			continue
		}
		if slices.ContainsFunc(t.JoinsIn(g), func(j supergraph.TypeJoin) bool { return j.Key != nil && !j.Unresolvable }) {
			entities = append(entities, t.Name)
		}
	}
	query := byName[root]
	if query == nil {
		query = &ast.Definition{Kind: ast.Object, Name: root}
		out.Definitions = append(out.Definitions, query)
	}
	out.Definitions = append(out.Definitions, &ast.Definition{Kind: ast.Scalar, Name: "_Any"})
	query.Fields = append(query.Fields, &ast.FieldDefinition{Name: "_sdl", Type: ast.NamedType("String", nil)})
	if len(entities) == 0 {
		return
	}
	out.Definitions = append(out.Definitions, &ast.Definition{Kind: ast.Union, Name: "_Entity", Types: entities})
	query.Fields = append(query.Fields, &ast.FieldDefinition{
		Name: "_entities", Type: ast.NonNullListType(ast.NamedType("_Entity", nil), nil),
		Arguments: ast.ArgumentDefinitionList{{Name: "representations", Type: ast.NonNullListType(ast.NonNullNamedType("_Any", nil), nil)}},
	})
}

func (s *simulated) fault(format string, args ...any) error {
	text := s.graph.Name + ": " + fmt.Sprintf(format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, text)
	return fmt.Errorf("%s", text)
}

func (s *simulated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Query     string          `json:"query"`
		Variables json.RawMessage `json:"variables"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		_ = s.fault("the request is not JSON: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	n := s.trace.begin()
	out, err := s.run(in.Query, in.Variables)
	s.trace.end(n)
	if err != nil {
		out, _ = json.Marshal(map[string]any{"errors": []any{map[string]any{"message": err.Error()}}})
	}
	_, _ = w.Write(out)
}

func (s *simulated) run(query string, raw json.RawMessage) ([]byte, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return nil, s.fault("%v: %s", err, query)
	}
	r := rules.NewDefaultRules()
	r.RemoveRule("OverlappingFieldsCanBeMerged") // quadratic, and the router's own text
	if errs := validator.ValidateWithRules(s.schema, doc, r); len(errs) > 0 {
		return nil, s.fault("%v: %s", gqlerror.List(errs), query)
	}
	a := &answering{s: s, fragments: doc.Fragments}
	if err := a.read(doc.Operations[0], raw); err != nil {
		return nil, s.fault("%v: %s %s", err, query, raw)
	}
	return a.answer(doc.Operations[0])
}

// find finds the object of a representation, which must hold one complete
// resolvable key.
func (s *simulated) find(rep map[string]any) (*object, error) {
	name := ""
	if raw, ok := rep["__typename"].(json.RawMessage); ok {
		_ = json.Unmarshal(raw, &name)
	}
	t := s.world.schema.Type(name)
	if t == nil || !t.In(s.graph) {
		return nil, s.fault("a representation of the type %q: %s", name, canonical(rep))
	}
	candidates := s.world.schema.Possible(t)
	complete := false
	for _, j := range t.JoinsIn(s.graph) {
		if j.Key == nil || j.Unresolvable || !holds(rep, j.Key.Selections) {
			continue
		}
		complete = true
		want := canonical(project(rep, j.Key.Selections))
		for _, c := range candidates {
			for n := range s.world.size.instances {
				o := object{typ: c, n: n}
				if have, err := s.world.selectJSON(o, j.Key.Selections); err == nil && have == want {
					s.joined(t, &o, &j, want)
					return &o, nil
				}
			}
		}
	}
	if !complete {
		return nil, s.fault("a representation without a complete key: %s", canonical(rep))
	}
	return nil, s.fault("a representation of nothing: %s", canonical(rep))
}

// holds reports whether a representation has every field of a selection.
func holds(v any, sels ast.SelectionSet) bool {
	switch x := v.(type) {
	case map[string]any:
		for _, s := range sels {
			if f, ok := s.(*ast.Field); ok && f.Name != "__typename" {
				child, ok := x[f.Name]
				if !ok || len(f.SelectionSet) > 0 && child != nil && !holds(child, f.SelectionSet) {
					return false
				}
			}
		}
		return true
	case []any:
		return !slices.ContainsFunc(x, func(item any) bool { return item != nil && !holds(item, sels) })
	default:
		return false
	}
}

// project takes what a selection says out of a representation.
func project(v any, sels ast.SelectionSet) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any)
		for _, s := range sels {
			switch f := s.(type) {
			case *ast.Field:
				if f.Name == "__typename" {
					continue
				}
				if len(f.SelectionSet) > 0 {
					out[f.Name] = project(x[f.Name], f.SelectionSet)
				} else {
					out[f.Name] = x[f.Name]
				}
			case *ast.InlineFragment:
				// Only the members that are there: the type decides.
				if inner, ok := project(x, f.SelectionSet).(map[string]any); ok {
					for k, v := range inner {
						if _, there := x[k]; there {
							out[k] = v
						}
					}
				}
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = project(x[i], sels)
		}
		return out
	default:
		return v
	}
}

// field gives the value of a field that the subgraph owns.
func (s *simulated) field(a *answering, n *node, f *ast.Field) (any, place, error) {
	var below place
	at := n.at
	declared := s.typeNamed(f.ObjectDefinition.Name)
	t := at.obj.typ
	def := t.Field(f.Name)
	if def == nil {
		def = declared.Field(f.Name)
	}
	own := declared.Field(f.Name)
	if def == nil || own == nil {
		return nil, below, s.fault("%s has no field %s", t.Name, f.Name)
	}
	j := own.In(s.graph)
	if j == nil {
		if j = def.In(s.graph); j == nil {
			return nil, below, s.fault("%s.%s is not here", t.Name, f.Name)
		}
	}
	provided, isProvided := within(at.provided, t, f.Name)
	switch {
	case (j.External || j.UsedOverridden) && !isProvided && !s.extendedKey(declared, f.Name):
		return nil, below, s.fault("%s.%s is not owned here", t.Name, f.Name)
	case j.OverrideLabel != "" && s.labels.active(j.OverrideLabel) != (j.Override != "") && !isProvided:
		return nil, below, s.fault("%s.%s is not owned here while the label %s is what it is", t.Name, f.Name, j.OverrideLabel)
	}
	if s.world.isBroken(*at.obj, def) {
		return nil, below, errField
	}
	args, err := a.arguments(n.on.Fields.ForName(f.Name), f, def)
	if err != nil {
		return nil, below, s.fault("%s.%s: %v", t.Name, f.Name, err)
	}
	if t.Name == s.world.schema.Mutation {
		s.log.add(f.Name + "(" + args + ")")
	}
	s.gave(declared, own, j, at)
	if isProvided && (j.External || j.UsedOverridden) {
		s.provided(at)
	}
	extra, err := s.required(at, def, own, j)
	if err != nil {
		return nil, below, err
	}
	v, err := s.world.value(*at.obj, def, args, extra)
	if err != nil {
		return nil, below, err
	}
	below.provided, below.providedBy, below.depth = provided, at.providedBy, at.depth+1
	if j.Provides != nil {
		below.provided = append(slices.Clone(below.provided), j.Provides.Selections...)
		below.providedBy, below.depth = s.world.schema.Type(own.TypeIn(j).Name()), 0
	}
	return v, below, nil
}

// required is what the value of a @requires field depends on: here, what the
// representation says.
func (s *simulated) required(at place, def, own *supergraph.Field, j *supergraph.Join) (string, error) {
	if j.Requires == nil {
		return s.world.required(*at.obj, def)
	}
	if at.representation == nil && provides(at.provided, j.Requires.Selections) {
		return s.world.selectJSON(*at.obj, j.Requires.Selections)
	}
	if at.representation == nil {
		return "", s.fault("%s.%s requires %s and there is no representation", at.obj.typ.Name, def.Name, j.Requires)
	}
	if !holds(at.representation, j.Requires.Selections) {
		return "", s.fault("%s.%s requires %s, and the representation is %s", at.obj.typ.Name, def.Name, j.Requires, canonical(at.representation))
	}
	return canonical(project(at.representation, j.Requires.Selections)), nil
}

// provides reports whether all of a selection is given on the way.
func provides(given, sels ast.SelectionSet) bool {
	for _, s := range sels {
		f, ok := s.(*ast.Field)
		if !ok || !slices.ContainsFunc(given, func(g ast.Selection) bool {
			x, ok := g.(*ast.Field)
			return ok && x.Name == f.Name && (len(f.SelectionSet) == 0 || provides(x.SelectionSet, f.SelectionSet))
		}) {
			return false
		}
	}
	return true
}

// extendedKey reports whether a field is a key of a type that the subgraph
// extends: such fields are external in name only.
func (s *simulated) extendedKey(t *supergraph.Type, field string) bool {
	return slices.ContainsFunc(t.JoinsIn(s.graph), func(j supergraph.TypeJoin) bool {
		return j.Key != nil && (j.Extension || s.federation1) && mentions(j.Key.Selections, field)
	})
}

// within follows a field through what is provided.
func within(sels ast.SelectionSet, t *supergraph.Type, name string) (ast.SelectionSet, bool) {
	var below ast.SelectionSet
	found := false
	for _, s := range sels {
		switch x := s.(type) {
		case *ast.Field:
			if x.Name == name {
				found = true
				below = append(below, x.SelectionSet...)
			}
		case *ast.InlineFragment:
			if x.TypeCondition == "" || x.TypeCondition == t.Name || slices.Contains(t.Interfaces, x.TypeCondition) {
				b, ok := within(x.SelectionSet, t, name)
				found = found || ok
				below = append(below, b...)
			}
		}
	}
	return below, found
}
