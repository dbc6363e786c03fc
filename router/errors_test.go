package router

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problems are an answer's errors in short: path, code and service.
func problems(got reply) []string {
	var out []string
	for _, e := range got.Errors {
		path, _ := json.Marshal(e.Path)
		line := fmt.Sprintf("%s %v", path, e.Extensions["code"])
		if s, ok := e.Extensions["serviceName"]; ok {
			line += fmt.Sprintf(" %v", s)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func wantProblems(t *testing.T, got reply, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, problems(got)); diff != "" {
		t.Errorf("errors (-want +got):\n%s\n%s", diff, got.Body)
	}
	for _, e := range got.Errors {
		if id, _ := e.Extensions["traceId"].(string); len(id) != 32 {
			t.Errorf("error without a trace id: %v", e)
		}
	}
}

// TestEntityErrorPaths: representations are sent once, so entity 0 of the
// answer is users 0 and 2 of the list; each position has its own error.
func TestEntityErrorPaths(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"latest":[{"author":{"__typename":"User","id":"u1"}},{"author":{"__typename":"User","id":"u2"}},{"author":{"__typename":"User","id":"u1"}},{"author":null}]}}`)
	f.on("users", `{"data":{"_entities":[{"__typename":"User","mail":null},{"__typename":"User","mail":"m2"}]},"errors":[{"message":"mail is away","path":["_entities",0,"mail"],"extensions":{"code":"FORBIDDEN","retryAfter":2.5,"hint":[1,"x"]}}]}`)
	got := post(t, social(t, f), `{ latest(limit: 4) { author { mail } } }`, "")
	if want := `{"latest":[{"author":{"mail":null}},{"author":{"mail":"m2"}},{"author":{"mail":null}},{"author":null}]}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
	wantProblems(t, got, `["latest",0,"author","mail"] FORBIDDEN`, `["latest",2,"author","mail"] FORBIDDEN`)
	if x := got.Errors[0].Extensions; x["retryAfter"] != 2.5 || fmt.Sprint(x["hint"]) != "[1 x]" {
		t.Errorf("extensions %v", x)
	}
	if reps := f.to("users")[0].reps(t)["representations"]; len(reps) != 2 {
		t.Errorf("representations %v, want two", reps)
	}
}

// TestListsOfLists: entities inside lists of lists are joined, and their
// errors carry both indices.
func TestListsOfLists(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"grid":[[{"__typename":"Tweet","id":"a"},null],[],[{"__typename":"Tweet","id":"b"}]]}}`)
	f.on("engagement", `{"data":{"_entities":[{"__typename":"Tweet","likeCount":1},{"__typename":"Tweet","likeCount":null}]},"errors":[{"message":"lost","path":["_entities",1,"likeCount"]}]}`)
	got := post(t, social(t, f), `{ grid { id likeCount } }`, "")
	if want := `{"grid":[[{"id":"a","likeCount":1},null],[],[{"id":"b","likeCount":null}]]}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
	wantProblems(t, got, `["grid",2,0,"likeCount"] DOWNSTREAM_SERVICE_ERROR engagement`)
}

