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
