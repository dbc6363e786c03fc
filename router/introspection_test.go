package router

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestIntrospection(t *testing.T) {
	r := social(t, newFakes(t))
	got := post(t, r, `query($n: String!, $d: Boolean) { __typename t: __type(name: $n) { __typename kind name inputFields(includeDeprecated: $d) { name defaultValue type { kind ofType { name } } isDeprecated } } none: __type(name: "Nope") { name } s: __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name isRepeatable } } }`, `{"n":"PostTweetInput"}`)
	wantData(t, got, `{"__typename":"Query","t":{"__typename":"__Type","kind":"INPUT_OBJECT","name":"PostTweetInput","inputFields":[`+
		`{"name":"text","defaultValue":null,"type":{"kind":"NON_NULL","ofType":{"name":"String"}},"isDeprecated":false},`+
		`{"name":"mood","defaultValue":"CALM","type":{"kind":"ENUM","ofType":null},"isDeprecated":false},`+
		`{"name":"tags","defaultValue":null,"type":{"kind":"LIST","ofType":{"name":null}},"isDeprecated":false}]},`+
		`"none":null,"s":{"queryType":{"name":"Query"},"mutationType":{"name":"Mutation"},"subscriptionType":null,"directives":[`+
		`{"name":"deprecated","isRepeatable":false},{"name":"include","isRepeatable":false},{"name":"oneOf","isRepeatable":false},{"name":"skip","isRepeatable":false},{"name":"specifiedBy","isRepeatable":false}]}}`)
	off := start(t, Config{Source: Static(socialSDL), DisableIntrospection: true})
	if got := post(t, off, `{ __schema { queryType { name } } }`, ""); got.Status != 400 || !strings.Contains(got.Body, "switched off") {
		t.Errorf("introspection is not off: %s", got.Body)
	}
	if got := post(t, off, `{ __typename }`, ""); got.Status != 200 {
		t.Errorf("__typename: %s", got.Body)
	}
}

// meshSDL has 60 types, each with 30 fields of other ones.
func meshSDL() string {
	var b strings.Builder
	head, _, _ := strings.Cut(oneSDL, "type Query")
	b.WriteString(head + "type Query @join__type(graph: A) { t0: T0 }\n")
	for i := range 60 {
		fmt.Fprintf(&b, "type T%d @join__type(graph: A) {", i)
		for j := range 30 {
			fmt.Fprintf(&b, " field%d: T%d", j, (i+j)%60)
		}
		b.WriteString(" }\n")
	}
	return b.String()
}

// TestIntrospectionIsBounded: types lead to fields and fields to types; what
// would be too large is refused, whatever of it is a variable, and little of
// what is answered is kept.
func TestIntrospectionIsBounded(t *testing.T) {
	r := startQuiet(t, Config{Source: Static(meshSDL()), Transport: newFakes(t).transport})
	wide := func(n int, comment, head, args string) string {
		var b strings.Builder
		b.WriteString("#" + comment + "\n" + head + "{ __schema {")
		for i := range n {
			fmt.Fprintf(&b, "t%d: types { fields%s { type { fields { name } } } } ", i, args)
		}
		return b.String() + "} }"
	}
	for _, c := range []struct{ head, args string }{{"", ""}, {"query($d: Boolean)", "(includeDeprecated: $d)"}} {
		if got := post(t, r, wide(400, "", c.head, c.args), ""); got.Status != http.StatusBadRequest || len(got.Body) > 1000 || !strings.Contains(got.Body, "too large") {
			t.Errorf("%s: %d, %d bytes, %.200s", c.head, got.Status, len(got.Body), got.Body)
		}
		if got := post(t, r, wide(1, "", c.head, c.args), ""); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, `{"data":{"__schema":{"t0":[{`) {
			t.Errorf("%s: %d %.200s", c.head, got.Status, got.Body)
		}
	}
	before := memory()
	size := 0
	for n := range 25 { // 25 documents, kept as such
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, request(t, wide(2, fmt.Sprint(n), "", ""), ""))
		size += rec.Body.Len()
	}
	if size < 30<<20 {
		t.Fatalf("the answers have %d bytes in all: that shows nothing", size)
	}
	if grown := memory() - before; grown > 25<<20 {
		t.Errorf("%d MiB are kept of %d", grown>>20, size>>20)
	}
}

// relaySDL has fields, one of them behind an interface, that lead back to the
// type of the query root.
func relaySDL() string {
	head, _, _ := strings.Cut(oneSDL, "type Query")
	return head + `
interface Node @join__type(graph: A) { id: ID }
type Query @join__type(graph: A) { query: Query node: Node name: String }
type User implements Node @join__type(graph: A) @join__implements(graph: A, interface: "Node") { id: ID query: Query }
`
}

