package execute

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// recorded answers fetches with what was recorded, in order, and keeps what
// was asked.
type recorded struct {
	answers []string
	asked   []string
}

func (r *recorded) Fetch(_ context.Context, call Call) ([]byte, error) {
	r.asked = append(r.asked, string(call.Body))
	if len(r.answers) == 0 {
		return nil, &FetchError{Code: CodeDownstream, Message: "nothing was recorded"}
	}
	answer := r.answers[0]
	r.answers = r.answers[1:]
	return []byte(answer), nil
}

var (
	stringType = &Type{Name: "String", Leaf: LeafString}
	objectType = &Type{Name: "Item", Leaf: LeafObject}
)

func field(name string, t *Type, below ...Field) Field {
	f := Field{Name: name, Prefix: []byte(`"` + name + `":`), Key: name, Coordinate: "Item." + name, Type: t}
	if len(below) > 0 {
		f.Object = &Shape{Type: "Item", Fields: below}
	}
	return f
}

func head(query string) []byte { return []byte(`{"query":"` + query + `","variables":{`) }

func entry(alias string, path ...Step) Entry {
	return Entry{
		Alias: alias, Path: path, Key: "r_" + alias, Include: "i_" + alias, Asks: []string{"Item"},
		Representation: Representation{Fields: []RepresentationField{{Name: "__typename", Static: "Item"}, {Name: "id", Key: "id", NonNull: true}}},
	}
}

func roots(fields ...string) *Node {
	return &Node{Fetch: &Fetch{ID: 1, Head: head("roots"), Fields: fields}}
}

// TestLateEntry: two entries of one fetch, of which one leads through what the
// other tells.
func TestLateEntry(t *testing.T) {
	plan := &Plan{Subgraphs: []string{"s"}, Root: &Node{Children: []*Node{roots("item"), {Fetch: &Fetch{ID: 2, Head: head("entities"), Entries: []Entry{
		entry("f1", Step{Key: "item"}), entry("f2", Step{Key: "item"}, Step{Key: "next"}),
	}}}}}}
	f := &recorded{answers: []string{
		`{"data":{"item":{"id":"1"}}}`,
		`{"data":{"f1":[{"next":{"id":"2"}}]}}`,
		`{"data":{"f2":[{"name":"two"}]}}`,
	}}
	shape := &Shape{Type: "Query", Fields: []Field{field("item", objectType, field("next", objectType, field("id", stringType), field("name", stringType)))}}
	res := Run(t.Context(), &Request{Plans: []*Plan{plan}, Shape: shape, Fetcher: f})
	defer res.Release()
	if got, want := string(res.Data), `{"item":{"next":{"id":"2","name":"two"}}}`; got != want || len(res.Errors) > 0 || res.Incomplete {
		t.Errorf("got %s, errors %v, incomplete %t, want %s", got, res.Errors, res.Incomplete, want)
	}
	if len(f.asked) != 3 || !strings.Contains(f.asked[2], `"r_f1":[],"i_f1":false`) || !strings.Contains(f.asked[2], `"r_f2":[{"__typename":"Item","id":"2"}],"i_f2":true`) {
		t.Errorf("asked %q", f.asked)
	}
}

// TestMissing: what an object lacks is explained by what happened to that
// object, not by what happened to another.
func TestMissing(t *testing.T) {
	list := &Type{Elem: objectType}
	for name, tt := range map[string]struct {
		entities   string
		want       string
		errors     int
		incomplete bool
	}{
		"all there":                    {`[{"name":"a"},{"name":"b"}]`, `{"items":[{"name":"a"},{"name":"b"}]}`, 0, false},
		"an entity that is not known":  {`[{"name":"a"},null]`, `{"items":[{"name":"a"},{"name":null}]}`, 0, false},
		"a field that nobody answered": {`[null,{"other":"b"}]`, `{"items":[{"name":null},{"name":null}]}`, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := entry("f1", Step{Key: "items"})
			e.Include = ""
			plan := &Plan{Subgraphs: []string{"s"}, Root: &Node{Children: []*Node{roots("items"), {Fetch: &Fetch{ID: 2, Head: head("entities"), Entries: []Entry{e}}}}}}
			f := &recorded{answers: []string{`{"data":{"items":[{"id":"1"},{"id":"2"}]}}`, `{"data":{"f1":` + tt.entities + `}}`}}
			shape := &Shape{Type: "Query", Fields: []Field{field("items", list, field("name", stringType))}}
			res := Run(t.Context(), &Request{Plans: []*Plan{plan}, Shape: shape, Fetcher: f})
			defer res.Release()
			if string(res.Data) != tt.want || len(res.Errors) != tt.errors || res.Incomplete != tt.incomplete {
				t.Errorf("got %s, %d errors %v, incomplete %t, want %s, %d, %t", res.Data, len(res.Errors), res.Errors, res.Incomplete, tt.want, tt.errors, tt.incomplete)
			}
		})
	}
}

