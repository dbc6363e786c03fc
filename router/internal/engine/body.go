package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/resolve"
)

// bodyVariable is one member of a request's variables: text, the slot of an
// operation variable (or -1), or an entity's representation.
type bodyVariable struct {
	name   string
	text   string
	slot   int
	object *resolve.Object
}

// body takes the query and the variables out of the template of a request. The
// template is JSON with variables in it; each is replaced by a string that
// cannot be in it otherwise.
func (c *converter) body(segments []resolve.TemplateSegment) (string, []bodyVariable, error) {
	var b strings.Builder
	var holes []resolve.TemplateSegment
	for _, s := range segments {
		if s.SegmentType == resolve.StaticSegmentType {
			b.Write(s.Data)
			continue
		}
		b.WriteString(`"\u0000` + strconv.Itoa(len(holes)) + `"`)
		holes = append(holes, s)
	}
	var input struct {
		Body struct {
			Query     string          `json:"query"`
			Variables json.RawMessage `json:"variables"`
		} `json:"body"`
	}
	if err := json.Unmarshal([]byte(b.String()), &input); err != nil {
		return "", nil, fmt.Errorf("the template of a request: %w", err)
	}
	vars, err := members(input.Body.Variables)
	if err != nil {
		return "", nil, err
	}
	for i := range vars {
		if err := c.fill(&vars[i], holes); err != nil {
			return "", nil, err
		}
	}
	return c.engine.variants.expand(c.engine.together(input.Body.Query)), vars, nil
}

// members splits a JSON object, in order.
func members(obj json.RawMessage) ([]bodyVariable, error) {
	if len(obj) == 0 || string(obj) == "null" {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(obj))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var out []bodyVariable
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		out = append(out, bodyVariable{name: name.(string), text: string(value), slot: -1})
	}
	return out, nil
}

// fill replaces a hole by what belongs there.
func (c *converter) fill(v *bodyVariable, holes []resolve.TemplateSegment) error {
	at := strings.Index(v.text, `"\u0000`)
	if at < 0 {
		return nil
	}
	text := strings.TrimSuffix(strings.TrimPrefix(v.text, "["), "]")
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(text, `"\u0000`), `"`))
	if err != nil || n >= len(holes) {
		return fmt.Errorf("the value of variable %s is built from parts", v.name)
	}
	if holes[n].VariableKind == resolve.ResolvableObjectVariableKind {
		v.object, err = representationObject(holes[n : n+1])
		return err
	}
	if text != v.text {
		return fmt.Errorf("the value of variable %s is built from parts", v.name)
	}
	t, err := c.text(holes[n : n+1])
	v.text, v.slot = t.text, t.slot
	return err
}

type templateText struct {
	text string
	slot int
}

// text reads a template that is one variable, or static.
func (c *converter) text(segments []resolve.TemplateSegment) (templateText, error) {
	out := templateText{slot: -1}
	for _, s := range segments {
		switch {
		case s.SegmentType == resolve.StaticSegmentType && len(s.Data) == 0:
		case s.SegmentType == resolve.StaticSegmentType:
			out.text += string(s.Data)
		case s.VariableKind == resolve.ContextVariableKind && len(s.VariableSourcePath) == 1 && out.slot < 0:
			slot, ok := c.op.Slots[s.VariableSourcePath[0]]
			if !ok {
				return out, fmt.Errorf("a variable $%s that the operation does not have", s.VariableSourcePath[0])
			}
			out.slot = slot
		default:
			return out, errors.New("a value that is built from parts")
		}
	}
	if out.slot >= 0 && out.text != "" {
		return out, errors.New("a value that is built from parts")
	}
	return out, nil
}
