package router

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// doubling is a query of fragments each of which uses the next one twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{ tweet(id: 1) { ...F0 } }")
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Tweet { a: inReplyTo { ...F%d } b: inReplyTo { ...F%d } }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Tweet { id }", n)
	return b.String()
}

// TestLimits: what is too large is refused, and quickly.
func TestLimits(t *testing.T) {
	r := start(t, Config{Source: Static(socialSDL), Transport: newFakes(t).transport})
	var aliases strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&aliases, "a%d:__typename ", i)
	}
	for name, c := range map[string]struct{ query, code string }{
		"doubling fragments":    {doubling(12), "GRAPHQL_VALIDATION_FAILED"},
		"endless fragments":     {doubling(60), "GRAPHQL_VALIDATION_FAILED"},
		"aliases":               {"{" + aliases.String() + "}", "GRAPHQL_PARSE_FAILED"},
		"the same field":        {"{" + strings.Repeat("__typename ", 14_000) + "}", "GRAPHQL_VALIDATION_FAILED"},
		"depth":                 {"{ tweet(id: 1) " + strings.Repeat("{ inReplyTo ", 60) + "{ id }" + strings.Repeat("}", 60) + "}", "GRAPHQL_VALIDATION_FAILED"},
		"brackets":              {"{ a(b: " + strings.Repeat("[", 20_000), "GRAPHQL_PARSE_FAILED"},
		"a fragment of itself":  {"{ tweet(id: 1) { ...F } } fragment F on Tweet { inReplyTo { ...F } }", "GRAPHQL_VALIDATION_FAILED"},
		"two of each other":     {"{ tweet(id: 1) { ...F } } fragment F on Tweet { ...G } fragment G on Tweet { ...F }", "GRAPHQL_VALIDATION_FAILED"},
		"many root fields":      {"{" + strings.Repeat("tweet(id: 1) { id } ", 200) + "}", "GRAPHQL_VALIDATION_FAILED"},
		"many aliases of types": {"{" + strings.Repeat("x: __typename ", 600) + "}", "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			got := post(t, r, c.query, "")
			if len(got.Errors) == 0 || got.Errors[0].Extensions["code"] != c.code {
				t.Errorf("answer %.300s, want %s", got.Body, c.code)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	r := start(t, Config{Source: Static(socialSDL), Transport: newFakes(t).transport, Limits: LimitsConfig{BodyBytes: 1000}})
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"too large":   {`{"query":"{ __typename }","x":"` + strings.Repeat("x", 1000) + `"}`, 413},
		"empty":       {``, 400},
		"not JSON":    {`{`, 400},
		"a list":      {`[{"query":"{ __typename }"}]`, 400},
		"no query":    {`{}`, 400},
		"variables":   {`{"query":"{ __typename }","variables":[]}`, 400},
		"all is well": {`{"query":"{ __typename }","variables":null,"extensions":{},"operationName":null}`, 200},
	} {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(c.body))
			req.Header.Set("Content-Type", "application/json")
			got := do(t, r, req)
			if got.Status != c.status {
				t.Errorf("status %d, want %d: %s", got.Status, c.status, got.Body)
			}
			if c.status >= 400 && got.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
				t.Errorf("code %v", got.Errors[0].Extensions["code"])
			}
		})
	}
}

