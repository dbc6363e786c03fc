package queuerabbitmq

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// Messages travel as CloudEvents 1.0 in binary content mode of its AMQP
// binding: attributes are headers with a prefix, the body is the event.
// partitionkey is the extension of that name; family is one of ours.
const (
	attributes       = "cloudEvents:"
	attrSpecVersion  = attributes + "specversion"
	attrID           = attributes + "id"
	attrSource       = attributes + "source"
	attrType         = attributes + "type"
	attrFamily       = attributes + "family"
	attrPartitionKey = attributes + "partitionkey"

	specVersion = "1.0"
	source      = "/starling"
	contentType = "application/json"
)

// Headers of our own say what happened to a message. Names that begin with x-
// belong to the broker and to us, and are never a message's own.
const (
	reserved        = "x-"
	headerAttempts  = "x-starling-attempts"
	headerRecovered = "x-starling-recovered"
	headerReason    = "x-starling-reason"
	headerParkedAt  = "x-starling-parked-at" // unix milliseconds
	headerDeath     = "x-death"              // the broker's, of messages that it dead-lettered
)

// publishing returns m as it travels, with more headers.
func publishing(m queue.Message, more amqp.Table) amqp.Publishing {
	headers := make(amqp.Table, len(m.Headers)+len(more)+6)
	for name, value := range m.Headers {
		if own(name) {
			headers[name] = value
		}
	}
	headers[attrSpecVersion], headers[attrSource] = specVersion, source
	headers[attrID], headers[attrType] = m.ID, string(m.Type)
	headers[attrFamily], headers[attrPartitionKey] = string(m.Family), m.Key.String()
	for name, value := range more {
		headers[name] = value
	}
	return amqp.Publishing{
		Headers: headers, ContentType: contentType, DeliveryMode: amqp.Persistent,
		MessageId: m.ID, Type: string(m.Type), Body: m.Body,
	}
}

// own tells a message's own headers from those that describe it.
func own(name string) bool {
	return !strings.HasPrefix(name, attributes) && !strings.HasPrefix(name, reserved)
}

// message reads what publishing wrote. It never fails: a message that is not
// ours is handed on as it is, and parked by whoever cannot read its body.
func message(d amqp.Delivery, from social.Family) queue.Message {
	m := queue.Message{
		ID: text(d.Headers, attrID), Type: social.EventType(text(d.Headers, attrType)),
		Family: social.Family(text(d.Headers, attrFamily)), Body: d.Body,
	}
	if m.ID == "" {
		m.ID = d.MessageId
	}
	if m.ID == "" {
		h := fnv.New64a()
		h.Write(d.Body)
		m.ID = fmt.Sprintf("unnamed:%016x", h.Sum64())
	}
	if m.Family == "" {
		m.Family = from
	}
	if key, err := strconv.ParseInt(text(d.Headers, attrPartitionKey), 10, 64); err == nil {
		m.Key = snowflake.ID(key)
	}
	for name, value := range d.Headers {
		s, ok := value.(string)
		if !ok || !own(name) {
			continue
		}
		if m.Headers == nil {
			m.Headers = make(map[string]string, 2)
		}
		m.Headers[name] = s
	}
	return m
}

// parked reads a message of the parking, whoever laid it there: we, with a
// reason, or the broker, after too many deliveries.
func parked(d amqp.Delivery) queue.Parked {
	p := queue.Parked{Message: message(d, ""), Attempts: int(number(d.Headers, headerAttempts)), Reason: text(d.Headers, headerReason)}
	if ms := number(d.Headers, headerParkedAt); ms != 0 {
		p.At = time.UnixMilli(ms).UTC()
		return p
	}
	deaths, _ := d.Headers[headerDeath].([]any)
	for _, entry := range deaths {
		death, ok := entry.(amqp.Table)
		if !ok {
			continue
		}
		at, _ := death["time"].(time.Time)
		p.At = at.UTC()
		p.Reason = fmt.Sprintf("laid aside by the broker from %v: %v", death["queue"], death["reason"])
		break
	}
	return p
}

func text(t amqp.Table, name string) string {
	s, _ := t[name].(string)
	return s
}

func number(t amqp.Table, name string) int64 {
	switch n := t[name].(type) {
	case int64:
		return n
	case int32:
		return int64(n)
	}
	return 0
}

func flag(t amqp.Table, name string) bool {
	b, _ := t[name].(bool)
	return b
}
