package router

import (
	"strings"
	"testing"
)

const homeQuery = `query Home($n: Int!) {
  feed(first: $n) { edges { cursor node { id text likeCount author { id handle } inReplyTo { id text author { handle } } } } }
}`

// homeFakes answer the home screen: three tweets, two of one author, the
// second a reply.
func homeFakes(t testing.TB) *fakes {
	f := newFakes(t)
	f.on("feed", `{"data":{"feed":{"edges":[{"cursor":"c1","node":{"__typename":"Tweet","id":"t1"}},{"cursor":"c2","node":{"__typename":"Tweet","id":"t2"}},{"cursor":"c3","node":null}]}}}`)
	f.answer["tweets"] = func(c call) string {
		return `{"data":{"_entities":[{"__typename":"Tweet","text":"one","author":{"__typename":"User","id":"u1"},"inReplyTo":null},{"__typename":"Tweet","text":"two","author":{"__typename":"User","id":"u1"},"inReplyTo":{"__typename":"Tweet","id":"t0","text":"zero","author":{"__typename":"User","id":"u2"}}}]}}`
	}
	f.on("engagement", `{"data":{"_entities":[{"__typename":"Tweet","likeCount":3},{"__typename":"Tweet","likeCount":0}]}}`)
	f.answer["users"] = func(c call) string {
		var b strings.Builder
		b.WriteString(`{"data":{`)
		alias := "_entities"
		for i := 1; i <= 2; i++ {
			name := "representations"
			if strings.Contains(c.Query, "f1:") {
				alias, name = "f"+string(rune('0'+i)), "representations_f"+string(rune('0'+i))
			} else if i > 1 {
				break
			}
			if i > 1 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + alias + `":[`)
			for j, r := range c.reps(t)[name] {
				if j > 0 {
					b.WriteByte(',')
				}
				id, _ := r["id"].(string)
				b.WriteString(`{"__typename":"User","handle":"h` + id + `","name":"n"}`)
			}
			b.WriteByte(']')
		}
		b.WriteString(`}}`)
		return b.String()
	}
	return f
}

func TestHomeScreen(t *testing.T) {
	f := homeFakes(t)
	r := social(t, f)
	got := post(t, r, homeQuery, `{"n":20}`)
	wantData(t, got, `{"feed":{"edges":[`+
		`{"cursor":"c1","node":{"id":"t1","text":"one","likeCount":3,"author":{"id":"u1","handle":"hu1"},"inReplyTo":null}},`+
		`{"cursor":"c2","node":{"id":"t2","text":"two","likeCount":0,"author":{"id":"u1","handle":"hu1"},"inReplyTo":{"id":"t0","text":"zero","author":{"handle":"hu2"}}}},`+
		`{"cursor":"c3","node":null}]}}`)
	for _, want := range []struct {
		subgraph string
		calls    int
	}{{"feed", 1}, {"tweets", 1}, {"engagement", 1}, {"users", 1}} {
		if n := len(f.to(want.subgraph)); n != want.calls {
			t.Errorf("%s was called %d times, want %d", want.subgraph, n, want.calls)
		}
	}
}
