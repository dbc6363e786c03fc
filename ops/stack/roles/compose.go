package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// compose is what this program reads of docker-compose.yml.
type compose struct {
	Services map[string]service `yaml:"services"`
}

type service struct {
	Image       string               `yaml:"image"`
	Command     []string             `yaml:"command"`
	Environment map[string]string    `yaml:"environment"`
	DependsOn   map[string]dependsOn `yaml:"depends_on"`
	Healthcheck *struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

type dependsOn struct {
	Condition string `yaml:"condition"`
}

// image is the name that compose gives to the build of this project.
const image = "starling"

func readCompose(path string) (compose, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return compose{}, err
	}
	var c compose
	if err := yaml.Unmarshal(b, &c); err != nil {
		return compose{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// roles returns the names of the services that run a role, the router last.
func (c compose) roles() []string {
	var out []string
	for name, s := range c.Services {
		if s.Image == image && len(s.Command) > 0 && s.Command[0] == "serve" {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if (a == router) != (b == router) {
			if a == router {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	return out
}

// router is the service that clients speak to.
const router = "router"

// native returns the environment of a service as it runs without containers:
// at addresses instead of names, on the servers of the stack.
func (c compose) native(name string, at map[string]string, servers map[string]string, key string) []string {
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
