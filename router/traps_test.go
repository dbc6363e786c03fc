package router

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

//go:embed testdata/shop.graphqls
var shopSDL string

func shop(t testing.TB, f *fakes) *Router {
	return startQuiet(t, Config{Source: Static(shopSDL), Transport: f.transport})
}

// TestRequiresBesideArguments: the price that a @requires asks for is not the
// one that the client asks for with an argument.
func TestRequiresBesideArguments(t *testing.T) {
	f := newFakes(t)
	f.answer["products"] = func(c call) string {
		// price with an argument has a name of its own; the plain one is 100.
		i := strings.Index(c.Query, ": price(")
		if i < 0 {
			t.Fatalf("no price with an argument under another name in %s", c.Query)
		}
		alias := c.Query[strings.LastIndexAny(c.Query[:i], " {\n")+1 : i]
		if alias == "price" {
			t.Errorf("the client's price shadows the required one: %s", c.Query)
		}
		return fmt.Sprintf(`{"data":{"product":{"__typename":"Product","id":"p1","price":100,%q:97}}}`, alias)
	}
	f.on("stock", `{"data":{"_entities":[{"__typename":"Product","weight":7}]}}`)
	f.on("shipping", `{"data":{"_entities":[{"__typename":"Product","cost":12}]}}`)
	got := post(t, shop(t, f), `{ product { price(cut: 3) cost } }`, "")
	wantData(t, got, `{"product":{"price":97,"cost":12}}`)
	rep := f.to("shipping")[0].reps(t)["representations"][0]
	if rep["price"] != 100.0 || rep["weight"] != 7.0 {
		t.Errorf("representation %v", rep)
	}
}

