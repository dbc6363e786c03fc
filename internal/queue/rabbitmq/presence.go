package queuerabbitmq

import (
	"context"
	"fmt"
	"log/slog"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A process is present under a name while the broker keeps an empty queue of
// that name which belongs to its connection alone: the queue ends with the
// connection, whatever ended it, after two heartbeats at the latest.

func (n names) member(name string) string { return n.prefix + "member." + name }

// Present tells whether a process that appears under the name is up; see
// Config.Members. Whoever is active on a queue that another one prefers gives
// it back when that one is present.
func (q *Queue) Present(ctx context.Context, member string) (bool, error) {
	s, err := q.in.wait(ctx)
	if err != nil {
		return false, fmt.Errorf("queuerabbitmq: is %s present: %w", member, err)
	}
	ch, err := s.conn.Channel()
	if err != nil {
		return false, fmt.Errorf("queuerabbitmq: is %s present: open a channel: %w", member, err)
	}
	_, err = ch.QueueDeclarePassive(q.names.member(member), false, true, true, false, nil)
	switch {
	case err == nil: // ourselves
		return true, closing(ch.Close())
	case refused(err, amqp.ResourceLocked):
		return true, nil
	case refused(err, amqp.NotFound):
		return false, nil
	}
	return false, fmt.Errorf("queuerabbitmq: is %s present: %w", member, err)
}

// prepareIn makes this process appear on the connection that consumes, and puts
// it on the roll.
func (q *Queue) prepareIn(ctx context.Context, s *session) error {
	ctx, cancel := context.WithCancel(ctx)
	s.wg.Go(func() {
		<-s.dead
		cancel()
	})
	if err := q.enroll(ctx, s); err != nil {
		return err
	}
	if len(q.cfg.Members) == 0 {
		return nil
	}
	s.wg.Go(func() { q.appear(ctx, s) })
	return nil
}

// appear takes the names of this process, one after another. One that is taken
// belongs to a connection that the broker has not given up yet.
func (q *Queue) appear(ctx context.Context, s *session) {
	for _, member := range q.cfg.Members {
		for wait := retries(); ; {
			err := q.appearAs(s, member)
			if err == nil {
				break
			}
			if !wait.Sleep(ctx) {
				return
			}
			q.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "name is taken at the broker", slog.String("member", member), slog.Any("error", err))
		}
	}
}

func (q *Queue) appearAs(s *session, member string) error {
	ch, err := s.conn.Channel()
	if err != nil {
		return err
	}
	if _, err := ch.QueueDeclare(q.names.member(member), false, true, true, false, nil); err != nil {
		return err // which has closed the channel
	}
	return closing(ch.Close())
}