// TestForeignPages: pages of other sites cannot use a browser's user.
func TestForeignPages(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"tweet":null}}`)
	r := start(t, Config{Source: Static(socialSDL), Transport: f.transport, HTTP: HTTPConfig{AllowedOrigins: []string{"https://friend.test"}}})
	get := func(query string, headers ...string) reply {
		req := httptest.NewRequest(http.MethodGet, "/graphql?query="+strings.ReplaceAll(query, " ", "%20"), nil)
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		return do(t, r, req)
	}
	if got := get(`{tweet(id:1){id}}`); got.Status != 200 {
		t.Errorf("GET: %d %s", got.Status, got.Body)
	}
	if got := get(`mutation{likeTweet(id:1){id}}`); got.Status != 405 {
		t.Errorf("a mutation by GET: %d %s", got.Status, got.Body)
	}
	if got := get(`{tweet(id:1){id}}`, "Sec-Fetch-Site", "cross-site"); got.Status != 403 {
		t.Errorf("GET from another site: %d", got.Status)
	}
	if got := get(`{tweet(id:1){id}}`, "Sec-Fetch-Site", "same-origin"); got.Status != 200 {
		t.Errorf("GET from our own page: %d", got.Status)
	}
	if got := post(t, r, `{__typename}`, "", "Sec-Fetch-Site", "cross-site", "Origin", "https://foe.test"); got.Status != 403 {
		t.Errorf("POST from another site: %d", got.Status)
	}
	got := post(t, r, `{__typename}`, "", "Sec-Fetch-Site", "cross-site", "Origin", "https://friend.test")
	if got.Status != 200 || got.Header.Get("Access-Control-Allow-Origin") != "https://friend.test" {
		t.Errorf("POST from a friend: %d %v", got.Status, got.Header)
	}
	req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{__typename}"}`))
	req.Header.Set("Content-Type", "text/plain")
	if got := do(t, r, req); got.Status != 415 {
		t.Errorf("a simple request: %d", got.Status)
	}
}

// TestPagesMaySendWhatIsRead: what a preflight allows are the headers that
// mean something to the router or to a subgraph.
func TestPagesMaySendWhatIsRead(t *testing.T) {
	tokens, err := JWT(JWTConfig{Header: "x-token", Issuers: []JWTIssuer{{Issuer: "i", Audience: "a", URL: "http://keys.test/"}}})
	if err != nil {
		t.Fatal(err)
	}
	r := startQuiet(t, Config{
		Source: Static(socialSDL), Transport: newFakes(t).transport, Authenticator: tokens,
		HTTP:      HTTPConfig{AllowedOrigins: []string{"https://friend.test"}, OverrideKeyHeader: "X-Visitor"},
		Headers:   HeaderRules{Forward: []string{"accept-language", "X-Visitor"}},
		Subgraphs: map[string]SubgraphConfig{"users": {Headers: &HeaderRules{Forward: []string{"X-Tenant"}}}},
	})
	req := httptest.NewRequest(http.MethodOptions, "/graphql", nil)
	req.Header.Set("Origin", "https://friend.test")
	got := do(t, r, req).Header.Get("Access-Control-Allow-Headers")
	for _, name := range []string{"Content-Type", "X-Token", "X-Visitor", "Accept-Language", "X-Tenant", "Starling-Client-Name", "Starling-Plan"} {
		if !strings.Contains(got, name) {
			t.Errorf("%s is not in %s", name, got)
		}
	}
	if strings.Count(got, "X-Visitor") != 1 {
		t.Errorf("allowed are %s", got)
	}
}

func TestCost(t *testing.T) {
	sdl := strings.NewReplacer(
		`@link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)`, `@link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])`,
		`scalar link__Import`, `scalar link__Import
directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION`,
		`feed(first: Int = 20, after: String): FeedConnection @join__field(graph: FEED)`,
		`feed(first: Int = 20, after: String): FeedConnection @join__field(graph: FEED) @listSize(slicingArguments: ["first"], sizedFields: ["edges"], assumedSize: 20, requireOneSlicingArgument: false)`,
		`likeCount: Int @join__field(graph: ENGAGEMENT)`, `likeCount: Int @join__field(graph: ENGAGEMENT) @cost(weight: 3)`,
	).Replace(socialSDL)
	f := newFakes(t)
	f.on("feed", `{"data":{"feed":{"edges":[]}}}`)
	r := start(t, Config{Source: Static(sdl), Transport: f.transport, Limits: LimitsConfig{Cost: 100}})
	const query = `query($n: Int) { feed(first: $n) { edges { node { id likeCount } } } }`
	// 1 for the connection, and for each edge 1, its node 1, the count 3.
	for _, c := range []struct {
		variables string
		cost      int
	}{{`{"n":10}`, 51}, {`{"n":19}`, 96}, {`{"n":20}`, 101}, {`{}`, 101}, {`{"n":1000000000}`, 5_000_000_001}} {
		got := post(t, r, query, c.variables)
		if ok := got.Status == 200; ok != (c.cost <= 100) {
			t.Errorf("%s: status %d: %s", c.variables, got.Status, got.Body)
		}
		if c.cost > 100 && !strings.Contains(got.Body, fmt.Sprint("may cost ", c.cost)) {
			t.Errorf("%s: want cost %d: %s", c.variables, c.cost, got.Body)
		}
	}
	if n := len(f.to("feed")); n != 2 {
		t.Errorf("the subgraph was called %d times, want 2", n)
	}
}

