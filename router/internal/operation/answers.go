package operation

import (
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/execute"
)

// maxIntrospection bounds an answer: types lead to fields and fields to types,
// so that a short query may ask for a text of any length. All that tools ask
// about a schema of 5,000 types is less.
const maxIntrospection = 8 << 20

// introspect makes a field of the query root that the router answers itself.
// An answer that no variable changes is kept for a while.
func (b *builder) introspect(out *execute.Field, f *ast.Field, sets []ast.SelectionSet) {
	varies := b.variableArguments(f, sets)
	answer := func(variables [][]byte) (text []byte, ok bool) {
		if !varies {
			if text, ok = b.schema.answers.get(b, f); ok {
				return text, true
			}
		}
		in := introspection{b: b, variables: variables}
		if f.Name == "__schema" {
			text = in.object(nil, b.schema.ast.Types["__Schema"], b.schema.ast, sets)
		} else if def := b.schema.ast.Types[in.argument(f, "name")]; def != nil {
			text = in.object(nil, b.schema.ast.Types["__Type"], def, sets)
		} else {
			text = []byte("null")
		}
		if in.over {
			return nil, false
		}
		if !varies {
			b.schema.answers.put(b, f, text)
		}
		return text, true
	}
	if !b.sealed {
		b.prepared.Introspects = true
		b.prepared.answers = append(b.prepared.answers, answer)
	}
	out.Answer = func(variables [][]byte) []byte {
		if text, ok := answer(variables); ok {
			return text
		}
		return []byte("null")
	}
}

// Introspectable reports whether what the operation asks about the schema is of
// a size that can be answered.
func (p *Prepared) Introspectable(variables [][]byte) bool {
	for _, answer := range p.answers {
		if _, ok := answer(variables); !ok {
			return false
		}
	}
	return true
}

// answers are the last few of them. Tools ask the same again and again; kept
// with each operation they would be as many as there are operations.
type answers struct {
	mu   sync.Mutex
	list []keptAnswer // the most recently used first
}

type keptAnswer struct {
	b    *builder
	f    *ast.Field
	text []byte
}

const (
	maxAnswers     = 16
	maxAnswerBytes = 2 * maxIntrospection
)

func (a *answers) get(b *builder, f *ast.Field) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, k := range a.list {
		if k.b == b && k.f == f {
			copy(a.list[1:i+1], a.list[:i])
			a.list[0] = k
			return k.text, true
		}
	}
	return nil, false
}

func (a *answers) put(b *builder, f *ast.Field, text []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = slices.Insert(a.list, 0, keptAnswer{b, f, slices.Clip(text)})
	size := 0
	for i := range a.list {
		if size += cap(a.list[i].text); i >= maxAnswers || size > maxAnswerBytes {
			clear(a.list[i:])
			a.list = a.list[:i]
			break
		}
	}
}
