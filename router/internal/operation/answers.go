package operation

import (
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// MaxIntrospection bounds, in bytes, what an operation asks about the schema:
// types lead to fields and fields to types, so that a short query may ask for a
// text of any length. All that tools ask about a schema of 5,000 types is less.
const MaxIntrospection = 8 << 20

// question is a __schema or __type of an operation, which the router answers
// itself.
type question struct {
	b    *builder
	f    *ast.Field
	sets []ast.SelectionSet
	// varies is set when a variable is among the arguments. Other answers are
	// kept for a while.
	varies bool
}

func (b *builder) question(f *ast.Field, sets []ast.SelectionSet) *question {
	return &question{b: b, f: f, sets: sets, varies: b.variableArguments(f, sets)}
}

// findQuestions finds what the operation asks about the schema, wherever that is:
// the size of the answers and the variables have to be known before objects
// come whose type tells that they are asked.
func (b *builder) findQuestions() {
	if !b.op.introspects {
		return
	}
	visited := make(map[string]bool)
	var walk func(sels ast.SelectionSet)
	walk = func(sels ast.SelectionSet) {
		for _, sel := range sels {
			switch x := sel.(type) {
			case *ast.Field:
				switch {
				case !included(x.Directives, b.vars):
				case aboutSchema(x.Name):
					b.prepared.questions = append(b.prepared.questions, b.question(x, []ast.SelectionSet{x.SelectionSet}))
				default:
					walk(x.SelectionSet)
				}
			case *ast.InlineFragment:
				if included(x.Directives, b.vars) {
					walk(x.SelectionSet)
				}
			case *ast.FragmentSpread:
				if f := b.op.doc.doc.Fragments.ForName(x.Name); f != nil && included(x.Directives, b.vars) && !visited[x.Name] {
					visited[x.Name] = true
					walk(f.SelectionSet)
				}
			}
		}
	}
	walk(b.op.def.SelectionSet)
}

// Introspectable reports whether what the operation asks about the schema is of
// a size that can be answered. How often subgraphs give an object that is asked
// shows later: the executor bounds that.
func (p *Prepared) Introspectable(variables [][]byte) bool {
	left := MaxIntrospection
	for _, q := range p.questions {
		text, ok := q.answer(variables)
		if left -= len(text); !ok || left < 0 {
			return false
		}
	}
	return true
}

// text is the answer to a question of an introspectable operation. What merges
// several questions is no longer than all of them.
func (q *question) text(variables [][]byte) []byte {
	if text, ok := q.answer(variables); ok {
		return text
	}
	return []byte("null")
}

// answer returns false when the answer is too large.
func (q *question) answer(variables [][]byte) ([]byte, bool) {
	kept := &q.b.schema.answers
	if !q.varies {
		if text, ok := kept.get(q); ok {
			return text, true
		}
	}
	text, ok := q.compute(variables)
	if ok && !q.varies {
		kept.put(q, text)
	}
	return text, ok
}

func (q *question) compute(variables [][]byte) ([]byte, bool) {
	in := introspection{b: q.b, variables: variables}
	types := q.b.schema.ast.Types
	if q.f.Name == "__schema" {
		text := in.object(nil, types["__Schema"], q.b.schema.ast, q.sets)
		return text, !in.over
	}
	def := types[in.argument(q.f, "name")]
	if def == nil {
		return []byte("null"), true
	}
	text := in.object(nil, types["__Type"], def, q.sets)
	return text, !in.over
}

// same reports whether two questions ask for the same.
func (q *question) same(o *question) bool {
	return q.b == o.b && q.f == o.f && slices.EqualFunc(q.sets, o.sets, func(a, b ast.SelectionSet) bool { return &a[0] == &b[0] })
}

// answers are the last few of them. Tools ask the same again and again; kept
// with each operation they would be as many as there are operations.
type answers struct {
	mu   sync.Mutex
	list []keptAnswer // the most recently used first
}

type keptAnswer struct {
	q    *question
	text []byte
}

const (
	maxAnswers     = 16
	maxAnswerBytes = 2 * MaxIntrospection
)

func (a *answers) get(q *question) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, k := range a.list {
		if k.q.same(q) {
			copy(a.list[1:i+1], a.list[:i])
			a.list[0] = k
			return k.text, true
		}
	}
	return nil, false
}

func (a *answers) put(q *question, text []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = slices.Insert(a.list, 0, keptAnswer{q, slices.Clip(text)})
	size := 0
	for i := range a.list {
		if size += cap(a.list[i].text); i >= maxAnswers || size > maxAnswerBytes {
			clear(a.list[i:])
			a.list = a.list[:i]
			break
		}
	}
}
