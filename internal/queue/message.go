package queue

import (
	"fmt"

	"github.com/starlinghq/starling/internal/social"
)

// MessageOf returns the message that carries an event, without trace context.
func MessageOf(e social.Event) (Message, error) {
	b, err := social.Encode(e)
	if err != nil {
		return Message{}, fmt.Errorf("queue: %w", err)
	}
	return Message{ID: e.MessageID(), Type: e.Body.Type(), Family: e.Body.Family(), Key: e.Body.Key(), Body: b}, nil
}
