package difftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// read reads the variables of a request, which are those that it declares.
func (a *answering) read(op *ast.OperationDefinition, raw json.RawMessage) error {
	a.vars = make(map[string]json.RawMessage)
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &a.vars); err != nil {
			return err
		}
	}
	for name := range a.vars {
		if op.VariableDefinitions.ForName(name) == nil {
			return fmt.Errorf("the variable $%s is not declared", name)
		}
	}
	for _, d := range op.VariableDefinitions {
		have, ok := a.vars[d.Variable]
		if !ok && d.DefaultValue != nil {
			have, ok = a.spell(d.DefaultValue)
			a.vars[d.Variable] = have
		}
		if !ok && d.Type.NonNull {
			return fmt.Errorf("the variable $%s is missing", d.Variable)
		}
		if !ok {
			continue
		}
		if _, err := a.coerce(have, d.Type); err != nil {
			return fmt.Errorf("the variable $%s: %w", d.Variable, err)
		}
	}
	return nil
}

// arguments is the text of a field's coerced arguments: of those that the
// supergraph knows, by the subgraph's own SDL.
func (a *answering) arguments(def *ast.FieldDefinition, f *ast.Field, known *supergraph.Field) (string, error) {
	var parts []string
	for _, d := range def.Arguments {
		var text json.RawMessage
		given := false
		if x := f.Arguments.ForName(d.Name); x != nil {
			text, given = a.spell(x.Value)
		}
		if !given && d.DefaultValue != nil {
			text, given = a.spell(d.DefaultValue)
		}
		if !given || known.Arguments.ForName(d.Name) == nil {
			continue
		}
		coerced, err := a.coerce(text, d.Type)
		if err != nil {
			return "", fmt.Errorf("argument %s: %w", d.Name, err)
		}
		parts = append(parts, string(quote(d.Name))+":"+coerced)
	}
	if parts == nil {
		return "", nil
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ",") + "}", nil
}

// spell writes a value of a document as JSON, with the variables in it; false
// is a variable that is absent.
func (a *answering) spell(v *ast.Value) (json.RawMessage, bool) {
	var parts []string
	switch v.Kind {
	case ast.Variable:
		text, ok := a.vars[v.Raw]
		return text, ok
	case ast.ListValue:
		for _, c := range v.Children {
			text, ok := a.spell(c.Value)
			if !ok {
				text = json.RawMessage("null")
			}
			parts = append(parts, string(text))
		}
		return json.RawMessage("[" + strings.Join(parts, ",") + "]"), true
	case ast.ObjectValue:
		for _, c := range v.Children {
			if text, ok := a.spell(c.Value); ok {
				parts = append(parts, string(quote(c.Name))+":"+string(text))
			}
		}
		return json.RawMessage("{" + strings.Join(parts, ",") + "}"), true
	case ast.NullValue, ast.BooleanValue, ast.IntValue, ast.FloatValue:
		return json.RawMessage(v.Raw), true
	default:
		return quote(v.Raw), true
	}
}

// coerce is the text of a value of an input type, the same for all ways to
// write it.
func (a *answering) coerce(text json.RawMessage, t *ast.Type) (string, error) {
	text = bytes.TrimSpace(text)
	if string(text) == "null" {
		if t.NonNull {
			return "", fmt.Errorf("null for %s", t)
		}
		return "null", nil
	}
	if t.Elem != nil {
		items := []json.RawMessage{text}
		if text[0] == '[' {
			items = nil
			if err := json.Unmarshal(text, &items); err != nil {
				return "", err
			}
		}
		parts := make([]string, len(items))
		for i := range items {
			var err error
			if parts[i], err = a.coerce(items[i], t.Elem); err != nil {
				return "", err
			}
		}
		return "[" + strings.Join(parts, ",") + "]", nil
	}
	switch d := a.s.schema.Types[t.NamedType]; {
	case d.Kind == ast.InputObject:
		return a.input(text, d)
	case d.Kind == ast.Enum:
		var name string
		if json.Unmarshal(text, &name) != nil || d.EnumValues.ForName(name) == nil {
			return "", fmt.Errorf("%s is no %s", text, d.Name)
		}
	case d.Name == "ID" && text[0] != '"':
		return `"` + string(text) + `"`, nil
	case d.Name == "Float":
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return "", err
		}
		text, err = json.Marshal(f)
		return string(text), err
	}
	return string(normal(text)), nil
}

func (a *answering) input(text json.RawMessage, d *ast.Definition) (string, error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return "", err
	}
	for name := range given {
		if d.Fields.ForName(name) == nil {
			return "", fmt.Errorf("%s has no field %s", d.Name, name)
		}
	}
	var parts []string
	known := a.s.world.schema.Type(d.Name)
	for _, f := range d.Fields {
		v, ok := given[f.Name]
		if !ok && f.DefaultValue != nil {
			v, ok = a.spell(f.DefaultValue)
		}
		if !ok && f.Type.NonNull {
			return "", fmt.Errorf("%s.%s is missing", d.Name, f.Name)
		}
		if !ok || known.Field(f.Name) == nil {
			continue
		}
		coerced, err := a.coerce(v, f.Type)
		if err != nil {
			return "", fmt.Errorf("%s.%s: %w", d.Name, f.Name, err)
		}
		parts = append(parts, string(quote(f.Name))+":"+coerced)
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ",") + "}", nil
}

func quote(s string) json.RawMessage {
	text, _ := json.Marshal(s)
	return text
}

// normal is JSON with sorted members and strings written in one way.
func normal(text json.RawMessage) json.RawMessage {
	var v any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return text
	}
	out, _ := json.Marshal(v)
	return out
}