// TestRequiresAfterFailure: a subgraph is not called with what could not be
// fetched.
func TestRequiresAfterFailure(t *testing.T) {
	for name, stock := range map[string]string{
		"down":        "",
		"field error": `{"data":{"_entities":[{"__typename":"Product","weight":null}]},"errors":[{"message":"m","path":["_entities",0,"weight"]}]}`,
		"null entity": `{"data":{"_entities":[null]},"errors":[{"message":"m","path":["_entities",0]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakes(t)
			f.on("products", `{"data":{"product":{"__typename":"Product","id":"p1","price":100,"name":"n"}}}`)
			f.on("stock", stock)
			got := post(t, shop(t, f), `{ product { name cost } }`, "")
			if want := `{"product":{"name":"n","cost":null}}`; string(got.Data) != want {
				t.Errorf("data %s, want %s", got.Data, want)
			}
			if len(f.to("shipping")) != 0 {
				t.Errorf("shipping was called: %s", f.to("shipping")[0].Variables)
			}
			if len(got.Errors) != 1 || got.Errors[0].Extensions["serviceName"] != "stock" {
				t.Errorf("errors %v", problems(got))
			}
		})
	}
	t.Run("null without an error", func(t *testing.T) {
		f := newFakes(t)
		f.on("products", `{"data":{"product":{"__typename":"Product","id":"p1","price":100}}}`)
		f.on("stock", `{"data":{"_entities":[{"__typename":"Product","weight":null}]}}`)
		f.on("shipping", `{"data":{"_entities":[{"__typename":"Product","cost":1}]}}`)
		wantData(t, post(t, shop(t, f), `{ product { cost } }`, ""), `{"product":{"cost":1}}`)
	})
}

// TestCompositeHop: a way over a third subgraph to a composite key, with a
// member of the key selected.
func TestCompositeHop(t *testing.T) {
	f := newFakes(t)
	f.on("products", `{"data":{"product":{"__typename":"Product","id":"p1"}}}`)
	answer := func(c call) string {
		keys := `,"offer":5`
		for _, field := range []string{"stockId", "_s0_stockId", "_s1_stockId", "_s2_stockId"} {
			if strings.Contains(c.Query, field) {
				keys += fmt.Sprintf(`,%q:"s1"`, field)
			}
		}
		return `{"data":{"_entities":[{"__typename":"Product"` + keys + `}]}}`
	}
	f.answer["base"], f.answer["prices"] = answer, answer
	got := post(t, shop(t, f), `{ product { stockId offer } }`, "")
	wantData(t, got, `{"product":{"stockId":"s1","offer":5}}`)
}

// TestShadowedKeys: an alias may be the name of a key.
func TestShadowedKeys(t *testing.T) {
	f := newFakes(t)
	f.answer["products"] = func(c call) string {
		i := strings.Index(c.Query, ": name")
		alias := c.Query[strings.LastIndexAny(c.Query[:i], " {\n")+1 : i]
		return fmt.Sprintf(`{"data":{"product":{"__typename":"Product","id":"p1",%q:"called"}}}`, alias)
	}
	f.on("stock", `{"data":{"_entities":[{"__typename":"Product","weight":7}]}}`)
	got := post(t, shop(t, f), `{ product { id: name weight } }`, "")
	wantData(t, got, `{"product":{"id":"called","weight":7}}`)
	if rep := f.to("stock")[0].reps(t)["representations"][0]; rep["id"] != "p1" {
		t.Errorf("representation %v", rep)
	}
}

// TestInterfaceObjectWithoutTypes: __typename of what nothing implements.
func TestInterfaceObjectWithoutTypes(t *testing.T) {
	f := newFakes(t)
	f.on("stock", `{"data":{"media":{"__typename":"Media","id":"m1","size":3}}}`)
	wantData(t, post(t, shop(t, f), `{ media { id size } }`, ""), `{"media":{"id":"m1","size":3}}`)
	got := post(t, shop(t, f), `{ media { __typename size } }`, "")
	if len(got.Errors) == 0 {
		t.Errorf("there is no type that could be told: %s", got.Body)
	}
}

// TestLiterals: what a literal means arrives, whatever its form.
func TestLiterals(t *testing.T) {
	for literal, want := range map[string]string{
		`id: 12345678901234567890`:                      `{"id":"12345678901234567890"}`,
		`ids: [1, "b"]`:                                 `{"ids":["1","b"]}`,
		`ids: 3`:                                        `{"ids":["3"]}`,
		`text: "\u{1F511} \u00e9 \t"`:                   `{"text":"🔑 é \t"}`,
		`text: "\ud83d\udd11"`:                          `{"text":"🔑"}`,
		`text: """a \""" "b" \n` + "\n" + `  c"""`:      `{"text":"a \"\"\" \"b\" \\n\n  c"}`,
		`any: {a: [1, 2.5, X, true, null], b: "$$0$$"}`: `{"any":{"a":[1,2.5,"X",true,null],"b":"$$0$$"}}`,
		`text: null`:                                    `{"text":null}`,
		``:                                              `{}`,
	} {
		f := newFakes(t)
		f.on("products", `{"data":{"echo":"e"}}`)
		args := ""
		if literal != "" {
			args = "(" + literal + ")"
		}
		wantData(t, post(t, shop(t, f), `{ echo`+args+` }`, ""), `{"echo":"e"}`)
		calls := f.to("products")
		if len(calls) == 0 {
			continue
		}
		c := calls[0]
		var vars map[string]json.RawMessage
		if err := json.Unmarshal(c.Variables, &vars); err != nil {
			t.Fatal(err)
		}
		// The variables have names of the router's; their values must be right.
		name, _, _ := strings.Cut(literal, ":")
		got := "{}"
		for _, v := range vars {
			got = fmt.Sprintf(`{%q:%s}`, name, v)
		}
		var a, b any
		if err := json.Unmarshal([]byte(got), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(want), &b); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: went on as %s, want %s", literal, got, want)
		}
	}
}

// TestEqualArguments: the order of arguments and of object members makes no
// difference between two fields.
func TestEqualArguments(t *testing.T) {
	f := newFakes(t)
	f.on("products", `{"data":{"echo":"e"}}`)
	wantData(t, post(t, shop(t, f), `{ echo(text: "a", any: {x: 1, y: 2}) ... on Query { echo(any: {y: 2, x: 1}, text: "a") } }`, ""), `{"echo":"e"}`)
}

// tokenEcho is a subgraph that answers with the token that it got, slowly
// enough that calls meet.
func tokenEcho(calls *sync.Map, gate chan struct{}) func(string) http.RoundTripper {
	return func(string) http.RoundTripper {
		return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			token := r.Header.Get("Authorization")
			n, _ := calls.LoadOrStore(token, new([]string))
			list := n.(*[]string)
			*list = append(*list, string(body))
			if gate != nil {
				<-gate
			}
			fmt.Fprintf(w, `{"data":{"user":{"__typename":"User","id":%q,"mail":"m","name":"n"}}}`, token)
		}))
	}
}

// TestDeduplication: equal calls share one answer; calls that differ in the
// token never do.
func TestDeduplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls sync.Map
		gate := make(chan struct{})
		r := startQuiet(t, Config{Source: Static(socialSDL), Transport: tokenEcho(&calls, gate), Deduplicate: true})
		const users, each = 5, 20
		answers := make([]string, users*each)
		var wg sync.WaitGroup
		for i := range answers {
			req := request(t, `{ user(id: "u1") { id } }`, "", "Authorization", fmt.Sprint("u", i%users))
			wg.Go(func() {
				rec := httptest.NewRecorder()
				r.ServeHTTP(rec, req)
				answers[i] = rec.Body.String()
			})
		}
		synctest.Wait()
		close(gate)
		wg.Wait()
		for i, got := range answers {
			if want := fmt.Sprintf(`{"data":{"user":{"id":"u%d"}}}`, i%users); got != want {
				t.Errorf("answer %d: %s, want %s", i, got, want)
			}
		}
		calls.Range(func(token, list any) bool {
			if n := len(*list.(*[]string)); n != 1 {
				t.Errorf("%s: %d calls, want one", token, n)
			}
			return true
		})
	})
}

// TestDeduplicationAndDecisions: who is denied never shares with who is not.
func TestDeduplicationAndDecisions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		cfg := Config{Source: Static(guardedSDL()), Deduplicate: true, Authenticator: byName{}, Headers: HeaderRules{DropAuthorization: true}}
		cfg.Transport = func(string) http.RoundTripper {
			return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-gate
				_, _ = io.WriteString(w, `{"data":{"user":{"__typename":"User","id":"u1","mail":"m","name":"n"}}}`)
			}))
		}
		r := startQuiet(t, cfg)
		answers := make([]string, 100)
		var wg sync.WaitGroup
		for i := range answers {
			scopes := "read"
			if i == 0 {
				scopes = "admin"
			}
			req := request(t, `{ user(id: "u1") { name mail } }`, "", "X-Test", scopes)
			wg.Go(func() {
				rec := httptest.NewRecorder()
				r.ServeHTTP(rec, req)
				answers[i] = rec.Body.String()
			})
		}
		synctest.Wait()
		close(gate)
		wg.Wait()
		if !strings.Contains(answers[0], `"mail":"m"`) {
			t.Errorf("the allowed one: %s", answers[0])
		}
		for _, a := range answers[1:] {
			if strings.Contains(a, `"mail":"m"`) {
				t.Fatalf("a denied one got the allowed one's data: %s", a)
			}
		}
	})
}

// TestConcurrentAnswers: under load every client gets its own answer, and
// nothing of it comes from another one's memory.
func TestConcurrentAnswers(t *testing.T) {
	cfg := Config{Source: Static(socialSDL)}
	cfg.Transport = func(string) http.RoundTripper {
		return InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			token := r.Header.Get("Authorization")
			fmt.Fprintf(w, `{"data":{"user":{"__typename":"User","id":%q,"name":%q}}}`, token, strings.Repeat(token, 50))
		}))
	}
	r := startQuiet(t, cfg)
	var wg sync.WaitGroup
	bad := make(chan string, 400)
	for i := range 400 {
		token := fmt.Sprintf("t%03d", i)
		req := request(t, `{ user(id: "u1") { id name } }`, "", "Authorization", token)
		wg.Go(func() {
			rec := httptest.NewRecorder()
			r.ServeHTTP(rec, req)
			if want := fmt.Sprintf(`{"data":{"user":{"id":%q,"name":%q}}}`, token, strings.Repeat(token, 50)); rec.Body.String() != want {
				bad <- rec.Body.String()
			}
		})
	}
	wg.Wait()
	close(bad)
	for b := range bad {
		t.Errorf("a wrong answer: %.100s", b)
	}
}

// TestPlanStability: one query planned many times gives one answer.
func TestPlanStability(t *testing.T) {
	var answers []string
	for range 15 {
		answers = append(answers, post(t, social(t, homeFakes(t)), homeQuery, `{"n":20}`).Body)
	}
	slices.Sort(answers)
	if len(slices.Compact(answers)) != 1 {
		t.Errorf("answers differ: %v", answers)
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

// providedSDL has a key that subgraph a can give below one field only.
func providedSDL() string {
	head, _, _ := strings.Cut(contextSDL, "enum join__Graph")
	head = strings.NewReplacer(`@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)`, "").Replace(head)
	return head + `
enum join__Graph { A @join__graph(name: "a", url: "http://a.test/") B @join__graph(name: "b", url: "http://b.test/") C @join__graph(name: "c", url: "http://c.test/") }
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  best: T @join__field(graph: A, provides: "sku")
  plain: T @join__field(graph: A)
}
type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "sku") @join__type(graph: C, key: "id") @join__type(graph: C, key: "sku") {
  id: ID! @join__field(graph: A) @join__field(graph: C)
  sku: ID @join__field(graph: A, external: true) @join__field(graph: B) @join__field(graph: C)
  price: Int @join__field(graph: B)
}
`
}

// TestProvidedKey: a key that is external and provided is taken from where it
// is provided, and from nowhere else of that subgraph.
func TestProvidedKey(t *testing.T) {
	f := newFakes(t)
	f.answer["a"] = func(c call) string {
		if strings.Contains(c.Query, "plain") {
			if strings.Contains(c.Query, "sku") {
				t.Errorf("a was asked for a key that it does not give there: %s", c.Query)
			}
			return `{"data":{"plain":{"__typename":"T","id":"1"}}}`
		}
		return `{"data":{"best":{"__typename":"T","id":"1","sku":"s1"}}}`
	}
	f.on("b", `{"data":{"_entities":[{"__typename":"T","sku":"s1","price":5}]}}`)
	f.on("c", `{"data":{"_entities":[{"__typename":"T","id":"1","sku":"s1"}]}}`)
	r := startQuiet(t, Config{Source: Static(providedSDL()), Transport: f.transport})
	for field, over := range map[string]int{"best": 0, "plain": 1} {
		before := len(f.to("c"))
		wantData(t, post(t, r, "{ "+field+" { price } }", ""), `{"`+field+`":{"price":5}}`)
		if n := len(f.to("c")) - before; n > over {
			t.Errorf("%s: c was asked %d times, want %d", field, n, over)
		}
	}
	for _, c := range f.to("b") {
		if rep := c.reps(t)["representations"][0]; rep["sku"] != "s1" {
			t.Errorf("representation %v", rep)
		}
	}
}

// TestSubscriptions: they are refused before anything is started for them.
func TestSubscriptions(t *testing.T) {
	sdl := strings.Replace(socialSDL, "query: Query", "query: Query\n  subscription: Subscription", 1) +
		"\ntype Subscription @join__type(graph: TWEETS) { posted: Tweet @join__field(graph: TWEETS) }\n"
	f := newFakes(t)
	r := startQuiet(t, Config{Source: Static(sdl), Transport: f.transport})
	for _, query := range []string{`subscription { posted { id } }`, `subscription { posted { id likeCount } }`} {
		got := post(t, r, query, "")
		if got.Status != http.StatusBadRequest || len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "not served") {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	if got := post(t, r, `subscription { posted { id } other: posted { id } }`, ""); got.Status != http.StatusBadRequest || got.Errors[0].Extensions["code"] != CodeValidation {
		t.Errorf("two root fields: %s", got.Body)
	}
	if len(f.calls) > 0 {
		t.Errorf("a subgraph was called: %v", f.calls)
	}
}
