package operation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Variables are the coerced values of an operation's variables, as JSON. What
// the client did not give and has no default is absent.
type Variables struct {
	values map[string][]byte
}

var noVariables = &Variables{}

// Coerce checks what the client sent against the operation's variables.
func (o *Operation) Coerce(raw []byte) (*Variables, []*Error) {
	defs := o.def.VariableDefinitions
	if len(defs) == 0 {
		return noVariables, nil
	}
	given, err := decodeVariables(raw)
	if err != nil {
		return nil, []*Error{{Code: CodeInput, Message: "The variables are not a JSON object."}}
	}
	out := &Variables{values: make(map[string][]byte, len(defs))}
	var errs []*Error
	for _, def := range defs {
		v, ok := given[def.Variable]
		if !ok {
			switch {
			case def.DefaultValue != nil:
				text, _ := o.doc.schema.literal(nil, def.DefaultValue, def.Type, noVariables)
				out.values[def.Variable] = text
			case def.Type.NonNull:
				errs = append(errs, at(def.Position, CodeInput, fmt.Sprintf("The variable $%s of type %s is required, and it was not given.", def.Variable, def.Type)))
			}
			continue
		}
		text, err := o.doc.schema.coerce(nil, v, def.Type)
		if err != nil {
			errs = append(errs, at(def.Position, CodeInput, fmt.Sprintf("The variable $%s is not valid: %s", def.Variable, err)))
			continue
		}
		out.values[def.Variable] = text
	}
	return out, errs
}

func decodeVariables(raw []byte) (map[string]any, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out map[string]any
	if err := dec.Decode(&out); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("data after the object")
	}
	return out, nil
}

// coerceError says what is wrong, and where inside of the value.
type coerceError struct {
	path    string
	message string
}

func (e *coerceError) Error() string {
	if e.path == "" {
		return e.message
	}
	return "at " + strings.TrimPrefix(e.path, ".") + ": " + e.message
}

func below(step string, err error) error {
	var ce *coerceError
	if errors.As(err, &ce) {
		return &coerceError{path: step + ce.path, message: ce.message}
	}
	return err
}

func wrong(format string, args ...any) error {
	return &coerceError{message: fmt.Sprintf(format, args...)}
}

// coerce writes a client's value as JSON of an input type.
func (s *Schema) coerce(out []byte, v any, t *ast.Type) ([]byte, error) {
	if v == nil {
		if t.NonNull {
			return out, wrong("null is given where %s is expected.", t)
		}
		return append(out, "null"...), nil
	}
	if t.Elem != nil {
		return s.coerceList(out, v, t)
	}
	d := s.ast.Types[t.NamedType]
	switch d.Kind {
	case ast.Enum:
		name, ok := v.(string)
		if !ok || d.EnumValues.ForName(name) == nil {
			return out, wrong("%s is not a value of %s.", shown(v), d.Name)
		}
		return appendJSON(out, name), nil
	case ast.InputObject:
		return s.coerceObject(out, v, d)
	default:
		return coerceScalar(out, v, d.Name)
	}
}

func (s *Schema) coerceList(out []byte, v any, t *ast.Type) ([]byte, error) {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	out = append(out, '[')
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = s.coerce(out, item, t.Elem); err != nil {
			if !ok {
				return out, err
			}
			return out, below("["+strconv.Itoa(i)+"]", err)
		}
	}
	return append(out, ']'), nil
}

func (s *Schema) coerceObject(out []byte, v any, d *ast.Definition) ([]byte, error) {
	obj, ok := v.(map[string]any)
	if !ok {
		return out, wrong("%s is given where an object of type %s is expected.", shown(v), d.Name)
	}
	for name := range obj {
		if d.Fields.ForName(name) == nil {
			return out, wrong("%s has no field %q.", d.Name, name)
		}
	}
	if d.Directives.ForName("oneOf") != nil {
		if len(obj) != 1 {
			return out, wrong("exactly one field of %s must be given.", d.Name)
		}
		for name, value := range obj {
			if value == nil {
				return out, wrong("the field %q of %s must not be null.", name, d.Name)
			}
		}
	}
	out = append(out, '{')
	first := true
	for _, f := range d.Fields {
		value, ok := obj[f.Name]
		if !ok {
			if f.DefaultValue == nil && f.Type.NonNull {
				return out, wrong("the field %q of %s is required.", f.Name, d.Name)
			}
			continue
		}
		out = appendMember(out, f.Name, &first)
		var err error
		if out, err = s.coerce(out, value, f.Type); err != nil {
			return out, below("."+f.Name, err)
		}
	}
	return append(out, '}'), nil
}

func appendMember(out []byte, name string, first *bool) []byte {
	if !*first {
		out = append(out, ',')
	}
	*first = false
	return append(appendJSON(out, name), ':')
}

func coerceScalar(out []byte, v any, name string) ([]byte, error) {
	switch name {
	case "Int":
		if n, ok := v.(json.Number); ok {
			if i, ok := wholeNumber(n.String()); ok {
				if i < math.MinInt32 || i > math.MaxInt32 {
					return out, wrong("%s does not fit Int, which has 32 bits.", n)
				}
				return strconv.AppendInt(out, i, 10), nil
			}
		}
	case "Float":
		if n, ok := v.(json.Number); ok {
			if f, err := n.Float64(); err == nil && !math.IsInf(f, 0) {
				return append(out, n...), nil
			}
		}
	case "String":
		if text, ok := v.(string); ok {
			return appendJSON(out, text), nil
		}
	case "Boolean":
		if b, ok := v.(bool); ok {
			return strconv.AppendBool(out, b), nil
		}
	case "ID":
		if text, ok := v.(string); ok {
			return appendJSON(out, text), nil
		}
		if n, ok := v.(json.Number); ok && !strings.ContainsAny(n.String(), ".eE") {
			return appendJSON(out, n.String()), nil
		}
	default:
		return appendJSON(out, v), nil
	}
	return out, wrong("%s is given where %s is expected.", shown(v), name)
}

// wholeNumber reads 3 and 3.0 and 3e2.
func wholeNumber(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// appendJSON writes any decoded value without escaping HTML.
func appendJSON(out []byte, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return append(out, "null"...)
	}
	return append(out, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// shown puts a client's value into a message, shortened.
func shown(v any) string {
	text := string(appendJSON(nil, v))
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:57], "") + "..."
	}
	return text
}
