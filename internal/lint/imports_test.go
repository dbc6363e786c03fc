package lint

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/starlinghq/starling/"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Name         string
	Dir          string
	Doc          string
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
}

// path is the import path below the module.
func (p pkg) path() string { return strings.TrimPrefix(p.ImportPath, module) }

// rule says what the packages below From may import of this module. The first
// rule that matches a package decides.
type rule struct {
	From    string   // a path, or with /... everything below it too
	May     []string // likewise
	Instead string   // where to go when the rule is in the way
}

// rules is the one table of who may import whom, most particular first.
func rules() []rule {
	nouns := []string{"internal/social/...", "internal/snowflake", "internal/viewer", "internal/account", "internal/invariant"}
	seams := []string{"internal/store", "internal/queue", "internal/cache"}
	support := []string{"internal/telemetry/...", "internal/invariant"}
	edge := join(nouns, seams, support, []string{"internal/timeline"})
	adapter := func(seam string) []string {
		return join(nouns, support, []string{seam, "internal/pebbledb", "internal/pause", "internal/clienttls"})
	}
	return []rule{
		{"internal/social/tweettext/...", nil, "text rules know nothing of the product"},
		{"internal/social", []string{"internal/social/tweettext", "internal/snowflake", "internal/invariant"}, "nouns know nouns only"},
		{"internal/snowflake/...", []string{"internal/invariant", "internal/snowflake"}, "ids know nothing of what they name"},
		{"internal/viewer", []string{"internal/invariant"}, "a viewer is a token's subject, not a user"},
		{"internal/account", []string{"internal/invariant"}, "what accounts are kept in is the store's business"},
		{"internal/invariant", nil, "everybody may need it, so it needs nobody"},
		{"internal/telemetry/...", []string{"internal/telemetry/...", "internal/invariant"}, "telemetry is below everything"},
		{"internal/store", join(nouns, support), "a seam knows nouns; put I/O into an adapter"},
		{"internal/store/storetest/...", join(nouns, support, []string{"internal/store", "internal/testenv"}), "a suite knows its seam only"},
		{"internal/store/...", adapter("internal/store"), "an adapter knows its own seam; app wires it"},
		{"internal/queue", join(nouns, support), "a seam knows nouns; put I/O into an adapter"},
		{"internal/queue/queuetest/...", join(nouns, support, []string{"internal/queue", "internal/testenv"}), "a suite knows its seam only"},
		{"internal/queue/...", adapter("internal/queue"), "an adapter knows its own seam; app wires it"},
		{"internal/cache", join(nouns, support), "a seam knows nouns; put I/O into an adapter"},
		{"internal/cache/cachetest/...", join(nouns, support, seams, []string{"internal/timeline", "internal/testenv"}), "a suite knows its seam only"},
		{"internal/cache/...", adapter("internal/cache"), "an adapter knows its own seam; app wires it"},
		{"internal/timeline", join(nouns, seams), "the algorithm is pure; edges do its I/O"},
		{"internal/pebbledb", support, "the database knows no table"},
		{"internal/importer", join(nouns), "the importer speaks the wire, so that it proves the system from outside"},
		{"internal/app/...", []string{"..."}, ""},
		{"internal/cli", []string{"internal/app", "internal/importer", "internal/queue", "internal/pebbledb", "internal/settings", "internal/telemetry", "router"}, "commands leave the work to app, importer and router"},
		{"internal/settings", nil, "settings are read into anybody's struct"},
		{"internal/pause", nil, "it waits, for anybody"},
		{"internal/clienttls", nil, "it reads files, for anybody"},
		{"internal/testenv", nil, "tests of every layer use it"},
		{"internal/lint", nil, "it reads the tree, not the packages"},
		{"subgraphs/tweets/...", join(edge, []string{"subgraphs", "subgraphs/internal/...", "subgraphs/tweets/internal/..."}), "subgraphs meet in the router; share through subgraphs/internal"},
		{"subgraphs/users/...", join(edge, []string{"subgraphs", "subgraphs/internal/...", "subgraphs/users/internal/..."}), "subgraphs meet in the router; share through subgraphs/internal"},
		{"subgraphs/engagement/...", join(edge, []string{"subgraphs", "subgraphs/internal/...", "subgraphs/engagement/internal/..."}), "subgraphs meet in the router; share through subgraphs/internal"},
		{"subgraphs/feed/...", join(edge, []string{"subgraphs", "subgraphs/internal/...", "subgraphs/feed/internal/..."}), "subgraphs meet in the router; share through subgraphs/internal"},
		{"subgraphs/node/...", join(edge, []string{"subgraphs", "subgraphs/internal/...", "subgraphs/node/internal/..."}), "subgraphs meet in the router; share through subgraphs/internal"},
		{"subgraphs/...", join(edge, []string{"subgraphs/internal/..."}), "what subgraphs share knows no subgraph"},
		{"workers", join(edge, []string{"internal/pause"}), "the loop knows no handler; app gives it one"},
		{"workers/...", join(edge, []string{"workers"}), "handlers know the loop and never each other"},
		{"schema/supergraph/...", []string{"schema/supergraph/..."}, "the supergraph model is below composition"},
		{"schema/federation/...", []string{"schema/federation/...", "schema/supergraph"}, "subgraph rules are below composition"},
		{"schema/satisfy/...", []string{"schema/satisfy/...", "schema/supergraph"}, "satisfiability knows the supergraph alone"},
		{"schema/...", []string{"schema/..."}, "schema is a product of its own: it knows neither router nor tweets"},
		{"router/...", join(support, []string{"router/...", "schema/supergraph", "internal/viewer", "internal/clienttls"}), "the router is a product of its own: it serves any supergraph"},
		{"cmd/...", []string{"internal/cli", "schema/cli"}, "main parses the command line and calls a cli"},
	}
}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