// TestPlacesStay: the errors of entities stand where the entities were when
// they were asked for, also when an answer has put others beside them since.
func TestPlacesStay(t *testing.T) {
	items := Step{Key: "items"}
	plan := &Plan{Subgraphs: []string{"s"}, Root: &Node{Children: []*Node{roots("items"), {Fetch: &Fetch{ID: 2, Head: head("entities"), Entries: []Entry{
		entry("f1", items), entry("f2", items, Step{Key: "next"}),
	}}}}}}
	f := &recorded{answers: []string{
		`{"data":{"items":[{"id":"1","next":null},{"id":"2","next":{"id":"3"}}]}}`,
		`{"data":{"f1":[{"next":{"id":"4"}},{}],"f2":[{"name":null}]},"errors":[{"message":"no name","path":["f2",0,"name"]}]}`,
	}}
	shape := &Shape{Type: "Query", Fields: []Field{field("items", &Type{Elem: objectType}, field("next", objectType, field("id", stringType), field("name", stringType)))}}
	res := Run(t.Context(), &Request{Plans: []*Plan{plan}, Shape: shape, Fetcher: f})
	defer res.Release()
	var at []string
	for _, e := range res.Errors {
		if e.Message == "no name" {
			at = append(at, string(e.Path.appendPath(nil)))
		}
	}
	if want := []string{`["items",1,"next","name"]`}; !slices.Equal(at, want) {
		t.Errorf("the error is at %q, want it at %q", at, want)
	}
	if got, want := string(res.Data), `{"items":[{"next":{"id":"4","name":null}},{"next":{"id":"3","name":null}}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestErrorsWithoutAPlace: as many errors as there are entities, none of which
// says which one it is about, are one error, and cost no more than that.
func TestErrorsWithoutAPlace(t *testing.T) {
	const n = 5000
	objects := strings.TrimSuffix(strings.Repeat(`{"id":"1"},`, n), ",")
	errs := strings.TrimSuffix(strings.Repeat(`{"message":"away","path":["f1"]},{"message":"away"},`, n), ",")
	plan := &Plan{Subgraphs: []string{"s"}, Root: &Node{Children: []*Node{roots("items"), {Fetch: &Fetch{ID: 2, Head: head("entities"), Entries: []Entry{
		entry("f1", Step{Key: "items"}),
	}}}}}}
	f := &recorded{answers: []string{`{"data":{"items":[` + objects + `]}}`, `{"data":null,"errors":[` + errs + `]}`}}
	shape := &Shape{Type: "Query", Fields: []Field{field("items", &Type{Elem: objectType}, field("name", stringType))}}
	began := time.Now()
	res := Run(t.Context(), &Request{Plans: []*Plan{plan}, Shape: shape, Fetcher: f})
	defer res.Release()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("%d errors on %d entities took %v", 2*n, n, took)
	}
	if len(res.Errors) != 1 || string(res.Errors[0].Path.appendPath(nil)) != `["items"]` {
		t.Errorf("%d errors, the first %v", len(res.Errors), res.Errors[0])
	}
}

// TestPathsOfNowhere: what a subgraph gives as the path of an error is followed
// as far as it can be one.
func TestPathsOfNowhere(t *testing.T) {
	for path, want := range map[string]string{
		`["item","name"]`:       `["item","name"]`,
		`["item","",{},"name"]`: `["item"]`,
		`["item",-1]`:           `["item"]`,
		`["item",1.5,"name"]`:   `["item"]`,
		`["item"` + strings.Repeat(",0", 2_000_000) + `]`: "",
	} {
		f := &recorded{answers: []string{`{"data":{"item":{"name":"n"}},"errors":[{"message":"m","path":` + path + `}]}`}}
		shape := &Shape{Type: "Query", Fields: []Field{field("item", objectType, field("name", stringType))}}
		res := Run(t.Context(), &Request{Plans: []*Plan{{Subgraphs: []string{"s"}, Root: roots("item")}}, Shape: shape, Fetcher: f})
		switch {
		case len(res.Errors) != 1:
			t.Errorf("%.40s: errors %v, want one", path, res.Errors)
		case len(res.Errors[0].Path) > maxDepth+1:
			t.Errorf("%.40s: a path of %d elements", path, len(res.Errors[0].Path))
		case want != "" && string(res.Errors[0].Path.appendPath(nil)) != want:
			t.Errorf("%.40s: the error is at %s, want %s", path, res.Errors[0].Path.appendPath(nil), want)
		}
		res.Release()
	}
}

// TestLackIsOfWhatFailedLater: what a representation lacked when its turn came,
// and a later fetch was to get, is missing for what happened to that one.
func TestLackIsOfWhatFailedLater(t *testing.T) {
	items := Step{Key: "items"}
	dependent, late := entry("f1", items), entry("f1", items, Step{Key: "part"})
	dependent.Representation.Fields[1] = RepresentationField{Name: "part", Key: "part", Object: &Representation{Fields: []RepresentationField{{Name: "code", Key: "code"}}}}
	plan := &Plan{Subgraphs: []string{"s"}, Answers: func(string, string) []uint16 { return []uint16{0} }, Root: &Node{Children: []*Node{
		roots("items"),
		{Fetch: &Fetch{ID: 2, Head: head("names"), Entries: []Entry{dependent}}},
		{Fetch: &Fetch{ID: 3, Head: head("codes"), Entries: []Entry{late}}},
	}}}
	f := &recorded{answers: []string{
		`{"data":{"items":[{"part":{"id":"1"}},{"part":{"id":"2","code":"c"}}]}}`,
		`{"data":{"f1":[{"name":"n"}]}}`,
		`{"data":{"f1":[{"code":null},{"code":"c"}]},"errors":[{"message":"no code","path":["f1",0,"code"]}]}`,
	}}
	shape := &Shape{Type: "Query", Fields: []Field{field("items", &Type{Elem: objectType}, field("name", stringType))}}
	res := Run(t.Context(), &Request{Plans: []*Plan{plan}, Shape: shape, Fetcher: f})
	defer res.Release()
	if got, want := string(res.Data), `{"items":[{"name":null},{"name":"n"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(res.Errors) != 1 || res.Errors[0].Message != "no code" || string(res.Errors[0].Path.appendPath(nil)) != `["items",0,"name"]` || res.Incomplete {
		t.Errorf("%d errors, the first %q at %s, incomplete %t", len(res.Errors), res.Errors[0].Message, res.Errors[0].Path.appendPath(nil), res.Incomplete)
	}
}
