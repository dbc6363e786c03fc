package importer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// selection is one field of a document, as far as the importer's documents go:
// no fragments, no directives, arguments are variables or integers.
type selection struct {
	alias, name string
	args        map[string]any
	sub         []selection
}

var tokenPattern = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*|\$[A-Za-z_][A-Za-z_0-9]*|-?[0-9]+|[(){}:!\[\]]`)

// parseQuery reads the tokens of a document and replaces its variables.
func parseQuery(tokens []string, variables map[string]any) (root []selection, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("stand-in: cannot read %q: %v", tokens, r)
		}
	}()
	p := &queryParser{tokens: tokens, variables: variables}
	p.next() // query or mutation
	p.next() // its name
	if p.peek() == "(" {
		for p.next() != ")" {
		}
	}
	return p.selections(), nil
}

type queryParser struct {
	tokens    []string
	at        int
	variables map[string]any
}

func (p *queryParser) peek() string { return p.tokens[p.at] }

func (p *queryParser) next() string {
	p.at++
	return p.tokens[p.at-1]
}

func (p *queryParser) skip(token string) bool {
	if p.at < len(p.tokens) && p.peek() == token {
		p.at++
		return true
	}
	return false
}

func (p *queryParser) selections() []selection {
	if p.next() != "{" {
		panic("want {")
	}
	var out []selection
	for !p.skip("}") {
		s := selection{name: p.next(), args: map[string]any{}}
		s.alias = s.name
		if p.skip(":") {
			s.name = p.next()
		}
		if p.skip("(") {
			for !p.skip(")") {
				name := p.next()
				p.next() // :
				s.args[name] = p.value(p.next())
			}
		}
		if p.peek() == "{" {
			s.sub = p.selections()
		}
		out = append(out, s)
	}
	return out
}

func (p *queryParser) value(token string) any {
	if name, ok := strings.CutPrefix(token, "$"); ok {
		return p.variables[name]
	}
	n, err := strconv.Atoi(token)
	if err != nil {
		panic(err)
	}
	return float64(n)
}

// object is a value with fields that are values or functions of arguments.
type object map[string]any

// project picks what was selected.
func project(v any, sub []selection) any {
	switch v := v.(type) {
	case object:
		if v == nil {
			return nil
		}
		out := map[string]any{}
		for _, s := range sub {
			field, ok := v[s.name]
			if !ok {
				panic("stand-in: no field " + s.name)
			}
			if f, ok := field.(func(map[string]any) any); ok {
				field = f(s.args)
			}
			out[s.alias] = project(field, s.sub)
		}
		return out
	case []object:
		out := make([]any, len(v))
		for i, o := range v {
			out[i] = project(o, sub)
		}
		return out
	default:
		return v
	}
}

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
