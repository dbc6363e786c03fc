package router

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

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
