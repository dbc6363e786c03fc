package router

import (
	"fmt"
	"strings"
	"testing"
)

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
