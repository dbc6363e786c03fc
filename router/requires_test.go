package router

import (
	"fmt"
	"strings"
	"testing"
)

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