// TestIntrospectionBelowTheRoot: the query type can be asked about the schema
// wherever it stands, and no subgraph hears of it.
func TestIntrospectionBelowTheRoot(t *testing.T) {
	f := newFakes(t)
	f.on("a", `{"data":{"query":{"__typename":"Query","name":"n"},"node":{"__typename":"User","id":"1","query":{"__typename":"Query"}}}}`)
	const below = `query($n: String!) { query { name __schema { queryType { name } } } node { ... on User { query { ...Asks } } } }
		fragment Asks on Query { __type(name: $n) { name } }`
	wantData(t, post(t, startQuiet(t, Config{Source: Static(relaySDL()), Transport: f.transport}), below, `{"n":"User"}`),
		`{"query":{"name":"n","__schema":{"queryType":{"name":"Query"}}},"node":{"query":{"__type":{"name":"User"}}}}`)
	for _, c := range f.calls {
		if strings.Contains(c.Query, "__schema") || strings.Contains(c.Query, "__type(") {
			t.Errorf("a subgraph was asked %s", c.Query)
		}
	}
	off := startQuiet(t, Config{Source: Static(relaySDL()), Transport: f.transport, DisableIntrospection: true})
	for _, query := range []string{
		`{ query { __schema { queryType { name } } } }`,
		`{ node { ... on User { query { __type(name: "User") { name } } } } }`,
		`{ name ...F } fragment F on Query { __schema { queryType { name } } }`,
		`query($no: Boolean = false) { name __schema @include(if: $no) { queryType { name } } }`,
	} {
		if got := post(t, off, query, ""); got.Status != http.StatusBadRequest || !strings.Contains(got.Body, "switched off") {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
}

// TestIntrospectionIsBoundedAsAWhole: many answers, each of a size that may be,
// are too large together.
func TestIntrospectionIsBoundedAsAWhole(t *testing.T) {
	r := startQuiet(t, Config{Source: Static(meshSDL()), Transport: newFakes(t).transport})
	ask := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "s%d: __schema { types { fields { type { fields { name } } } } } ", i)
		}
		return "{" + b.String() + "}"
	}
	if got := post(t, r, ask(2), ""); got.Status != http.StatusOK {
		t.Errorf("two: %d %.200s", got.Status, got.Body)
	}
	if got := post(t, r, ask(100), ""); got.Status != http.StatusBadRequest || !strings.Contains(got.Body, "too large") {
		t.Errorf("a hundred: %d, %d bytes", got.Status, len(got.Body))
	}
}

// TestIntrospectionIsBoundedWhereverItIsRepeated: what is asked once may have its
// answer at many positions, by a fragment or in a list.
func TestIntrospectionIsBoundedWhereverItIsRepeated(t *testing.T) {
	const many = 40
	f := newFakes(t)
	f.answer["a"] = func(c call) string {
		if strings.Contains(c.Query, "queries") {
			return `{"data":{"queries":[` + strings.Repeat(`{"__typename":"Query","name":"n"},`, many) + `{"__typename":"Query","name":"n"}]}}`
		}
		var b strings.Builder
		for i := range many {
			fmt.Fprintf(&b, `"q%d":{"__typename":"Query","name":"n"},`, i)
		}
		return `{"data":{` + b.String() + `"query":{"__typename":"Query","name":"n"}}}`
	}
	r := startQuiet(t, Config{Source: Static(strings.Replace(meshSDL(), "{ t0: T0 }", "{ name: String query: Query queries: [Query] }", 1)), Transport: f.transport})
	asks := ` fragment Asks on Query { __schema { types { fields { type { fields { name } } } } } }`
	var repeated strings.Builder
	for i := range many {
		fmt.Fprintf(&repeated, "q%d: query { name ...Asks } ", i)
	}
	for _, query := range []string{"{ queries { name ...Asks } }" + asks, "{ query { name ...Asks } " + repeated.String() + "}" + asks} {
		got := post(t, r, query, "")
		if len(got.Body) < 1<<20 || len(got.Body) > 9<<20 {
			t.Errorf("%.40s: %d bytes, want one answer and no more than can be had at once", query, len(got.Body))
		}
		if len(got.Errors) == 0 || !strings.Contains(got.Errors[0].Message, "too large") || got.Errors[0].Extensions["code"] != CodeValidation {
			t.Errorf("%.40s: nothing is said: %.200s", query, got.Body)
		}
	}
}
