package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/telemetry/telemetrytest"
	"github.com/starlinghq/starling/internal/testenv"
)

// chapter is a span of one tweet's story, and the one it must stand under.
type chapter struct{ service, span, under string }

// story is what becomes of one posted tweet, from the client's request to the
// home timelines of its readers, over five processes and two queues.
var story = []chapter{
	{"starling-tweets", "subgraph tweets", "starling-router"},
	{"starling-tweets", "queue.Publish", "subgraph tweets"},
	{"starling-owner-tweets", "apply tweet.posted", "queue.Publish"},
	{"starling-owner-tweets", "store.PutTweet", "apply tweet.posted"},
	{"starling-owner-tweets", "store.LogTweet", "apply tweet.posted"},
	{"starling-owner-tweets", "queue.Relay", "apply tweet.posted"},
	{"starling-fanout", "apply feed.fanout", "queue.Relay"},
	{"starling-fanout", "cache.Append", "apply feed.fanout"},
}

// postsUnder posts a tweet under a trace of the client's, which asks for
// recording, once a follower has a home timeline to be delivered to.
func postsUnder(t *testing.T, f *fleet, trace string) {
	t.Helper()
	run := fmt.Sprintf("%x", time.Now().UnixMicro())
	ann, bob := f.routers[0].SignUp(t, run+"a"), f.routers[1].SignUp(t, run+"b")
	bob.Follows(t, ann)
	first := ann.Posts(t, "before the story")
	testenv.Eventually(t, 20*time.Second, func() error {
		if !slices.Contains(bob.Feed(t, 20), first) {
			return fmt.Errorf("%s is not in the feed of its author's follower", first)
		}
		return nil
	})
	ann.Header = map[string]string{"traceparent": "00-" + trace + "-00f067aa0ba902b7-01"}
	ann.Must(t, "postTweet", apptest.Input{"text": "one story"})
}

// tellsTheStory says which chapter is missing or stands in a wrong place.
func tellsTheStory(spans []telemetrytest.Span) error {
	byID := map[string]telemetrytest.Span{}
	for _, s := range spans {
		byID[s.ID] = s
	}
	under := func(s telemetrytest.Span, name string) bool {
		for p, ok := byID[s.Parent]; ok; p, ok = byID[p.Parent] {
			if p.Name == name || p.Service == name {
				return true
			}
		}
		return false
	}
	for _, c := range story {
		at := slices.IndexFunc(spans, func(s telemetrytest.Span) bool {
			return s.Service == c.service && s.Name == c.span && under(s, c.under)
		})
		if at < 0 {
			return fmt.Errorf("no %q of %s below %q among %d spans: %s", c.span, c.service, c.under, len(spans), names(spans))
		}
		if s := spans[at]; strings.HasPrefix(s.Name, "apply ") && !slices.Contains(s.Links, s.Parent) {
			return fmt.Errorf("%q of %s has no link to the message's publisher: %v", s.Name, s.Service, s.Links)
		}
	}
	roots := slices.DeleteFunc(slices.Clone(spans), func(s telemetrytest.Span) bool { _, ok := byID[s.Parent]; return ok })
	if len(roots) != 1 || roots[0].Service != "starling-router" {
		return fmt.Errorf("the story begins %d times: %s", len(roots), names(roots))
	}
	return nil
}

func names(spans []telemetrytest.Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Service+"/"+s.Name)
	}
	return strings.Join(out, ", ")
}

// tellOneStory checks the story of a tweet as a collector in this process
// received it.
func tellOneStory(t *testing.T, f *fleet, collector *telemetrytest.Receiver) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	postsUnder(t, f, trace)
	testenv.Eventually(t, 30*time.Second, func() error {
		return tellsTheStory(slices.DeleteFunc(collector.Spans(), func(s telemetrytest.Span) bool { return s.Trace != trace }))
	})
	t.Log("\n" + collector.Story(trace))
}

// tellJaeger checks another story by the API of the real Jaeger.
func tellJaeger(t *testing.T, f *fleet, collector *telemetrytest.Receiver) {
	jaeger := testenv.Private(t, "jaeger")
	collector.PassOn(jaeger.OTLP())
	defer collector.PassOn("")
	const trace = "80e1afed08e019fc1110464cfa66635c"
	postsUnder(t, f, trace)
	testenv.Eventually(t, 30*time.Second, func() error {
		spans, err := jaegerTrace(t, jaeger.Endpoint(), trace)
		if err != nil {
			return err
		}
		return tellsTheStory(spans)
	})
}

// jaegerTrace reads a trace from Jaeger.
func jaegerTrace(t *testing.T, url, trace string) ([]telemetrytest.Span, error) {
	t.Helper()
	resp, err := http.Get(url + "/api/traces/" + trace)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var out struct {
		Data []struct {
			Spans []struct {
				TraceID, SpanID, OperationName, ProcessID string
				References                                []struct{ RefType, SpanID string }
			}
			Processes map[string]struct{ ServiceName string }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return nil, err
	}
	if len(out.Data) != 1 {
		return nil, fmt.Errorf("jaeger has %d traces %s", len(out.Data), trace)
	}
	var spans []telemetrytest.Span
	for _, s := range out.Data[0].Spans {
		span := telemetrytest.Span{Trace: s.TraceID, ID: s.SpanID, Name: s.OperationName, Service: out.Data[0].Processes[s.ProcessID].ServiceName}
		for _, r := range s.References {
			// Jaeger has parents and links in one list, and lists a parent that is
			// linked to once, as FOLLOWS_FROM.
			if span.Parent == "" || r.RefType == "CHILD_OF" {
				span.Parent = r.SpanID
			}
			span.Links = append(span.Links, r.SpanID)
		}
		spans = append(spans, span)
	}
	return spans, nil
}
