package queuerabbitmq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/pause"
	"github.com/starlinghq/starling/internal/queue"
)

// What a consumer has in hand the broker tells nobody over AMQP. So the
// processes tell each other: each of them consumes from the queue "roll", where
// nothing is ever published, only to be counted there, and has a queue of its
// own behind the exchange starling.roll. Whoever wants to know publishes a
// question to that and waits for as many answers as there are consumers on the
// roll.

func (n names) roll() string      { return n.prefix + "roll" }
func (n names) questions() string { return n.prefix + "starling.roll" }

// holding is what one process answers.
type holding struct {
	// Who is the process, by a number that it drew.
	Who int64 `json:"who"`
	// Moved changes whenever a message goes anywhere through the process.
	Moved int64            `json:"moved"`
	Held  map[string]int64 `json:"held,omitempty"` // by queue
}

// holdings are the answers of all processes.
type holdings map[int64]holding

// of is how much of a queue is in somebody's hands.
func (hs holdings) of(name queue.Name) (n int64) {
	for _, h := range hs {
		n += h.Held[name.String()]
	}
	return n
}

// rests tells whether nothing went anywhere since earlier answers.
func (hs holdings) rests(before holdings) bool {
	for who, h := range hs {
		if was, ok := before[who]; !ok || was.Moved != h.Moved {
			return false
		}
	}
	return len(hs) == len(before)
}

// holds is the answer of this process.
func (q *Queue) holds() holding {
	h := holding{Who: q.who, Moved: q.moved.Load(), Held: map[string]int64{}}
	q.mu.Lock()
	defer q.mu.Unlock()
	for name, subs := range q.subs {
		for _, sub := range subs {
			if n := sub.held.Load(); n > 0 {
				h.Held[name.String()] += n
			}
		}
	}
	return h
}

// enroll puts this process on the roll, before it can subscribe to anything,
// and answers questions until the session ends. Where the broker takes it off
// again, because somebody has deleted a queue, the session ends: it would hold
// messages and not be counted.
func (q *Queue) enroll(ctx context.Context, s *session) error {
	ch, err := s.conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	own, err := ch.QueueDeclare("", false, true, true, false, nil)
	if err == nil {
		err = ch.QueueBind(own.Name, "", q.names.questions(), false, nil)
	}
	var asked, nothing <-chan amqp.Delivery
	if err == nil {
		asked, err = ch.Consume(own.Name, "", true, true, false, false, nil)
	}
	if err == nil {
		nothing, err = ch.Consume(q.names.roll(), "", true, false, false, false, nil)
	}
	if err != nil {
		q.lacks(err)
		return fmt.Errorf("enroll: %w", err)
	}
	s.wg.Go(func() {
		for d := range asked {
			q.answer(ctx, d.ReplyTo)
		}
		s.kill()
	})
	s.wg.Go(func() {
		for range nothing { // so that the library's reader never waits
			continue
		}
		s.kill()
	})
	return nil
}

// openAside opens the channel for what may be lost. One that is closed alone
// takes the session along. Where there was nothing to publish to, everybody's
// binding is lost too, and nobody else knows: the roll is deleted, so that all
// of them enroll again.
func (q *Queue) openAside(s *session) (*amqp.Channel, error) {
	ch, err := s.conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	s.wg.Go(func() {
		for e := range closed { // which is closed when the channel has ended
			if e.Code == amqp.NotFound {
				q.missing()
				q.deleteRoll(s)
			}
		}
		s.kill()
	})
	return ch, nil
}

func (q *Queue) deleteRoll(s *session) {
	ch, err := s.conn.Channel()
	if err == nil {
		_, err = ch.QueueDelete(q.names.roll(), false, false, false)
	}
	if err != nil { // whoever asks next tries again
		q.cfg.Logger.Warn("the roll is not deleted", slog.Any("error", err))
	}
}

