package importer

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDocumentNumbersFieldsAndVariables(t *testing.T) {
	tmpl := template{operation: "query", name: "Two", params: "$id#: ID!, $after#: String", field: "user(id: $id#) { list(after: $after#) }"}
	want := `query Two($id0: ID!, $after0: String, $id1: ID!, $after1: String) {
  x0: user(id: $id0) { list(after: $after0) }
  x1: user(id: $id1) { list(after: $after1) }
}
`
	if diff := cmp.Diff(want, tmpl.document(2)); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	body, err := tmpl.body([]vars{{"id": "u1"}, {"id": "u2", "after": "c"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `"variables":{"after1":"c","id0":"u1","id1":"u2"}`; !strings.Contains(string(body), want) {
		t.Errorf("%s lacks %s", body, want)
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		codes        []string // of x0 and x1; "" has none
	}{
		{"all well", `{"data":{"x0":{},"x1":{}}}`, []string{"", ""}},
		{"one field", `{"data":{"x0":null,"x1":{}},"errors":[{"path":["x0"],"extensions":{"code":"OVERLOADED"}}]}`, []string{"OVERLOADED", ""}},
		{"below a field", `{"data":{"x0":{},"x1":{"list":null}},"errors":[{"path":["x1","list",3],"extensions":{"code":"INTERNAL"}}]}`, []string{"", "INTERNAL"}},
		{"the whole request", `{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`, []string{"UNAUTHENTICATED", "UNAUTHENTICATED"}},
		{"whole with data null", `{"data":null,"errors":[{"extensions":{"code":"TIMEOUT"}}]}`, []string{"TIMEOUT", "TIMEOUT"}},
		{"no path, some data", `{"data":{"x0":{},"x1":null},"errors":[{"extensions":{"code":"TIMEOUT"}}]}`, []string{"", "TIMEOUT"}},
		{"another path", `{"data":{"x0":{},"x1":null},"errors":[{"path":["y"],"extensions":{"code":"TIMEOUT"}}]}`, []string{"", "TIMEOUT"}},
		{"first of two", `{"data":{"x0":null,"x1":{}},"errors":[{"path":["x0"],"extensions":{"code":"A"}},{"path":["x0"],"extensions":{"code":"B"}}]}`, []string{"A", ""}},
		{"no code", `{"data":{"x0":null,"x1":{}},"errors":[{"message":"m","path":["x0"]}]}`, []string{"no code", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := decodeAnswer(strings.NewReader(c.answer))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range a.outcomes(2) {
				code := ""
				if o.fault != nil {
					code = o.fault.code
				}
				got = append(got, code)
			}
			if diff := cmp.Diff(c.codes, got); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		value string
		want  time.Duration
	}{
		{"1", time.Second},
		{"0.25", 250 * time.Millisecond},
		{"-1", 0},
		{"1e300", time.Hour},
		{`"soon"`, 0},
		{"null", 0},
	} {
		a, err := decodeAnswer(strings.NewReader(`{"errors":[{"extensions":{"code":"OVERLOADED","retryAfter":` + c.value + `}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Errors[0].fault().retryAfter; got != c.want {
			t.Errorf("retryAfter %s is read as %s, want %s", c.value, got, c.want)
		}
	}
}

func TestDecodeAnswerRefusesWhatIsNone(t *testing.T) {
	for _, c := range []string{"", "<html>", "[]", "{}", `{"data":5}`, `{"errors":["m"]}`, strings.Repeat(" ", maxAnswer+1)} {
		if _, err := decodeAnswer(strings.NewReader(c)); err == nil {
			t.Errorf("%.20q is taken as an answer", c)
		}
	}
}

func FuzzDecodeAnswer(f *testing.F) {
	f.Add([]byte(`{"data":{"x0":null},"errors":[{"path":["x0",1],"extensions":{"code":"OVERLOADED","retryAfter":1}}]}`))
	f.Add([]byte(`{"data":{"x0":{"list":{"edges":[{"node":{"id":"t1"}}],"pageInfo":{"hasNextPage":true,"endCursor":"c"}}}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := decodeAnswer(bytes.NewReader(raw))
		if err != nil {
			return
		}
		r := reader{batch: 1, limit: 10}
		for _, o := range a.outcomes(2) {
			var l listing
			if next, fault := r.add(&l, o, decodeOwned); next != "" && fault != "" {
				t.Errorf("both a next page %q and a fault %q", next, fault)
			}
			compared := expectation{order: newestFirst, name: func(key string) string { return key }}.compare(l.items())
			if len(compared) < len(l.nodes) {
				t.Errorf("%d entries where none is expected, but %d differences", len(l.nodes), len(compared))
			}
		}
	})
}
