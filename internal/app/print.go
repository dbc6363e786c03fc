package app

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Print writes a configuration as YAML, each setting with what it is for.
func Print(w io.Writer, c Config) error {
	node := &yaml.Node{}
	if err := node.Encode(c); err != nil {
		return fmt.Errorf("printing the configuration: %w", err)
	}
	comment(node, reflect.TypeFor[Config]())
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(node); err != nil {
		return fmt.Errorf("printing the configuration: %w", err)
	}
	return enc.Close()
}

func comment(n *yaml.Node, t reflect.Type) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		f, ok := fieldOf(t, n.Content[i].Value)
		if !ok {
			continue
		}
		if f.Type.Kind() == reflect.Struct {
			comment(n.Content[i+1], f.Type)
			continue
		}
		n.Content[i+1].LineComment = strings.TrimSpace(f.Tag.Get("doc"))
	}
}