// answer tells one who asked. He may be gone; and where this process cannot
// publish now, he asks another time.
func (q *Queue) answer(ctx context.Context, to string) {
	body, err := json.Marshal(q.holds())
	if err != nil {
		return // a map of numbers
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_ = q.mention(ctx, "", to, amqp.Publishing{Body: body})
}

// mention publishes what may be lost.
func (q *Queue) mention(ctx context.Context, exchange, key string, p amqp.Publishing) error {
	s, err := q.out.wait(ctx)
	if err != nil {
		return err
	}
	if s.blocked.Load() {
		return errBlocked
	}
	return s.aside.Publish(exchange, key, false, false, p)
}

const (
	answerTime = 15 * time.Second       // in which the broker gives up a process that is dead
	askAgain   = 200 * time.Millisecond // somebody came after the question, or could not publish
)

// ask asks every process what it holds, until all that are on the roll have
// answered: where one is dead, until the broker has noticed.
func (q *Queue) ask(ctx context.Context) (_ holdings, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	s, err := q.in.wait(ctx)
	if err != nil {
		return nil, err
	}
	ch, err := s.conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	defer func() { err = errors.Join(err, closing(ch.Close())) }()
	own, err := ch.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	answers, err := ch.Consume(own.Name, "", true, true, false, false, nil)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	for all := (holdings{}); ; {
		if err := q.mention(ctx, q.names.questions(), "", amqp.Publishing{ReplyTo: own.Name}); err != nil {
			return nil, fmt.Errorf("ask: %w", err)
		}
		roll, err := ch.QueueDeclarePassive(q.names.roll(), true, false, false, false, nil)
		if err != nil {
			return nil, fmt.Errorf("read the roll: %w", err)
		}
		if err := gather(answers, all, roll.Consumers); err != nil {
			return nil, err
		}
		if len(all) >= roll.Consumers {
			return all, nil
		}
		if err := context.Cause(ctx); err != nil {
			return nil, fmt.Errorf("%d of %d processes say what they hold: %w", len(all), roll.Consumers, err)
		}
	}
}

// gather takes answers until there are n, or it is time to ask again.
func gather(answers <-chan amqp.Delivery, all holdings, n int) error {
	again := time.NewTimer(askAgain)
	defer again.Stop()
	for len(all) < n {
		select {
		case d, ok := <-answers:
			if !ok {
				return errors.New("the connection ended")
			}
			var one holding
			if err := json.Unmarshal(d.Body, &one); err != nil {
				return fmt.Errorf("read an answer: %w", err)
			}
			all[one.Who] = one
		case <-again.C:
			return nil
		}
	}
	return nil
}

const (
	looks    = 10                    // at moving messages, before Depths gives up
	settling = 20 * time.Millisecond // in which what the broker sent or took back arrives
)

// Depths implements [queue.Gauge]: what the broker has not handed out and what
// every process holds. A message on its way may be counted twice. That none is
// anywhere is told only where two looks in a row see none and nothing moved
// between them. While the broker has an alarm nobody can ask: what others hold
// is missing then, and that nothing waits is an error. The rungs of the ladder
// are common to all queues and are told under the family "retry".
func (q *Queue) Depths(ctx context.Context) ([]queue.Depth, error) {
	var before holdings
	for range looks {
		held, err := q.ask(ctx)
		alarm := errors.Is(err, errBlocked)
		if alarm {
			held = holdings{q.who: q.holds()}
		} else if err != nil {
			return nil, fmt.Errorf("queuerabbitmq: read depths: %w", err)
		}
		if q.asked != nil {
			q.asked()
		}
		all, total, err := q.count(ctx, held)
		if err != nil {
			return nil, fmt.Errorf("queuerabbitmq: read depths: %w", err)
		}
		if alarm && total == 0 {
			return nil, fmt.Errorf("queuerabbitmq: read depths: what other processes hold is not known: %w; ask again when it is over", errBlocked)
		}
		if total > 0 || held.rests(before) {
			return all, nil
		}
		before = held
		if !pause.For(ctx, settling) {
			return nil, fmt.Errorf("queuerabbitmq: read depths: %w", context.Cause(ctx))
		}
	}
	return nil, errors.New("queuerabbitmq: read depths: messages move all the time and none is seen; ask again")
}

// count adds what is held to what the broker has. It asks for the rungs first:
// a message goes from there to its queue, never back unseen.
func (q *Queue) count(ctx context.Context, held holdings) (all []queue.Depth, total int64, err error) {
	err = q.inspect(ctx, func(ask func(string) (int64, error)) error {
		var resting []queue.Depth
		for i := range rungs {
			n, err := ask(q.names.rung(queue.Rung(i)))
			if err != nil {
				return err
			}
			total += n
			resting = append(resting, queue.Depth{Name: q.cfg.shard(familyRetry, i), Resting: n})
		}
		for _, f := range q.cfg.Families {
			for i := range q.cfg.Shards {
				name := q.cfg.shard(f, i)
				n, err := ask(q.names.queue(name))
				if err != nil {
					return err
				}
				n += held.of(name)
				total += n
				all = append(all, queue.Depth{Name: name, Ready: n})
			}
		}
		all = append(all, resting...)
		return nil
	})
	return all, total, err
}
