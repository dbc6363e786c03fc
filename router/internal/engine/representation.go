package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/resolve"

	"github.com/starlinghq/starling/router/internal/execute"
)

// representationObject finds among the parts of a body what is rendered for
// each entity.
func representationObject(segments []resolve.TemplateSegment) (*resolve.Object, error) {
	for i := range segments {
		if r, ok := segments[i].Renderer.(*resolve.GraphQLVariableResolveRenderer); ok {
			if obj, ok := r.Node.(*resolve.Object); ok {
				return obj, nil
			}
		}
	}
	return nil, errors.New("an entity fetch without representations")
}

// member adds a field to a representation, to one that is there already if
// only the types differ: a member is sent once.
func member(fields []execute.RepresentationField, f execute.RepresentationField) []execute.RepresentationField {
	for i := range fields {
		have := &fields[i]
		if have.Name != f.Name || have.Key != f.Key || have.Static != f.Static || have.Object != nil || f.Object != nil {
			continue
		}
		if len(have.Types) > 0 && len(f.Types) > 0 {
			have.Types = union(slices.Clone(have.Types), f.Types)
		} else {
			have.Types = nil
		}
		have.NonNull = have.NonNull || f.NonNull
		return fields
	}
	return append(fields, f)
}

// representation converts what the library renders for an entity.
func representation(obj *resolve.Object) (execute.Representation, error) {
	var out execute.Representation
	for _, f := range obj.Fields {
		rf := execute.RepresentationField{Name: string(f.Name)}
		for _, t := range f.OnTypeNames {
			rf.Types = append(rf.Types, string(t))
		}
		if s, ok := f.Value.(*resolve.StaticString); ok {
			rf.Static = s.Value
			out.Fields = member(out.Fields, rf)
			continue
		}
		path := f.Value.NodePath()
		if len(path) != 1 {
			return out, fmt.Errorf("a key field with the path %q", path)
		}
		rf.Key = path[0]
		rf.NonNull = !f.Value.NodeNullable()
		item := f.Value
		for {
			arr, ok := item.(*resolve.Array)
			if !ok {
				break
			}
			item = arr.Item
			rf.Items = append(rf.Items, !item.NodeNullable())
		}
		if o, ok := item.(*resolve.Object); ok {
			sub, err := representation(o)
			if err != nil {
				return out, err
			}
			rf.Object = &sub
		}
		out.Fields = member(out.Fields, rf)
	}
	return out, nil
}
