// Package settings reads configuration files: YAML into structs, strictly. A
// key that no field has is an error that names its line and the nearest key
// that exists, because a setting that is silently ignored is a fault that is
// found at night.
//
// Called by internal/app and internal/cli for their own structs and the
// router's; it knows none of them.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// Decode reads a YAML document into the struct that into points to, over what
// it holds. An empty document changes nothing.
func Decode(b []byte, into any) error { return DecodeExpanded(b, into, nil) }

// DecodeExpanded is [Decode] with each value replaced by what expand makes of
// it, whatever that is: it stays one value. A value without quotes is a number
// or a truth value if it then looks like one.
func DecodeExpanded(b []byte, into any, expand func(value string) (string, error)) error {
	var doc, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	if err := dec.Decode(&more); err == nil {
		return fmt.Errorf("line %d: a second document begins; settings are one document", more.Line)
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	if expand != nil {
		if err := expandValues(doc.Content[0], expand); err != nil {
			return err
		}
	}
	if err := unknown(doc.Content[0], reflect.TypeOf(into).Elem(), ""); err != nil {
		return err
	}
	return doc.Decode(into)
}

func expandValues(n *yaml.Node, expand func(string) (string, error)) error {
	if n.Kind == yaml.ScalarNode {
		text, err := expand(n.Value)
		if err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		if text != n.Value && n.Style == 0 {
			n.Tag = "" // what it is, is seen anew
		}
		n.Value = text
		return nil
	}
	var errs []error
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 { // not a key
			errs = append(errs, expandValues(child, expand))
		}
	}
	return errors.Join(errs...)
}

// unknown reports keys that no field has.
func unknown(n *yaml.Node, t reflect.Type, path string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var errs []error
	switch {
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for i, item := range n.Content {
			errs = append(errs, unknown(item, t.Elem(), fmt.Sprintf("%s%d.", path, i)))
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		for i := 0; i+1 < len(n.Content); i += 2 {
			errs = append(errs, unknown(n.Content[i+1], t.Elem(), path+n.Content[i].Value+"."))
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			f, ok := Field(t, key.Value)
			if !ok {
				errs = append(errs, fmt.Errorf("line %d: there is no setting %s%s; did you mean %s%s?", key.Line, path, key.Value, path, Nearest(key.Value, names(t))))
				continue
			}
			errs = append(errs, unknown(n.Content[i+1], f.Type, path+key.Value+"."))
		}
	}
	return errors.Join(errs...)
}

// Field returns the field of a struct that has the yaml name.
func Field(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("yaml") == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func names(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// Nearest returns the known name that is most like name; known is not empty.
func Nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
}
