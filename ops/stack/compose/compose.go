// Package compose reads docker-compose.yml as far as programs of ops need it
// that run the same processes without containers: which services are roles of
// Starling, and the environment of each at addresses of this machine.
package compose

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is what is read of docker-compose.yml.
type File struct {
	Services map[string]Service `yaml:"services"`
}

// Service is one container, or one process without containers.
type Service struct {
	Image       string                `yaml:"image"`
	Command     []string              `yaml:"command"`
	Environment map[string]string     `yaml:"environment"`
	DependsOn   map[string]Dependency `yaml:"depends_on"`
	Healthcheck *struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

// Dependency says what another service must have reached.
type Dependency struct {
	Condition string `yaml:"condition"`
}

// Image is the name that compose gives to the build of this project.
const Image = "starling"

// Read reads a compose file.
func Read(path string) (File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	var c File
	if err := yaml.Unmarshal(b, &c); err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Roles returns the names of the services that run a role, the router last.
func (c File) Roles() []string {
	var out []string
	for name, s := range c.Services {
		if s.Image == Image && len(s.Command) > 0 && s.Command[0] == "serve" {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if (a == Router) != (b == Router) {
			if a == Router {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	return out
}

// Router is the service that clients speak to.
const Router = "router"

// Native returns the environment of a service as it runs without containers:
// at addresses instead of names, on the servers of the stack.
func (c File) Native(name string, at map[string]string, servers map[string]string, key string) []string {
	env := map[string]string{}
	for k, v := range c.Services[name].Environment {
		for other, addr := range at {
			v = strings.ReplaceAll(v, "http://"+other+":4000/", "http://"+addr+"/")
		}
		env[k] = v
	}
	env["STARLING_LISTEN"] = at[name]
	env["STARLING_AUTH_SIGNING_KEY_FILE"] = key
	for k, v := range servers {
		env[k] = v
	}
	for _, k := range []string{"STARLING_RABBITMQ_USERNAME", "STARLING_RABBITMQ_PASSWORD_FILE", "STARLING_TELEMETRY_OTLP_ENDPOINT"} {
		if _, set := servers[k]; !set {
			delete(env, k) // the stack's broker has its default account
		}
	}
	out := make([]string, 0, len(env))
	for k, v := range env {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return out
}
