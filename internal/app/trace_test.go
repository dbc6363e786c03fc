package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/telemetry/telemetrytest"
	"github.com/starlinghq/starling/internal/testenv"
)

// TestOneTweetIsOneStory posts a tweet under a trace of the client's and reads
// from a collector what became of it, from the router to the follower's home
// timeline.
func TestOneTweetIsOneStory(t *testing.T) {
	collector := telemetrytest.NewReceiver(t)
	sys := apptest.Start(t, func(c *app.Config) { c.Telemetry.OTLPEndpoint = collector.URL })
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	bob.Follows(t, ann)
	sys.Settled(t)
	bob.Feed(t, 20) // makes his home timeline, for fan-out to append to

	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	body, err := json.Marshal(map[string]any{"query": `mutation Post { postTweet(input: {text: "one story"}) { tweet { id author { handle } } userErrors { code } } }`})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sys.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+ann.Token)
	req.Header.Set("traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	sys.Settled(t)

	chapters := []string{
		"plan", "subgraph tweets", "queue.Publish", "apply tweet.posted",
		"store.PutTweet", "store.LogTweet", "cache.PutIfNewer", "queue.Relay", "apply feed.fanout", "store.Members", "cache.Append",
	}
	testenv.Eventually(t, 20*time.Second, func() error {
		story := collector.Story(trace)
		for _, c := range chapters {
			if !strings.Contains(story, c) {
				return errNoChapter{c, story}
			}
		}
		return nil
	})
	t.Log("\n" + collector.Story(trace))
}

type errNoChapter struct{ chapter, story string }

func (e errNoChapter) Error() string { return "no " + e.chapter + " in\n" + e.story }
