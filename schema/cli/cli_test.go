package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/schema/cli"
)

const users = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])

type Query {
  me: User
}

type User @key(fields: "id") {
  id: ID!
  secret: String @inaccessible
}
`

// outcome is what one run of the command line leaves behind.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs the command in dir, with files written there first.
func run(t *testing.T, files map[string]string, stdin string, env map[string]string, args ...string) (outcome, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "DIR", dir)
	}
	var stdout, stderr strings.Builder
	code := cli.Run(t.Context(), args, strings.NewReader(stdin), &stdout, &stderr, func(n string) string { return env[n] })
	clean := func(s string) string { return strings.ReplaceAll(s, dir, "DIR") }
	return outcome{code, clean(stdout.String()), clean(stderr.String())}, dir
}

func wants(t *testing.T, got outcome, code int, stdout, stderr []string) {
	t.Helper()
	if got.code != code {
		t.Errorf("exit code %d, want %d", got.code, code)
	}
	for _, w := range stdout {
		if !strings.Contains(got.stdout, w) {
			t.Errorf("stdout lacks %q", w)
		}
	}
	for _, w := range stderr {
		if !strings.Contains(got.stderr, w) {
			t.Errorf("stderr lacks %q", w)
		}
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", got.stdout, got.stderr)
	}
}

func TestComposeFiles(t *testing.T) {
	got, _ := run(t, map[string]string{
		"users.graphql": users,
		"supergraph.yaml": `federation_version: ${env.FEDERATION:-=2.9}
