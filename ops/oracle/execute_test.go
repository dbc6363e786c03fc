package main

import (
	"encoding/json"
	"testing"
)

func TestSameJSON(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`{"a":1,"b":[null,true]}`, `{"a":1, "b":[null,true]}`, true},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, false},
		{`{"a":1}`, `{"a":2}`, false},
		{`[1.0]`, `[1]`, true},
		{`[1e3]`, `[1000]`, true},
		{`[12345678901234567890]`, `[12345678901234567000]`, true}, // a Float
		{`[12345678901234567890]`, `[12345678901234569999]`, false},
		{`[2147483647]`, `[2147483646]`, false},
		{`[0.1]`, `[0.2]`, false},
		{`["\u00e9"]`, `["é"]`, true},
		{`[""]`, `[null]`, false},
		{`[1]`, `["1"]`, false},
		{`[1]`, `[1,1]`, false},
		{`null`, ``, false},
	} {
		if got := sameJSON(c.a, c.b); got != c.same {
			t.Errorf("sameJSON(%s, %s) is %t", c.a, c.b, got)
		}
	}
}

// TestDiffersTells: each way to execute otherwise is told.
func TestDiffersTells(t *testing.T) {
	raw := func(texts ...string) []json.RawMessage {
		var out []json.RawMessage
		for _, x := range texts {
			out = append(out, json.RawMessage(x))
		}
		return out
	}
	rec := &recorded{Data: `{"a":null}`, Failures: raw(`["a"]`, `["b",0]`), Mutations: []string{"m()"}}
	right := executed{Data: `{"a":null}`, Errors: raw(`["a"]`), Mutations: []string{"m()"}}
	if d := differs(rec, &right); d != "" {
		t.Fatal(d)
	}
	for name, spoil := range map[string]func(*executed){
		"not valid":       func(x *executed) { x.Invalid = []string{"no"} },
		"a further field": func(x *executed) { x.Unknown = []string{"T.1.a({})"} },
		"data":            func(x *executed) { x.Data = `{"a":1}` },
		"no error":        func(x *executed) { x.Errors = nil },
		"another error":   func(x *executed) { x.Errors = raw(`["c"]`) },
		"mutations":       func(x *executed) { x.Mutations = nil },
	} {
		got := right
		spoil(&got)
		if differs(rec, &got) == "" {
			t.Errorf("%s: not told", name)
		}
	}
	plain := &recorded{Data: `{}`}
	if differs(plain, &executed{Data: `{}`, Unused: []string{"T.1.a({})"}}) == "" {
		t.Error("a field that only the oracle asks for is not told")
	}
}
