package router

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestErrorRules: what of a subgraph's error reaches a client, by the rules of
// that subgraph.
func TestErrorRules(t *testing.T) {
	const users = `{"data":{"user":null},"errors":[{"message":"row 7 of users_v2","path":["user"],"extensions":{"code":"LOCKED","hint":"h","exception":{"stacktrace":["x.js:1"]},"stacktrace":["x.js:1"]}}]}`
	for name, c := range map[string]struct {
		all        ErrorRules
		own        *ErrorRules
		message    string
		extensions []string
	}{
		"by default":       {ErrorRules{}, nil, "row 7 of users_v2", []string{"hint"}},
		"masked":           {ErrorRules{Mask: true}, nil, "The service reported an error.", nil},
		"masked with some": {ErrorRules{Mask: true, Extensions: []string{"hint"}}, nil, "The service reported an error.", []string{"hint"}},
		"none":             {ErrorRules{Extensions: []string{}}, nil, "row 7 of users_v2", nil},
		"by name":          {ErrorRules{Extensions: []string{"exception"}}, nil, "row 7 of users_v2", []string{"exception"}},
		"its own":          {ErrorRules{}, &ErrorRules{Mask: true}, "The service reported an error.", nil},
		"its own, open":    {ErrorRules{Mask: true}, &ErrorRules{}, "row 7 of users_v2", []string{"hint"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakes(t)
			f.on("users", users)
			r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport, Errors: c.all, Subgraphs: map[string]SubgraphConfig{"users": {Errors: c.own}}})
			got := post(t, r, `{ user(id: "u1") { id } }`, "")
			wantProblems(t, got, `["user"] LOCKED`)
			if got.Errors[0].Message != c.message {
				t.Errorf("message %q, want %q", got.Errors[0].Message, c.message)
			}
			var names []string
			for k := range got.Errors[0].Extensions {
				if k != "code" && k != "traceId" {
					names = append(names, k)
				}
			}
			if slices.Sort(names); !slices.Equal(names, c.extensions) {
				t.Errorf("extensions %q, want %q", names, c.extensions)
			}
		})
	}
}

// TestErrorOfSeveralFields: an error that a subgraph gave without a path stands
// at each field that it is about, and the rules hold for each of them.
func TestErrorOfSeveralFields(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":null,"errors":[{"message":"no context","extensions":{"code":"LOCKED","exception":{"stacktrace":["x.js:1"]},"hint":"h"}}]}`)
	got := post(t, startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport}), `{ tweet(id: "t1") { text } latest(limit: 1) { text } }`, "")
	wantProblems(t, got, `["tweet"] LOCKED`, `["latest"] LOCKED`)
	for _, e := range got.Errors {
		delete(e.Extensions, "traceId")
		if want := map[string]any{"code": "LOCKED", "hint": "h"}; !maps.Equal(e.Extensions, want) {
			t.Errorf("extensions %v, want %v", e.Extensions, want)
		}
	}
}

// TestExposePlan: who may and asks for it gets the plan as a tree and as text,
// and the answer beside it.
func TestExposePlan(t *testing.T) {
	plan := func(expose bool, header string) (reply, []struct {
		Tree json.RawMessage
		Text string
	},
	) {
		t.Helper()
		f := homeFakes(t)
		got := post(t, startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport, ExposePlan: expose}), homeQuery, `{"n":20}`, planHeader, header)
		var body struct {
			Extensions struct {
				Plan []struct {
					Tree json.RawMessage
					Text string
				}
			}
		}
		if err := json.Unmarshal([]byte(got.Body), &body); err != nil {
			t.Fatal(err)
		}
		return got, body.Extensions.Plan
	}
	for _, c := range []struct {
		expose bool
		header string
	}{{false, "1"}, {true, ""}, {true, "0"}} {
		if got, p := plan(c.expose, c.header); p != nil || strings.Contains(got.Body, "extensions") {
			t.Errorf("%+v: the plan was shown", c)
		}
	}
	got, p := plan(true, "1")
	if len(p) != 1 || len(got.Errors) != 0 || !strings.HasPrefix(string(got.Data), `{"feed":`) {
		t.Fatalf("answer %s", got.Body)
	}
	for _, want := range []string{"feed", "tweets", "engagement", "users"} {
		if !strings.Contains(string(p[0].Tree), `"subgraph":"`+want+`"`) || !strings.Contains(p[0].Text, want) {
			t.Errorf("the plan does not name %s: %s\n%s", want, p[0].Tree, p[0].Text)
		}
	}
}