// TestBadAnswers: whatever a subgraph answers, the rest of the answer stays,
// and what is missing has an error with path, code and service.
func TestBadAnswers(t *testing.T) {
	const tweet = `{"data":{"tweet":{"__typename":"Tweet","id":"t1","text":"one"}}}`
	for name, answer := range map[string]string{
		"down":                "",
		"not JSON":            `<html>`,
		"errors of strings":   `{"data":{"_entities":[{"likeCount":1}]},"errors":["m"]}`,
		"errors is an object": `{"errors":{"message":"m"}}`,
		"neither":             `{"data":null}`,
		"entities of numbers": `{"data":{"_entities":[5]}}`,
		"too many entities":   `{"data":{"_entities":[{"likeCount":1},{"likeCount":2}]}}`,
		"too few entities":    `{"data":{"_entities":[]}}`,
		"entities is a map":   `{"data":{"_entities":{}}}`,
		"data is a list":      `{"data":[]}`,
		"a list":              `[]`,
		"not UTF-8":           "{\"data\":{\"_entities\":[{\"likeCount\":1,\"x\":\"\xff\"}]}}",
		"cut off":             `{"data":{"_entities":[{"likeCount":1}`,
		"error without path":  `{"errors":[{"message":"m"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakes(t)
			f.on("tweets", tweet)
			f.on("engagement", answer)
			got := post(t, social(t, f), `{ tweet(id: "t1") { text likeCount } }`, "")
			if want := `{"tweet":{"text":"one","likeCount":null}}`; string(got.Data) != want {
				t.Errorf("data %s, want %s", got.Data, want)
			}
			wantProblems(t, got, `["tweet"] DOWNSTREAM_SERVICE_ERROR engagement`)
		})
	}
}

// TestWrongKinds: a value of the wrong kind is an error at its path and null,
// and blanks at most the nearest nullable field.
func TestWrongKinds(t *testing.T) {
	for name, c := range map[string]struct{ value, data, problem string }{
		"float for Int":         {`{"likeCount":1.5}`, `{"tweet":{"text":"one","likeCount":null}}`, `["tweet","likeCount"] DOWNSTREAM_SERVICE_ERROR engagement`},
		"large Int":             {`{"likeCount":3000000000}`, `{"tweet":{"text":"one","likeCount":null}}`, `["tweet","likeCount"] DOWNSTREAM_SERVICE_ERROR engagement`},
		"string for Int":        {`{"likeCount":"1"}`, `{"tweet":{"text":"one","likeCount":null}}`, `["tweet","likeCount"] DOWNSTREAM_SERVICE_ERROR engagement`},
		"object for Int":        {`{"likeCount":{}}`, `{"tweet":{"text":"one","likeCount":null}}`, `["tweet","likeCount"] DOWNSTREAM_SERVICE_ERROR engagement`},
		"list for Int":          {`{"likeCount":[1]}`, `{"tweet":{"text":"one","likeCount":null}}`, `["tweet","likeCount"] DOWNSTREAM_SERVICE_ERROR engagement`},
		"whole number as float": {`{"likeCount":2.0}`, `{"tweet":{"text":"one","likeCount":2}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakes(t)
			f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","id":"t1","text":"one"}}}`)
			f.on("engagement", `{"data":{"_entities":[`+c.value+`]}}`)
			got := post(t, social(t, f), `{ tweet(id: "t1") { text likeCount } }`, "")
			if string(got.Data) != c.data {
				t.Errorf("data %s, want %s", got.Data, c.data)
			}
			if c.problem == "" {
				wantProblems(t, got)
				return
			}
			wantProblems(t, got, c.problem)
			if strings.Contains(got.Body, "astjson") || strings.Contains(got.Body, "execute") {
				t.Errorf("a Go name in %s", got.Body)
			}
		})
	}
}

// TestIDs: numbers for an ID become strings.
func TestIDs(t *testing.T) {
	f := newFakes(t)
	f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","id":12345678901234567890,"text":"\ud83d\udd11 \/ <b>"}}}`)
	got := post(t, social(t, f), `{ tweet(id: 7) { id text } }`, "")
	wantData(t, got, `{"tweet":{"id":"12345678901234567890","text":"\ud83d\udd11 \/ <b>"}}`)
	if v := string(f.to("tweets")[0].Variables); v != `{"v0":"7"}` {
		t.Errorf("variables %s: a number for an ID must go on as a string", v)
	}
}

// TestNonNull: null where it is not allowed rises to the parent with one
// error, also when the subgraph has explained it already.
func TestNonNull(t *testing.T) {
	for name, c := range map[string]struct{ users, problem string }{
		"explained":   {`{"data":{"_entities":[null]},"errors":[{"message":"gone","path":["_entities",0,"handle"],"extensions":{"code":"FORBIDDEN"}}]}`, `["tweet","author","handle"] FORBIDDEN`},
		"unexplained": {`{"data":{"_entities":[null]}}`, `["tweet","author","handle"] DOWNSTREAM_SERVICE_ERROR users`},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakes(t)
			f.on("tweets", `{"data":{"tweet":{"__typename":"Tweet","id":"t1","author":{"__typename":"User","id":"u1"}}}}`)
			f.on("users", c.users)
			got := post(t, social(t, f), `{ tweet(id: "t1") { id author { name handle } } }`, "")
			if want := `{"tweet":{"id":"t1","author":null}}`; string(got.Data) != want {
				t.Errorf("data %s, want %s", got.Data, want)
			}
			wantProblems(t, got, c.problem)
		})
	}
}

