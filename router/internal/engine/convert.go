package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/resolve"

	"github.com/starlinghq/starling/router/internal/execute"
)

// converter turns the library's plan into ours.
type converter struct {
	engine *Engine
	op     Operation
	moved  map[string]string
	names  map[string]string
}

func (c *converter) plan(res *resolve.GraphQLResponse) (*execute.Plan, error) {
	c.names = c.op.Names
	c.moves(res.Data)
	root, err := c.node(res.Fetches)
	if err != nil {
		return nil, err
	}
	if err := c.checkKeys(root); err != nil {
		return nil, err
	}
	if err := c.checkAsked(root); err != nil {
		return nil, err
	}
	if res.Info != nil && res.Info.OperationType == ast.OperationTypeMutation && c.harmful(root) {
		return nil, errors.New("a mutation, which cannot be sent again, asks for a field before it is known of which types it is wanted")
	}
	return &execute.Plan{
		Root: root, Subgraphs: c.engine.subgraphs, Weak: c.engine.weak, Names: c.names, Moved: c.moved,
		Text: res.Fetches.QueryPlan().PrettyPrint(), Answers: c.engine.answered(root), Hasty: c.hasty(root),
	}, nil
}

// moves finds the fields that the planner asks for under a name of its own,
// because two types of one selection disagree about nullability.
func (c *converter) moves(n resolve.Node) {
	switch x := n.(type) {
	case *resolve.Array:
		c.moves(x.Item)
	case *resolve.Object:
		for _, f := range x.Fields {
			if path := f.Value.NodePath(); len(path) == 1 && path[0] != string(f.Name) {
				c.move(f, path[0])
			}
			c.moves(f.Value)
		}
	}
}

func (c *converter) move(f *resolve.Field, key string) {
	if c.moved == nil {
		c.moved = make(map[string]string)
		names := make(map[string]string, len(c.names)+1)
		for k, v := range c.names {
			names[k] = v
		}
		c.names = names
	}
	name := c.engine.plainKey(string(f.Name))
	client := name
	if n, ok := c.op.Names[name]; ok {
		client = n
	}
	c.names[key] = client
	for _, t := range f.OnTypeNames {
		c.moved[string(t)+"."+name] = key
	}
}

func (c *converter) node(n *resolve.FetchTreeNode) (*execute.Node, error) {
	if n == nil {
		return nil, nil
	}
	out := &execute.Node{}
	switch n.Kind {
	case resolve.FetchTreeNodeKindSingle:
		if info := n.Item.Fetch.FetchInfo(); c.op.At != nil && info != nil && info.DataSourceName == atSource {
			return c.copyNode(n.Item)
		}
		return c.fetchNode(n.Item)
	case resolve.FetchTreeNodeKindParallel:
		out.Parallel = true
	case resolve.FetchTreeNodeKindSequence:
	default:
		return nil, fmt.Errorf("a step of kind %q", n.Kind)
	}
	for _, child := range n.ChildNodes {
		conv, err := c.node(child)
		if err != nil {
			return nil, err
		}
		if conv != nil {
			out.Children = append(out.Children, conv)
		}
	}
	if len(out.Children) == 0 {
		return nil, nil
	}
	return out, nil
}

// fetchNode converts a fetch, which may have to be several.
func (c *converter) fetchNode(item *resolve.FetchItem) (*execute.Node, error) {
	f, err := c.fetch(item)
	if err != nil {
		return nil, err
	}
	parts, err := c.split(f)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		for i := range p.Entries {
			if c.engine.asksRequired(p.Subgraph, &p.Entries[i]) {
				p.Entries[i].Without = c.without(p, i)
			}
		}
	}
	if len(parts) == 1 {
		return &execute.Node{Fetch: parts[0]}, nil
	}
	out := &execute.Node{Parallel: true}
	for _, p := range parts {
		out.Children = append(out.Children, &execute.Node{Fetch: p})
	}
	return out, nil
}

// copyNode converts a fetch of what is there already.
func (c *converter) copyNode(item *resolve.FetchItem) (*execute.Node, error) {
	single, ok := item.Fetch.(*resolve.SingleFetch)
	if !ok || len(item.FetchPath) > 0 {
		return nil, errors.New("what is there already is asked for as an entity")
	}
	query, _, err := c.body(single.InputTemplate.Segments)
	if err != nil {
		return nil, err
	}
	return c.op.At.copies(query), nil
}

func (c *converter) fetch(item *resolve.FetchItem) (*execute.Fetch, error) {
	info := item.Fetch.FetchInfo()
	if info == nil {
		return nil, errors.New("a fetch without information")
	}
	deps := item.Fetch.Dependencies()
	out := &execute.Fetch{
		ID: deps.FetchID, DependsOn: deps.DependsOnFetchIDs,
		Subgraph: info.DataSourceName, Source: c.engine.sources[info.DataSourceName],
		Mutation: info.OperationType == ast.OperationTypeMutation,
	}
	switch f := item.Fetch.(type) {
	case *resolve.SingleFetch:
		return out, c.rootFetch(out, item, f)
	case *resolve.EntityFetch:
		segments := joinSegments(f.Input.Header.Segments, f.Input.Item.Segments, f.Input.Footer.Segments)
		return out, c.entityFetch(out, item.FetchPath, segments, f.PostProcessing)
	case *resolve.BatchEntityFetch:
		if len(f.Input.Items) != 1 {
			return nil, fmt.Errorf("a fetch with %d kinds of items", len(f.Input.Items))
		}
		segments := joinSegments(f.Input.Header.Segments, f.Input.Items[0].Segments, f.Input.Footer.Segments)
		return out, c.entityFetch(out, item.FetchPath, segments, f.PostProcessing)
	case *resolve.MultiEntityFetch:
		return out, c.multiFetch(out, f)
	default:
		return nil, fmt.Errorf("a fetch of type %T", item.Fetch)
	}
}