// drivers says where a library may be imported; everywhere else goes through
// the package that wraps it.
var drivers = []rule{
	{"github.com/cockroachdb/pebble", []string{"internal/pebbledb", "internal/store/pebble", "internal/queue/pebble"}, "use the seams store and queue"},
	{"github.com/maypok86/otter", []string{"internal/cache/local"}, "use the seam cache"},
	{"github.com/apache/cassandra-gocql-driver", []string{"internal/store/cassandra"}, "use the seam store"},
	{"github.com/rabbitmq/amqp091-go", []string{"internal/queue/rabbitmq"}, "use the seam queue"},
	{"github.com/redis/rueidis", []string{"internal/cache/redis"}, "use the seam cache"},
	{"github.com/wundergraph", []string{"router/internal/engine"}, "use router/internal/engine"},
	{"github.com/99designs/gqlgen", []string{"subgraphs/..."}, "only subgraphs are built with gqlgen"},
	{"github.com/vektah/gqlparser", []string{"schema/...", "subgraphs/...", "router/..."}, "use schema/supergraph or the router"},
	{"go.opentelemetry.io/otel/sdk", []string{"internal/telemetry/..."}, "take providers from internal/telemetry"},
	{"github.com/alecthomas/kong", []string{"internal/cli", "schema/cli", "cmd/..."}, "flags belong to the command lines"},
	{"go.yaml.in/yaml", []string{"internal/app", "internal/settings", "schema/cli"}, "settings are read by app"},
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Dir,Doc,GoFiles,TestGoFiles,XTestGoFiles,Imports", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

func matches(pattern, path string) bool {
	if pattern == "..." {
		return true
	}
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == below || strings.HasPrefix(path, below+"/")
	}
	return path == pattern
}

func matchesAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path) })
}

func TestWhoImportsWhom(t *testing.T) {
	all := list(t)
	used := map[string]bool{}
	for _, p := range all {
		i := slices.IndexFunc(rules(), func(r rule) bool { return matches(r.From, p.path()) })
		if i < 0 {
			t.Errorf("%s: no rule of imports_test.go covers this package; add one", p.path())
			continue
		}
		r := rules()[i]
		used[r.From] = true
		for _, imp := range p.Imports {
			path, ours := strings.CutPrefix(imp, module)
			if ours && !matchesAny(r.May, path) && !(path == "internal/testenv" && strings.HasSuffix(p.path(), "test")) {
				t.Errorf("%s must not import %s: %s", p.path(), path, r.Instead)
			}
			for _, d := range drivers {
				if strings.HasPrefix(imp, d.From) && !matchesAny(d.May, p.path()) {
					t.Errorf("%s must not import %s: %s", p.path(), imp, d.Instead)
				}
			}
		}
	}
	for _, r := range rules() {
		if !used[r.From] && exists(t, strings.TrimSuffix(r.From, "/...")) {
			t.Errorf("the rule for %s matches no package: remove or mend it", r.From)
		}
	}
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	for _, p := range list(t) {
		if strings.HasSuffix(p.path(), "internal/gql") || len(p.GoFiles) == 0 {
			continue // generated, or tests only
		}
		if len(strings.TrimSpace(p.Doc)) < 40 {
			t.Errorf("%s has no package comment that tells its place", p.path())
		}
	}
}
