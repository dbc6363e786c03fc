package standin

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func subgraph(t *testing.T, name string) *Subgraph {
	t.Helper()
	for _, s := range append(Subgraphs(), Whole()) {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no subgraph %s", name)
	return nil
}

func TestExecute(t *testing.T) {
	for _, c := range []struct {
		subgraph, query, variables, want string
	}{
		{"accounts", `{ me { id ...on User { name } ...U } } fragment U on User { username birthday }`, `{}`, `{"data":{"me":{"id":"1","name":"Ines Duarte","username":"ines70","birthday":1970}}}`},
		{"products", `query($n: Int) { topProducts(first: $n) { sku: upc __typename price @skip(if: true) } }`, `{"n":2}`, `{"data":{"topProducts":[{"sku":"1","__typename":"Product"},{"sku":"2","__typename":"Product"}]}}`},
		{
			"inventory", `query($r: [_Any!]!, $on: Boolean!) { a: _entities(representations: $r) { ...on Product { inStock shippingEstimate } } b: _entities(representations: []) @include(if: $on) { __typename } }`,
			`{"on":false,"r":[{"__typename":"Product","upc":"2","price":9,"weight":9}]}`,
			`{"data":{"a":[{"inStock":true,"shippingEstimate":4}]}}`,
		},
		{"reviews", `query($r: [_Any!]!) { _entities(representations: $r) { ...on User { reviews { id author { id username } product { upc } } } } }`, `{"r":[{"__typename":"User","id":"6"}]}`, `{"data":{"_entities":[{"reviews":[{"id":"11","author":{"id":"6","username":"pavel75"},"product":{"upc":"7"}}]}]}}`},
		{"whole", `{ topProducts(first: 1) { shippingEstimate inStock name reviews { id author { name } } } }`, `{}`, `{"data":{"topProducts":[{"shippingEstimate":20,"inStock":true,"name":"Kettle","reviews":[{"id":"1","author":{"name":"Ines Duarte"}},{"id":"4","author":{"name":"Oskar Lind"}},{"id":"8","author":{"name":"Yusuf Demir"}}]}]}}`},

		{"accounts", `{ me { reviews { id } } }`, `{}`, `{"data":{"me":{"reviews":null}},"errors":[{"message":"subgraph accounts has no User.reviews"}]}`},
		{"inventory", `query($r: [_Any!]!) { _entities(representations: $r) { ...on Product { shippingEstimate } } }`, `{"r":[{"__typename":"Product","upc":"2","price":9}]}`, `{"data":{"_entities":[{"shippingEstimate":null}]},"errors":[{"message":"shippingEstimate needs price and weight of product 2"}]}`},
		{"inventory", `query($r: [_Any!]!) { _entities(representations: $r) { __typename } }`, `{"r":[{"__typename":"Product"}]}`, `{"data":{"_entities":null},"errors":[{"message":"a representation lacks its key, or nothing has it"}]}`},
		{"accounts", `query($r: [_Any!]!) { _entities(representations: $r) { __typename } }`, `{"r":[{"__typename":"Product","id":"1"}]}`, `{"data":{"_entities":null},"errors":[{"message":"subgraph accounts has no entity Product"}]}`},
		{"accounts", `{ me`, `{}`, `{"errors":[{"message":"input:1:5: Expected Name, found \u003cEOF\u003e"}]}`},
	} {
		body, err := json.Marshal(map[string]any{"query": c.query, "variables": json.RawMessage(c.variables)})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(subgraph(t, c.subgraph).Execute(body)); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.subgraph, c.query, got, c.want)
		}
	}
}

func TestServe(t *testing.T) {
	in, closeIn := io.Pipe()
	out, write := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(t.Context(), in, write) }()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var at Addresses
	if err := json.Unmarshal(line, &at); err != nil {
		t.Fatal(err)
	}
	ask := func(token string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.Subgraphs["accounts"], strings.NewReader(`{"query":"{ me { id } }"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		return get(t, req)
	}
	for range 3 {
		if got, want := ask("Bearer 1"), `{"data":{"me":{"id":"1"}}}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, want := ask(""), `{"errors":[{"message":"the client's token was not passed on"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at.Counts, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := get(t, req), `{"requests":4,"anonymous":1,"executed":1}`+"\n"; got != want {
		t.Errorf("counts: got %s, want %s", got, want)
	}
	if err := closeIn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Errorf("after its input ended: %v", err)
	}
}

func get(t *testing.T, req *http.Request) string {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