func joinSegments(parts ...[]resolve.TemplateSegment) []resolve.TemplateSegment {
	var out []resolve.TemplateSegment
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func (c *converter) rootFetch(out *execute.Fetch, item *resolve.FetchItem, f *resolve.SingleFetch) error {
	if len(item.FetchPath) > 0 || len(f.PostProcessing.MergePath) > 0 {
		return errors.New("a fetch of root fields that is not at the root")
	}
	if c.op.At != nil {
		return errors.New("root fields are asked for where the operation goes on")
	}
	query, vars, err := c.body(f.InputTemplate.Segments)
	if err != nil {
		return err
	}
	c.head(out, query)
	out.Fields = rootKeys(query)
	for _, v := range vars {
		variable, err := c.variable(v)
		if err != nil {
			return err
		}
		out.Variables = append(out.Variables, variable)
	}
	return nil
}

func (c *converter) entityFetch(out *execute.Fetch, path []resolve.FetchItemPathElement, segments []resolve.TemplateSegment, post resolve.PostProcessingConfiguration) error {
	if len(post.MergePath) > 0 {
		return errors.New("entities that merge below their object")
	}
	query, vars, err := c.body(segments)
	if err != nil {
		return err
	}
	c.head(out, query)
	entry := execute.Entry{Alias: "_entities", Path: c.steps(path), Asks: asks(query, "_entities")}
	for _, v := range vars {
		if v.object == nil {
			variable, err := c.variable(v)
			if err != nil {
				return err
			}
			entry.Variables = append(entry.Variables, variable)
			continue
		}
		entry.Key = v.name
		if entry.Representation, err = representation(v.object); err != nil {
			return err
		}
		c.engine.plainKeys(&entry.Representation)
		c.engine.variants.rename(&entry.Representation)
		c.engine.trim(&entry)
		c.engine.widen(out.Subgraph, &entry)
		c.engine.leaves(&entry.Representation, entry.Asks)
	}
	if entry.Key == "" {
		return errors.New("an entity fetch without representations")
	}
	out.Entries = []execute.Entry{entry}
	return c.engine.checkEntry(out.Subgraph, &out.Entries[0])
}

func (c *converter) multiFetch(out *execute.Fetch, f *resolve.MultiEntityFetch) error {
	query, vars, err := c.body(joinSegments(f.Input.Header.Segments, f.Input.Footer.Segments))
	if err != nil {
		return err
	}
	if len(vars) > 0 {
		return errors.New("a merged fetch with variables of its own")
	}
	c.head(out, query)
	for i := range f.Input.Entries {
		in := &f.Input.Entries[i]
		if len(in.PostProcessing.MergePath) > 0 {
			return errors.New("entities that merge below their object")
		}
		entry := execute.Entry{
			Alias: in.Alias, Path: c.steps(in.Item.FetchPath), Asks: asks(query, in.Alias),
			Key: memberName(in.RepresentationsPrefix), Include: memberName(bytes.TrimPrefix(in.IncludePrefix, []byte("]"))),
		}
		obj, err := representationObject(in.Representations.Segments)
		if err != nil {
			return err
		}
		if entry.Representation, err = representation(obj); err != nil {
			return err
		}
		c.engine.plainKeys(&entry.Representation)
		c.engine.variants.rename(&entry.Representation)
		c.engine.trim(&entry)
		c.engine.widen(out.Subgraph, &entry)
		c.engine.leaves(&entry.Representation, entry.Asks)
		for _, v := range in.Variables {
			text, err := c.text(v.Value.Segments)
			if err != nil {
				return err
			}
			variable, err := c.variable(bodyVariable{name: memberName(v.KeyPrefix), text: text.text, slot: text.slot})
			if err != nil {
				return err
			}
			entry.Variables = append(entry.Variables, variable)
		}
		if err := c.engine.checkEntry(out.Subgraph, &entry); err != nil {
			return err
		}
		out.Entries = append(out.Entries, entry)
	}
	return nil
}

// memberName takes the name out of `,"name":`.
func memberName(prefix []byte) string {
	_, rest, _ := strings.Cut(string(prefix), `"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

// head sets the query and the part of the body that never changes.
func (c *converter) head(out *execute.Fetch, query string) {
	out.Query = query
	text, _ := json.Marshal(query)
	out.Head = append(append([]byte(`{"query":`), text...), `,"variables":{`...)
}

func (c *converter) variable(v bodyVariable) (execute.Variable, error) {
	name, _ := json.Marshal(v.name)
	out := execute.Variable{Prefix: append(name, ':')}
	if v.slot >= 0 {
		out.Slot = v.slot
		return out, nil
	}
	if !json.Valid([]byte(v.text)) {
		return out, fmt.Errorf("the value of variable %s is not JSON", v.name)
	}
	out.Static = []byte(v.text)
	return out, nil
}

// steps converts a path. Where an operation goes on, its root field stands for
// the path there.
func (c *converter) steps(path []resolve.FetchItemPathElement) []execute.Step {
	var out []execute.Step
	behind := false
	for _, e := range path {
		for i, key := range e.Path {
			if key == "@" {
				continue
			}
			if at := c.op.At; at != nil && len(out) == 0 && key == at.Field {
				for _, k := range at.Path {
					out = append(out, execute.Step{Key: k})
				}
				behind = true
				continue
			}
			step := execute.Step{Key: c.engine.plainKey(key)}
			if i == 0 {
				step.Types = e.TypeNames
			}
			if behind {
				step.Types, behind = []string{c.op.At.Type}, false
			}
			out = append(out, step)
		}
	}
	return out
}
