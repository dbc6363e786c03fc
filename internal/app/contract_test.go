package app_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/internal/app/apptest"
)

// TestTheGraphIsTheContract compares what the running router says of itself
// with testdata/contract.graphqls: types, fields, arguments, defaults and
// nullability, nothing missing and nothing more.
func TestTheGraphIsTheContract(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/contract.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "contract.graphqls", Input: string(b)})
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Schema introspected `json:"__schema"`
	}
	apptest.Start(t).Anonymous().Into(t, &out, introspection, nil)
	if diff := cmp.Diff(written(schema), out.Schema.lines()); diff != "" {
		t.Errorf("the graph is not the contract (-contract +graph):\n%s", diff)
	}
	if n := out.Schema.QueryType.Name + out.Schema.MutationType.Name; n != "QueryMutation" || out.Schema.SubscriptionType != nil {
		t.Errorf("the roots are %s and %v", n, out.Schema.SubscriptionType)
	}
}

// written lists a schema in lines that can be compared.
func written(s *ast.Schema) []string {
	var lines []string
	for name, d := range s.Types {
		if d.BuiltIn {
			continue
		}
		lines = append(lines, kindName(string(d.Kind), name, d.Interfaces))
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			var args []string
			for _, a := range f.Arguments {
				args = append(args, withDefault(a.Name+": "+a.Type.String(), text(a.DefaultValue)))
			}
			lines = append(lines, fieldLine(name, f.Name, args, f.Type.String(), text(f.DefaultValue)))
		}
	}
	slices.Sort(lines)
	return lines
}

func kindName(kind, name string, interfaces []string) string {
	interfaces = slices.Clone(interfaces)
	slices.Sort(interfaces)
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", kind, name, strings.Join(interfaces, " ")))
}

func fieldLine(of, name string, args []string, typ, def string) string {
	slices.Sort(args)
	line := of + "." + name
	if len(args) > 0 {
		line += "(" + strings.Join(args, ", ") + ")"
	}
	return withDefault(line+": "+typ, def)
}

func withDefault(line, def string) string {
	if def == "" {
		return line
	}
	return line + " = " + def
}

func text(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return v.String()
}

const introspection = `{ __schema {
	queryType { name } mutationType { name } subscriptionType { name }
	types { kind name interfaces { name }
		fields(includeDeprecated: true) { name type { ...T } args { name defaultValue type { ...T } } }
		inputFields { name defaultValue type { ...T } } } } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }`

type introspected struct {
	QueryType, MutationType struct{ Name string }
	SubscriptionType        *struct{ Name string }
	Types                   []struct {
		Kind, Name  string
		Interfaces  []struct{ Name string }
		Fields      []introspectedField
		InputFields []introspectedField
	}
}

type introspectedField struct {
	Name         string
	Type         typeRef
	Args         []introspectedField
	DefaultValue *string
}

func (f introspectedField) def() string {
	if f.DefaultValue == nil {
		return ""
	}
	return *f.DefaultValue
}

type typeRef struct {
	Kind, Name string
	OfType     *typeRef
}

func (r typeRef) String() string {
	switch r.Kind {
	case "NON_NULL":
		return r.OfType.String() + "!"
	case "LIST":
		return "[" + r.OfType.String() + "]"
	}
	return r.Name
}

func (s introspected) lines() []string {
	builtIn := []string{"Boolean", "Float", "ID", "Int", "String"}
	var lines []string
	for _, d := range s.Types {
		if strings.HasPrefix(d.Name, "__") || slices.Contains(builtIn, d.Name) {
			continue
		}
		var interfaces []string
		for _, i := range d.Interfaces {
			interfaces = append(interfaces, i.Name)
		}
		lines = append(lines, kindName(d.Kind, d.Name, interfaces))
		for _, f := range append(d.Fields, d.InputFields...) {
			var args []string
			for _, a := range f.Args {
				args = append(args, withDefault(a.Name+": "+a.Type.String(), a.def()))
			}
			lines = append(lines, fieldLine(d.Name, f.Name, args, f.Type.String(), f.def()))
		}
	}
	slices.Sort(lines)
	return lines
}
