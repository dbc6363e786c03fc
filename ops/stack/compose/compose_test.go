package compose

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/starlinghq/starling/internal/app"
)

const root = "../../../"

func read(t *testing.T) File {
	t.Helper()
	c, err := Read(root + "docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryRoleRunsTwiceBehindOneRouter holds the file to what it says it is.
func TestEveryRoleRunsTwiceBehindOneRouter(t *testing.T) {
	c := read(t)
	count := map[string]int{}
	for _, name := range c.Roles() {
		for _, arg := range c.Services[name].Command {
			if role, ok := strings.CutPrefix(arg, "--role="); ok {
				count[role]++
			}
		}
	}
	for _, role := range app.RoleNames() {
		want := 2
		if role == Router {
			want = 1
		}
		if count[role] != want {
			t.Errorf("the role %s runs %d times, want %d", role, count[role], want)
		}
	}
}

// TestEveryConfigurationIsValid reads each service's variables and flags as the
// process will.
func TestEveryConfigurationIsValid(t *testing.T) {
	c := read(t)
	for _, name := range c.Roles() {
		s := c.Services[name]
		var env []string
		for k, v := range s.Environment {
			env = append(env, k+"="+v)
		}
		cfg, err := app.Load("", env)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, arg := range s.Command[1:] {
			role, ok := strings.CutPrefix(arg, "--role=")
			if !ok {
				t.Errorf("%s: unknown argument %s", name, arg)
			}
			cfg.Roles = []string{role}
		}
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDependenciesExistAndAnswer(t *testing.T) {
	c := read(t)
	for name, s := range c.Services {
		for on, how := range s.DependsOn {
			other, ok := c.Services[on]
			if !ok {
				t.Errorf("%s depends on %s, which does not exist", name, on)
			}
			if how.Condition == "service_healthy" && (other.Healthcheck == nil || len(other.Healthcheck.Test) < 2) {
				t.Errorf("%s waits until %s is healthy, which has no healthcheck", name, on)
			}
		}
	}
}

// TestRouterKnowsEveryInstance: each URL of the router names a service that runs
// that subgraph.
func TestRouterKnowsEveryInstance(t *testing.T) {
	c := read(t)
	for k, v := range c.Services[Router].Environment {
		subgraph, ok := strings.CutPrefix(k, "STARLING_SUBGRAPHS_")
		if !ok {
			continue
		}
		subgraph = strings.ToLower(subgraph)
		for _, url := range strings.Split(v, ",") {
			host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":4000")
			s, ok := c.Services[host]
			if !ok || s.Command[len(s.Command)-1] != "--role="+subgraph || path != "/subgraphs/"+subgraph {
				t.Errorf("%s names %s, which does not serve %s", k, url, subgraph)
			}
		}
	}
}

// TestVersionsAreTheDocumentedOnes: an image is of the version that
// docs/operations.md names.
func TestVersionsAreTheDocumentedOnes(t *testing.T) {
	doc, err := os.ReadFile(root + "docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range read(t).Services {
		if s.Image != Image && !strings.Contains(string(doc), "`"+s.Image+"`") {
			t.Errorf("%s runs %s, which docs/operations.md does not name", name, s.Image)
		}
	}
}

func TestPrometheusScrapesEveryRole(t *testing.T) {
	b, err := os.ReadFile(root + "ops/deploy/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range read(t).Roles() {
		if !strings.Contains(string(b), "- "+name+":4000\n") {
			t.Errorf("ops/deploy/prometheus.yml does not scrape %s", name)
		}
	}
}

// TestServersAreTheSame: the servers that make test starts in containers are
// those of the product, at other ports.
func TestServersAreTheSame(t *testing.T) {
	product := read(t)
	servers, err := Read(root + "ops/stack/containers.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cassandra", "rabbitmq", "redis"} {
		s, ok := servers.Services[name]
		if !ok || s.Image != product.Services[name].Image || s.Healthcheck == nil {
			t.Errorf("%s is %+v, not %s with a healthcheck", name, s, product.Services[name].Image)
		}
	}
	for _, f := range []File{product, servers} {
		for _, setting := range []string{
			"-Dcassandra.config.allow_system_properties=true", // without it Cassandra reads none of the others
			"-Dcassandra.settings.commitlog_sync=group",
			"-Dcassandra.settings.commitlog_sync_period=0ms", // or it refuses to start
		} {
			if !slices.Contains(f.Services["cassandra"].Command, setting) {
				t.Errorf("a Cassandra is not started with %s: it would lose writes that it acknowledged", setting)
			}
		}
	}
}
