package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// waiting is how much waits anywhere, as a process sees it.
func waiting(ctx context.Context, p *process) (n int64, err error) {
	depths, err := p.Depths(ctx)
	for _, d := range depths {
		n += d.Ready + d.Resting
	}
	return n, err
}

// TestWhatOthersHoldIsCounted: a message that another process has in hand
// waits until that one has acknowledged it, or died and left it.
func TestWhatOthersHoldIsCounted(t *testing.T) {
	cfg := config(t)
	holder, observer := start(t, cfg), start(t, cfg)
	sees := func(want int64) {
		t.Helper()
		testenv.Eventually(t, 20*time.Second, func() error {
			n, err := waiting(t.Context(), observer)
			if err == nil && n != want {
				err = fmt.Errorf("%d messages wait, want %d", n, want)
			}
			return err
		})
	}
	sees(0)
	m := followers("first")
	sub := subscribe(t, holder, queue.QueueOf(m, testShards))
	if err := holder.Publish(t.Context(), m, followers("second"), followers("third")); err != nil {
		t.Fatal(err)
	}
	var last queue.Delivery
	for range 3 {
		var err error
		if last, err = sub.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		sees(3)
	}
	last.Tag-- // all but the last
	if err := sub.AckThrough(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	sees(1)
	holder.kill()
	sees(1)
	if err := observer.Retry(t.Context(), last, queue.Rung1s, 1); err != nil {
		t.Fatal(err)
	}
	sees(2)
}

// TestNothingIsSeenOnlyWhereNothingIs: a message that goes from the broker into
// somebody's hands after he was asked and before the broker is, is not missed;
// nor is the one that follows from it, from which hand or queue it may hide
// next.
func TestNothingIsSeenOnlyWhereNothingIs(t *testing.T) {
	cfg := config(t)
	holder, observer := start(t, cfg), start(t, cfg)
	first := queue.Message{ID: "first", Type: social.TypeFollowerSet, Family: social.FamilyFollowers, Key: 1, Body: []byte("{}")}
	next := first
	next.ID, next.Family = "next", social.FamilyFeed
	if err := holder.Publish(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	subs := map[string]queue.Subscription{}
	take := func(m queue.Message) queue.Delivery {
		if subs[m.ID] == nil {
			subs[m.ID] = subscribe(t, holder, queue.QueueOf(m, testShards))
		}
		d, err := subs[m.ID].Next(t.Context())
		if err != nil {
			t.Error(err)
		}
		return d
	}
	var inHand queue.Delivery
	moves := []func(){
		func() { inHand = take(first) },
		func() {},
	}
	observer.asked = func() {
		moves[0]()
		moves = moves[1:]
	}
	if n, err := waiting(t.Context(), observer); n != 1 || err != nil {
		t.Errorf("%d messages wait, %v; want the one that is in hand by now", n, err)
	}
	moves = []func(){func() {
		if err := holder.Relay(t.Context(), next); err != nil {
			t.Error(err)
		}
		if err := subs[first.ID].AckThrough(t.Context(), inHand); err != nil {
			t.Error(err)
		}
		inHand = take(next)
	}, func() {
		if err := subs[next.ID].AckThrough(t.Context(), inHand); err != nil {
			t.Error(err)
		}
	}, func() {}, func() {}}
	for _, want := range []int64{1, 1, 0} { // what was in hand when it was asked counts
		if n, err := waiting(t.Context(), observer); n != want || err != nil {
			t.Errorf("%d messages wait, %v; want %d", n, err, want)
		}
	}
}

// TestTheRollIsMadeAgain: somebody deletes at the broker what the processes
// count each other by; they make it again, and all of them are counted.
func TestTheRollIsMadeAgain(t *testing.T) {
	for name, del := range map[string]func(ch *amqp.Channel, n names) error{
		"roll": func(ch *amqp.Channel, n names) error {
			_, err := ch.QueueDelete(n.roll(), false, false, false)
			return err
		},
		"questions": func(ch *amqp.Channel, n names) error { return ch.ExchangeDelete(n.questions(), false, false) },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			holder, observer := start(t, cfg), start(t, cfg)
			m := followers("first")
			if err := holder.Publish(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if n, err := waiting(t.Context(), observer); n != 1 || err != nil {
				t.Fatalf("%d messages wait, %v; want 1", n, err)
			}
			conn, err := amqp.Dial(cfg.URLs[0])
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			ch, err := conn.Channel()
			if err != nil {
				t.Fatal(err)
			}
			if err := del(ch, observer.names); err != nil {
				t.Fatal(err)
			}
			testenv.Eventually(t, 30*time.Second, func() error {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				held, err := observer.ask(ctx)
				if err == nil && len(held) != 2 {
					err = fmt.Errorf("%d processes answer, want 2", len(held))
				}
				return err
			})
		})
	}
}

// TestAnAlarmHidesWhatOthersHold: while nobody can be asked, nobody says that
// nothing waits.
func TestAnAlarmHidesWhatOthersHold(t *testing.T) {
	cfg := config(t)
	holder, observer := start(t, cfg), start(t, cfg)
	m := followers("first")
	if err := holder.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := subscribe(t, holder, queue.QueueOf(m, testShards)).Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, _ := observer.out.now()
	out.blocked.Store(true)
	if n, err := waiting(t.Context(), observer); !errors.Is(err, errBlocked) {
		t.Errorf("in an alarm %d messages wait, %v", n, err)
	}
	out.blocked.Store(false)
	if n, err := waiting(t.Context(), observer); n != 1 || err != nil {
		t.Errorf("after it %d messages wait, %v; want 1", n, err)
	}
}