// TestSlicingArguments: a list that needs exactly one of them is refused
// without, by the variables of each request, also when the plan is known.
func TestSlicingArguments(t *testing.T) {
	sdl := strings.NewReplacer(
		`@link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)`, `@link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])`,
		`scalar link__Import`, `scalar link__Import
directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION`,
		`feed(first: Int = 20, after: String): FeedConnection @join__field(graph: FEED)`,
		`feed(first: Int, last: Int, after: String): FeedConnection @join__field(graph: FEED) @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges"])`,
	).Replace(socialSDL)
	f := newFakes(t)
	f.on("feed", `{"data":{"feed":{"edges":[]}}}`)
	r := start(t, Config{Source: Static(sdl), Transport: f.transport, Limits: LimitsConfig{Cost: 1000}})
	for _, c := range []struct {
		query, variables string
		ok               bool
	}{
		{`{ feed(first: 5) { edges { cursor } } }`, "", true},
		{`{ feed { edges { cursor } } }`, "", false},
		{`{ feed(first: 5, last: 5) { edges { cursor } } }`, "", false},
		{`query($f: Int, $l: Int) { feed(first: $f, last: $l) { edges { cursor } } }`, `{"f":5}`, true},
		{`query($f: Int, $l: Int) { feed(first: $f, last: $l) { edges { cursor } } }`, `{"f":5,"l":5}`, false},
		{`query($f: Int, $l: Int) { feed(first: $f, last: $l) { edges { cursor } } }`, `{}`, false},
		{`query($f: Int, $l: Int) { feed(first: $f, last: $l) { edges { cursor } } }`, `{"l":5}`, true},
	} {
		before := len(f.to("feed"))
		got := post(t, r, c.query, c.variables)
		if ok := got.Status == 200; ok != c.ok {
			t.Errorf("%s %s: status %d: %s", c.query, c.variables, got.Status, got.Body)
		}
		if called := len(f.to("feed")) > before; called != c.ok {
			t.Errorf("%s %s: the subgraph was called: %t", c.query, c.variables, called)
		}
	}
}

// TestOverload: requests beyond the limit are refused at once, and surely not
// applied.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		cfg := Config{Source: Static(socialSDL), Limits: LimitsConfig{Requests: 2}}
		cfg.Transport = func(string) http.RoundTripper {
			return InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				<-gate
				_, _ = io.WriteString(w, `{"data":{"user":null}}`)
			}))
		}
		r := startQuiet(t, cfg)
		var wg sync.WaitGroup
		for range 2 {
			req := request(t, `{ user(id: "u1") { id } }`, "")
			wg.Go(func() { r.ServeHTTP(httptest.NewRecorder(), req) })
		}
		synctest.Wait()
		got := post(t, r, `{ __typename }`, "")
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "1" || got.Errors[0].Extensions["retryAfter"] != 1.0 {
			t.Errorf("answer %d %v %s", got.Status, got.Header, got.Body)
		}
		close(gate)
		wg.Wait()
		if got := post(t, r, `{ __typename }`, ""); got.Status != http.StatusOK {
			t.Errorf("after the load: %d", got.Status)
		}
	})
}