// TestMutationsInOrder: the joins of a mutation run before the next mutation.
func TestMutationsInOrder(t *testing.T) {
	f := newFakes(t)
	likes := 0
	f.answer["engagement"] = func(c call) string {
		if strings.HasPrefix(c.Query, "mutation") {
			likes++
			return fmt.Sprintf(`{"data":{%q:{"__typename":"Tweet","id":"t%d","likeCount":%d}}}`, []string{"a", "b"}[likes-1], likes, likes)
		}
		return ""
	}
	f.answer["tweets"] = func(c call) string {
		return fmt.Sprintf(`{"data":{"_entities":[{"__typename":"Tweet","text":"after %d"}]}}`, likes)
	}
	got := post(t, social(t, f), `mutation { a: likeTweet(id: "t1") { likeCount text } b: likeTweet(id: "t2") { likeCount text } }`, "")
	wantData(t, got, `{"a":{"likeCount":1,"text":"after 1"},"b":{"likeCount":2,"text":"after 2"}}`)
}

// TestInput: what clients may send wrongly, and what they are told.
func TestInput(t *testing.T) {
	r := social(t, newFakes(t))
	for name, c := range map[string]struct {
		query, variables, code string
		status                 int
	}{
		"syntax":           {`{ feed(`, "", "GRAPHQL_PARSE_FAILED", 400},
		"unknown field":    {`{ nothing }`, "", "GRAPHQL_VALIDATION_FAILED", 400},
		"unused fragment":  {`{ __typename } fragment F on User { id }`, "", "GRAPHQL_VALIDATION_FAILED", 400},
		"type definition":  {`{ __typename } type X { a: Int }`, "", "GRAPHQL_PARSE_FAILED", 400},
		"missing if":       {`{ __typename @skip }`, "", "GRAPHQL_VALIDATION_FAILED", 400},
		"Int too large":    {`query($n: Int!) { latest(limit: $n) { id } }`, `{"n":3000000000}`, "BAD_USER_INPUT", 400},
		"missing variable": {`query($n: Int!) { latest(limit: $n) { id } }`, `{}`, "BAD_USER_INPUT", 400},
		"bad enum":         {`mutation($i: PostTweetInput!) { postTweet(input: $i) { tweet { id } } }`, `{"i":{"text":"x","mood":"SAD"}}`, "BAD_USER_INPUT", 400},
		"unknown member":   {`mutation($i: PostTweetInput!) { postTweet(input: $i) { tweet { id } } }`, `{"i":{"text":"x","size":1}}`, "BAD_USER_INPUT", 400},
		"two operations":   {`query A { __typename } query B { __typename }`, "", "GRAPHQL_VALIDATION_FAILED", 400},
	} {
		t.Run(name, func(t *testing.T) {
			got := post(t, r, c.query, c.variables)
			if got.Status != c.status || len(got.Errors) == 0 || got.Errors[0].Extensions["code"] != c.code || got.Data != nil {
				t.Errorf("status %d, body %s, want %d %s without data", got.Status, got.Body, c.status, c.code)
			}
		})
	}
}

// TestManyErrors: an answer may have as many errors as it has nulls, each at
// its own path. It takes seconds where errors are compared with one another.
func TestManyErrors(t *testing.T) {
	const n = 10_000
	var tweets, users, errs strings.Builder
	for i := range n {
		if i > 0 {
			tweets.WriteByte(',')
			users.WriteByte(',')
			errs.WriteByte(',')
		}
		fmt.Fprintf(&tweets, `{"text":5,"author":{"__typename":"User","id":"u%d"}}`, i)
		users.WriteString(`{"__typename":"User","mail":null}`)
		fmt.Fprintf(&errs, `{"message":"m","path":["_entities",%d,"mail"],"extensions":{"code":"FORBIDDEN"}}`, i)
	}
	f := newFakes(t)
	f.on("tweets", `{"data":{"latest":[`+tweets.String()+`]}}`)
	f.on("users", `{"data":{"_entities":[`+users.String()+`]},"errors":[`+errs.String()+`]}`)
	got := post(t, startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport}), `{ latest(limit: 1) { text author { mail } } }`, "")
	seen := make(map[string]bool)
	for _, p := range problems(got) {
		seen[p] = true
	}
	if len(got.Errors) != 2*n || len(seen) != 2*n {
		t.Fatalf("%d errors, %d of them different, want %d", len(got.Errors), len(seen), 2*n)
	}
	for _, want := range []string{`["latest",0,"text"] DOWNSTREAM_SERVICE_ERROR tweets`, `["latest",9999,"author","mail"] FORBIDDEN`} {
		if !seen[want] {
			t.Errorf("no %s", want)
		}
	}
}
