package cli

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// config is a supergraph configuration in rover's format.
type config struct {
	dir       string // where relative files are looked up
	version   string // "2.9" if the configuration pins one, else ""
	subgraphs []subgraphConfig
}

type subgraphConfig struct {
	name       string
	routingURL string
	schema     schemaConfig
}

// schemaConfig says where the SDL of a subgraph comes from.
type schemaConfig struct {
	file, sdl, url, graphRef string
	headers                  map[string]string
}

// document is the configuration as YAML.
type document struct {
	Version   any                 `yaml:"federation_version"`
	Subgraphs map[string]*section `yaml:"subgraphs"`
}

type section struct {
	RoutingURL string        `yaml:"routing_url"`
	Schema     schemaSection `yaml:"schema"`
}

type schemaSection struct {
	File     string            `yaml:"file"`
	SDL      string            `yaml:"sdl"`
	URL      string            `yaml:"subgraph_url"`
	Headers  map[string]string `yaml:"introspection_headers"`
	GraphRef string            `yaml:"graphref"`
	Subgraph string            `yaml:"subgraph"`
}

func (c *console) readConfig(name string) (*config, error) {
	text, err := c.readInput(name)
	if err != nil {
		return nil, err
	}
	var d document
	if err := yaml.UnmarshalWithOptions([]byte(text), &d, yaml.Strict()); err != nil {
		return nil, usage("configuration %s: %s", name, yaml.FormatError(err, false, true))
	}
	cfg := &config{dir: "."}
	if name != "-" {
		cfg.dir = filepath.Dir(name)
	}
	if cfg.version, err = c.pinnedVersion(d.Version); err != nil {
		return nil, usage("configuration %s: %w", name, err)
	}
	if len(d.Subgraphs) == 0 {
		return nil, usage("configuration %s: there are no subgraphs; list them under \"subgraphs\"", name)
	}
	for _, n := range slices.Sorted(maps.Keys(d.Subgraphs)) {
		s, err := c.subgraph(n, d.Subgraphs[n])
		if err != nil {
			return nil, usage("configuration %s: subgraph %q: %w", name, n, err)
		}
		cfg.subgraphs = append(cfg.subgraphs, s)
	}
	return cfg, nil
}

var versionPattern = regexp.MustCompile(`^=?2(\.(\d+)(\.\d+)?)?$`)

// pinnedVersion reads federation_version: "2" is any version, "=2.9" and
// "=2.9.1" pin one.
func (c *console) pinnedVersion(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	text, err := c.expand(strings.TrimSpace(fmt.Sprint(v)))
	if err != nil {
		return "", err
	}
	switch {
	case text == "latest-2":
		return "", nil
	case text == "1" || text == "latest-0" || strings.HasPrefix(text, "=0") || strings.HasPrefix(text, "=1"):
		return "", fmt.Errorf("federation_version %s is not supported; use 2 (federation 1 subgraphs compose with it)", text)
	}
	m := versionPattern.FindStringSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("federation_version %q is not known; use 2 or a version such as =2.9", text)
	}
	if m[2] == "" {
		return "", nil
	}
	return "2." + m[2], nil
}

func (c *console) subgraph(name string, s *section) (subgraphConfig, error) {
	if s == nil {
		return subgraphConfig{}, fmt.Errorf("it says nothing; give it a schema")
	}
	out := subgraphConfig{name: name, schema: schemaConfig{graphRef: s.Schema.GraphRef, headers: make(map[string]string)}}
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&out.routingURL, s.RoutingURL}, {&out.schema.file, s.Schema.File}, {&out.schema.sdl, s.Schema.SDL}, {&out.schema.url, s.Schema.URL},
	} {
		var err error
		if *f.to, err = c.expand(f.from); err != nil {
			return out, err
		}
	}
	for k, v := range s.Schema.Headers {
		value, err := c.expand(v)
		if err != nil {
			return out, err
		}
		out.schema.headers[k] = value
	}
	return out, out.schema.check()
}

// check wants one source of SDL.
func (s *schemaConfig) check() error {
	if s.graphRef != "" {
		return fmt.Errorf("schema.graphref is not supported: graphs of a hosted registry cannot be fetched; use file, subgraph_url or sdl")
	}
	count := 0
	for _, x := range []string{s.file, s.sdl, s.url} {
		if x != "" {
			count++
		}
	}
	if count != 1 {
		return fmt.Errorf("schema must have one of file, subgraph_url and sdl, and has %d of them", count)
	}
	return nil
}

var variable = regexp.MustCompile(`\$\{env\.([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}`)

// expand replaces ${env.NAME}, and ${env.NAME:-default} where the variable may be
// missing. One that is not set and has no default is an error.
func (c *console) expand(text string) (string, error) {
	var missing error
	out := variable.ReplaceAllStringFunc(text, func(m string) string {
		parts := variable.FindStringSubmatch(m)
		name, v := parts[1], c.env(parts[1])
		switch {
		case v == "" && parts[2] != "":
			return parts[3]
		case v == "" && missing == nil:
			missing = fmt.Errorf("the environment variable %s is not set", name)
		}
		return v
	})
	return out, missing
}