subgraphs:
  users:
    routing_url: ${env.USERS:-http://users/graphql}
    schema:
      file: ./users.graphql
  inline:
    routing_url: ${env.INLINE}
    schema:
      sdl: |
        type Query { hello: String }
`,
	}, "", map[string]string{"INLINE": "http://inline/graphql"}, "compose", "--config", "DIR/supergraph.yaml")
	wants(t, got, cli.ExitOK, []string{
		`USERS @join__graph(name: "users", url: "http://users/graphql")`,
		`INLINE @join__graph(name: "inline", url: "http://inline/graphql")`,
	}, nil)
	if got.stderr != "" {
		t.Errorf("stderr: %s", got.stderr)
	}
}

func TestComposeRefused(t *testing.T) {
	files := map[string]string{
		"users.graphql": "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", import: [\"@key\"])\n\ntype Query {\n  me: User\n}\n\ntype User @key(fields: \"idd\") {\n\tid: Missing\n}\n",
		"supergraph.yaml": `subgraphs:
  users:
    schema:
      file: users.graphql
`,
		"out.graphql": "as it was",
	}
	got, dir := run(t, files, "", nil, "compose", "--config", "DIR/supergraph.yaml", "--output", "DIR/out.graphql")
	want := `error: INVALID_GRAPHQL
  [users] Unknown type Missing; define it or correct the name.
  --> subgraph users (DIR/users.graphql):8:2
  8 | 	id: Missing
    | 	^

1 error
`
	if diff := cmp.Diff(outcome{code: cli.ExitRefused, stderr: want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "out.graphql")); err != nil || string(text) != "as it was" {
		t.Errorf("the output file was touched: %q, %v", text, err)
	}
}

func TestComposeJSON(t *testing.T) {
	config := "subgraphs: {a: {schema: {sdl: 'type Query { a: Int } enum E { X }'}}}"
	got, dir := run(t, nil, config, nil, "compose", "--config", "-", "--format", "json", "-o", "DIR/out.graphql")
	wants(t, got, cli.ExitOK, nil, nil)
	var r struct {
		OK         bool
		Supergraph string
		Errors     []struct{ Code string }
		Hints      []struct {
			Code, Message, Coordinate string
			Locations                 []struct {
				Subgraph     string
				Line, Column int
			}
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
		t.Fatal(err)
	}
	if !r.OK || r.Errors == nil || len(r.Errors) != 0 || len(r.Hints) != 1 || r.Hints[0].Code != "UNUSED_ENUM_TYPE" || r.Hints[0].Coordinate != "E" {
		t.Errorf("report: %+v", r)
	}
	if l := r.Hints[0].Locations; len(l) != 1 || l[0].Subgraph != "a" || l[0].Line != 1 || l[0].Column != 28 {
		t.Errorf("locations: %+v", l)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out.graphql"))
	if err != nil || string(text) != r.Supergraph {
		t.Errorf("the output file differs from the report: %v", err)
	}
}

func TestComposeJSONRefused(t *testing.T) {
	got, _ := run(t, nil, "subgraphs: {a: {schema: {sdl: 'type A { a: Int }'}}}", nil, "compose", "-c", "-", "--format", "json")
	wants(t, got, cli.ExitRefused, []string{`"ok": false`, `"supergraph": ""`, `"code": "NO_QUERIES"`, `"hints": []`, `"locations": []`}, nil)
}

func TestComposeIntrospection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"_service": map[string]any{"sdl": users}}})
	}))
	defer server.Close()
	config := `subgraphs:
  users:
    schema:
      subgraph_url: ` + server.URL + `/graphql?token=${env.TOKEN}
      introspection_headers:
        Authorization: Bearer ${env.TOKEN}
`
	got, _ := run(t, nil, config, map[string]string{"TOKEN": "s3cret"}, "compose", "-c", "-")
	wants(t, got, cli.ExitOK, []string{"type User", server.URL + "/graphql"}, nil)

	got, _ = run(t, nil, config, map[string]string{"TOKEN": "wrong"}, "compose", "-c", "-")
	wants(t, got, cli.ExitUsage, nil, []string{`subgraph "users"`, "HTTP status 403"})
	if strings.Contains(got.stderr, "wrong") {
		t.Error("stderr shows the token")
	}
	server.Close()
	got, _ = run(t, nil, config, map[string]string{"TOKEN": "s3cret"}, "compose", "-c", "-")
	wants(t, got, cli.ExitUsage, nil, []string{"introspect"})
	if strings.Contains(got.stderr, "s3cret") {
		t.Error("stderr shows the token")
	}
}

func TestIntrospectionAnswers(t *testing.T) {
	for answer, want := range map[string]string{
		`{"errors":[{"message":"no such field"}]}`: "no such field",
		`{"data":{}}`:   "no _service.sdl",
		`<html></html>`: "not GraphQL",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
		got, _ := run(t, nil, "subgraphs: {a: {schema: {subgraph_url: '"+server.URL+"'}}}", nil, "compose", "-c", "-")
		wants(t, got, cli.ExitUsage, nil, []string{want})
		server.Close()
	}
}

func TestUsage(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		args   []string
		want   string
	}{
		"no command":        {args: []string{}, want: "expected one of"},
		"no config":         {args: []string{"compose"}, want: "--config"},
		"unknown flag":      {args: []string{"compose", "--konfig", "x"}, want: "unknown flag --konfig"},
		"missing file":      {args: []string{"compose", "-c", "DIR/none.yaml"}, want: "none.yaml"},
		"not yaml":          {config: "subgraphs: [", want: "configuration -"},
		"unknown key":       {config: "subgraphs: {a: {rooting_url: x, schema: {sdl: 'type Query {a: Int}'}}}", want: "rooting_url"},
		"no subgraphs":      {config: "federation_version: 2", want: "no subgraphs"},
		"nothing said":      {config: "subgraphs: {a: }", want: "says nothing"},
		"federation 1":      {config: "federation_version: 1\nsubgraphs: {a: {schema: {sdl: x}}}", want: "not supported"},
		"pinned federation": {config: "federation_version: =1.2\nsubgraphs: {a: {schema: {sdl: x}}}", want: "not supported"},
		"odd version":       {config: "federation_version: new\nsubgraphs: {a: {schema: {sdl: x}}}", want: "not known"},
		"too new":           {config: "federation_version: =2.15\nsubgraphs: {a: {schema: {sdl: x}}}", want: "known are 2.0 to 2.14"},
		"graphref":          {config: "subgraphs: {a: {schema: {graphref: g@current, subgraph: a}}}", want: "graphref is not supported"},
		"two sources":       {config: "subgraphs: {a: {schema: {sdl: x, file: y}}}", want: "one of file"},
		"no source":         {config: "subgraphs: {a: {schema: {}}}", want: "one of file"},
		"variable":          {config: "subgraphs: {a: {schema: {file: '${env.NOPE}'}}}", want: "NOPE is not set"},
		"missing sdl":       {config: "subgraphs: {a: {schema: {file: DIRnone.graphql}}}", want: "none.graphql"},
		"api of nothing":    {args: []string{"api", "DIR/none"}, want: "none"},
		"api of no graph":   {args: []string{"api", "-"}, config: "type A {", want: "read the supergraph"},
	} {
		t.Run(name, func(t *testing.T) {
			args := c.args
			if args == nil {
				args = []string{"compose", "-c", "-"}
			}
			got, _ := run(t, nil, c.config, nil, args...)
			wants(t, got, cli.ExitUsage, nil, []string{"starling schema: ", c.want})
			if got.stdout != "" {
				t.Errorf("stdout: %s", got.stdout)
			}
		})
	}
}

func TestPinnedVersion(t *testing.T) {
	for version, code := range map[string]int{"2": cli.ExitOK, "=2.9": cli.ExitOK, "=2.9.3": cli.ExitOK, "latest-2": cli.ExitOK, "=2.8": cli.ExitRefused} {
		got, _ := run(t, map[string]string{"users.graphql": users, "c.yaml": "federation_version: " + version + "\nsubgraphs: {users: {schema: {file: users.graphql}}}"}, "", nil, "compose", "-c", "DIR/c.yaml")
		wants(t, got, code, nil, nil)
		if code == cli.ExitRefused {
			wants(t, got, code, nil, []string{"UNKNOWN_FEDERATION_LINK_VERSION"})
		}
	}
}

func TestAPI(t *testing.T) {
	composed, _ := run(t, map[string]string{"users.graphql": users, "c.yaml": "subgraphs: {users: {schema: {file: users.graphql}}}"}, "", nil, "compose", "-c", "DIR/c.yaml")
	got, _ := run(t, nil, composed.stdout, nil, "api", "-")
	want := "type Query {\n  me: User\n}\n\ntype User {\n  id: ID!\n}\n"
	if diff := cmp.Diff(outcome{stdout: want}, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
	got, dir := run(t, nil, composed.stdout, nil, "api", "-", "-o", "DIR/api.graphql")
	wants(t, got, cli.ExitOK, nil, nil)
	if text, err := os.ReadFile(filepath.Join(dir, "api.graphql")); err != nil || string(text) != want {
		t.Errorf("file: %q, %v", text, err)
	}
}

func TestHelp(t *testing.T) {
	got, _ := run(t, nil, "", nil, "--help")
	wants(t, got, cli.ExitOK, []string{"compose", "api"}, nil)
}
