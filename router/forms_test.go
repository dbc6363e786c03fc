package router

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const twoTweets = `{ a: tweet(id: "t1") { text likeCount } b: tweet(id: "t2") { text } }`

// forgetful are subgraphs of which tweets leaves a text out of its answers
// while forgets is set.
func forgetful(t *testing.T, forgets *bool) *fakes {
	f := newFakes(t)
	f.answer["tweets"] = func(c call) string {
		text := `,"text":"x"`
		if *forgets {
			text = ""
		}
		var roots []string
		for _, name := range []string{"a", "b"} {
			if strings.Contains(c.Query, name+": tweet") {
				roots = append(roots, fmt.Sprintf(`%q:{"__typename":"Tweet","id":"t"%s}`, name, text))
			}
		}
		if len(roots) == 0 {
			return `{"data":{"_entities":[{"__typename":"Tweet"` + text + `}]}}`
		}
		return `{"data":{` + strings.Join(roots, ",") + `}}`
	}
	f.on("engagement", `{"data":{"_entities":[{"__typename":"Tweet","likeCount":3}]}}`)
	return f
}

// TestFaultyAnswerIsForgotten: an answer with a hole, which is the subgraph's
// fault, does not make an operation slower for those that come after it.
func TestFaultyAnswerIsForgotten(t *testing.T) {
	forgets := false
	f := forgetful(t, &forgets)
	r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport})
	asked := func() int {
		before := len(f.calls)
		post(t, r, twoTweets, "")
		return len(f.calls) - before
	}
	sound := asked()
	forgets = true
	asked()
	forgets = false
	if got := asked(); got != sound {
		t.Errorf("after one faulty answer an operation takes %d calls, and %d before", got, sound)
	}
}

// TestFaultySubgraphIsNotFlooded: while a subgraph gives answers with holes,
// not each request tries every way to ask it.
func TestFaultySubgraphIsNotFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forgets := true
		f := forgetful(t, &forgets)
		r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport})
		got := post(t, r, twoTweets, "")
		if len(got.Errors) == 0 || got.Errors[0].Extensions["code"] != CodeDownstream || got.Errors[0].Extensions["serviceName"] != "tweets" {
			t.Errorf("the hole is not reported: %s", got.Body)
		}
		before := len(f.calls)
		for range 10 {
			if again := post(t, r, twoTweets, ""); len(again.Errors) != len(got.Errors) {
				t.Errorf("the hole is not reported: %s", again.Body)
			}
		}
		if n := len(f.calls) - before; n > 20 {
			t.Errorf("10 requests took %d calls, want 2 each", n)
		}
		time.Sleep(formTrial) // of the bubble
		forgets = false
		wantData(t, post(t, r, twoTweets, ""), `{"a":{"text":"x","likeCount":3},"b":{"text":"x"}}`)
	})
}

// TestBetterFormIsKept: where a plan is at fault, the form that answers is
// taken for a while, and then the first one has its chance again.
func TestBetterFormIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forgets := false
		f := forgetful(t, &forgets)
		sound := f.answer["tweets"]
		f.answer["tweets"] = func(c call) string {
			// What two fields of one request would be given by a wrong plan.
			forgets = strings.Contains(c.Query, "a: tweet") && strings.Contains(c.Query, "b: tweet")
			return sound(c)
		}
		r := startQuiet(t, Config{Source: Static(socialSDL), Transport: f.transport})
		whole := func() int {
			before := len(f.to("tweets"))
			wantData(t, post(t, r, twoTweets, ""), `{"a":{"text":"x","likeCount":3},"b":{"text":"x"}}`)
			return len(f.to("tweets")) - before
		}
		learning := whole()
		for range 3 {
			if n := whole(); n != 2 {
				t.Errorf("the form that answers takes %d calls, want one for each field", n)
			}
		}
		time.Sleep(formTrial) // of the bubble
		if n := whole(); n != learning {
			t.Errorf("after a while it takes %d calls, want the first form tried again: %d", n, learning)
		}
	})
}

// itemsSDL has an interface object in a: that an item is a book or a film is
// only known to b.
func itemsSDL() string {
	head, _, _ := strings.Cut(contextSDL, "type Query")
	return strings.Replace(head, "{ query: Query }", "{ query: Query mutation: Mutation }", 1) + `
type Query @join__type(graph: A) @join__type(graph: B) { item: Item @join__field(graph: A) }
type Mutation @join__type(graph: A) { add: Item @join__field(graph: A) }
interface Item @join__type(graph: A, key: "id", isInterfaceObject: true) @join__type(graph: B, key: "id") { id: ID! pages: Int! @join__field(graph: A) }
type Book implements Item @join__implements(graph: B, interface: "Item") @join__type(graph: B, key: "id") { id: ID! pages: Int! @join__field }
type Film implements Item @join__implements(graph: B, interface: "Item") @join__type(graph: B, key: "id") { id: ID! pages: Int! @join__field }
`
}

// films are subgraphs with one item, which is a film and has no pages.
func films(t *testing.T) *fakes {
	f := newFakes(t)
	f.answer["a"] = func(c call) string {
		name := "item"
		if strings.HasPrefix(c.Query, "mutation") {
			name = "add"
		}
		if strings.Contains(c.Query, "pages") {
			return fmt.Sprintf(`{"data":{%q:null},"errors":[{"message":"no pages","path":[%[1]q,"pages"]}]}`, name)
		}
		return fmt.Sprintf(`{"data":{%q:{"__typename":"Item","id":"1"}}}`, name)
	}
	f.on("b", `{"data":{"_entities":[{"__typename":"Film"}]}}`)
	return f
}

// TestHastyFieldIsAskedForAgain: a field that is wanted of another type than the
// object's, and failed before that was known, does not make the object null.
func TestHastyFieldIsAskedForAgain(t *testing.T) {
	f := films(t)
	r := startQuiet(t, Config{Source: Static(itemsSDL()), Transport: f.transport})
	const query = `{ item { id ... on Book { pages } } }`
	wantData(t, post(t, r, query, ""), `{"item":{"id":"1"}}`)
	first := len(f.calls)
	wantData(t, post(t, r, query, ""), `{"item":{"id":"1"}}`)
	if then := len(f.calls) - first; first <= 2 || then != 2 {
		t.Errorf("%d calls, and %d the next time, want the item and its type once it is known how", first, then)
	}
}

// TestMutationIsNotHasty: what cannot be sent again waits for the type at once.
func TestMutationIsNotHasty(t *testing.T) {
	f := films(t)
	r := startQuiet(t, Config{Source: Static(itemsSDL()), Transport: f.transport})
	wantData(t, post(t, r, `mutation { add { id ... on Book { pages } } }`, ""), `{"add":{"id":"1"}}`)
	sent := 0
	for _, c := range f.to("a") {
		if strings.HasPrefix(c.Query, "mutation") {
			sent++
		}
	}
	if sent != 1 || len(f.to("b")) != 1 {
		t.Errorf("the mutation was sent %d times, and %d calls asked for the type", sent, len(f.to("b")))
	}
}
