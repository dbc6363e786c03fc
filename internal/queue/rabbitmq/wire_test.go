package queuerabbitmq

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	amqp "github.com/rabbitmq/amqp091-go"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Other systems read these messages: the names are those of CloudEvents 1.0
// and its AMQP binding, and may not change.
func TestHeadersAreCloudEvents(t *testing.T) {
	m := queue.Message{
		ID: "7:tweet.posted", Type: social.TypeTweetPosted, Family: social.FamilyTweets, Key: 42,
		Headers: map[string]string{"traceparent": "00-1", "cloudEvents:id": "forged", "x-starling-attempts": "9"},
		Body:    []byte(`{"v":1}`),
	}
	p := publishing(m, amqp.Table{headerAttempts: int64(2)})
	want := amqp.Table{
		"cloudEvents:specversion": "1.0", "cloudEvents:id": "7:tweet.posted", "cloudEvents:source": "/starling",
		"cloudEvents:type": "tweet.posted", "cloudEvents:family": "tweets", "cloudEvents:partitionkey": "42",
		"traceparent": "00-1", "x-starling-attempts": int64(2),
	}
	if diff := cmp.Diff(want, p.Headers); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if p.ContentType != "application/json" || p.DeliveryMode != amqp.Persistent || p.MessageId != m.ID {
		t.Errorf("properties: %+v", p)
	}
}

func TestWireRoundTrip(t *testing.T) {
	for range 40 { // each is a few; see TestMain
		rapid.Check(t, roundTrip)
	}
}

func roundTrip(t *rapid.T) {
	m := queue.Message{
		ID:     rapid.StringN(1, 40, 80).Draw(t, "id"),
		Type:   social.EventType(rapid.StringN(0, 20, 40).Draw(t, "type")),
		Family: social.Family(rapid.StringN(1, 20, 40).Draw(t, "family")),
		Key:    snowflake.ID(rapid.Int64Min(0).Draw(t, "key")),
		Body:   rapid.SliceOf(rapid.Byte()).Draw(t, "body"),
	}
	if trace := rapid.String().Draw(t, "trace"); trace != "" {
		m.Headers = map[string]string{"traceparent": trace}
	}
	p := publishing(m, nil)
	got := message(amqp.Delivery{Headers: p.Headers, MessageId: p.MessageId, Body: p.Body}, "other")
	if diff := cmp.Diff(m, got); diff != "" {
		t.Fatalf("(-sent +read):\n%s", diff)
	}
}

// Whatever lies in a queue is handed on, with an id under which it can be
// parked and the bytes that were sent.
func FuzzForeignMessage(f *testing.F) {
	f.Add("", "", "", []byte("x"))
	f.Add("id", "12", "x-death", []byte(nil))
	f.Add("id", "-1", "cloudEvents:family", []byte("{}"))
	f.Fuzz(func(t *testing.T, id, key, name string, body []byte) {
		d := amqp.Delivery{Headers: amqp.Table{attrID: id, attrPartitionKey: key, name: []any{amqp.Table{"time": name}}}, Body: body}
		m := message(d, social.FamilyUsers)
		if m.ID == "" || m.Family == "" || !bytes.Equal(m.Body, body) {
			t.Errorf("got %+v", m)
		}
		if p := parked(d); p.ID != m.ID {
			t.Errorf("parked as %q, delivered as %q", p.ID, m.ID)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"scheme":      func(c *Config) { c.URLs = []string{"http://here"} },
		"no URL":      func(c *Config) { c.URLs = []string{} },
		"shards":      func(c *Config) { c.Shards = maxShards + 1 },
		"family":      func(c *Config) { c.Families = []social.Family{familyRetry} },
		"rungs fall":  func(c *Config) { c.Rungs[1] = c.Rungs[0] - 1 },
		"window":      func(c *Config) { c.Window = -1 },
		"heartbeat":   func(c *Config) { c.Heartbeat = 1 },
		"lonely cert": func(c *Config) { c.TLS.CertFile = "cert.pem" },
	} {
		c := Default()
		change(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
