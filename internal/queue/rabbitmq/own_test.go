package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// channel opens a channel beside the queue's own.
func channel(t testing.TB, url string) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func followers(id string) queue.Message {
	return queue.Message{ID: id, Type: social.TypeFollowerSet, Family: social.FamilyFollowers, Key: 1, Body: []byte(`{"id":"` + id + `"}`)}
}

func subscribe(t testing.TB, p *process, n queue.Name) queue.Subscription {
	t.Helper()
	sub, err := p.Subscribe(t.Context(), n, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sub.Close() })
	return sub
}

// Queues that were made otherwise are refused by name, not used.
func TestAnotherTopologyIsRefused(t *testing.T) {
	cfg := config(t)
	start(t, cfg)
	rungs, fewer := cfg, cfg
	rungs.Rungs[2] += time.Second
	fewer.Shards--
	for name, other := range map[string]Config{"retry.60s": rungs, "tweets.01": fewer} {
		_, err := Open(t.Context(), other)
		if !errors.Is(err, ErrTopology) || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want ErrTopology with %s", err, name)
		}
	}
	if _, err := Open(t.Context(), cfg); err != nil {
		t.Errorf("the same again: %v", err)
	}
}

// Processes that start together make the queues together.
func TestManyOpenAtOnce(t *testing.T) {
	cfg := config(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := Open(t.Context(), cfg); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A message for which there is no queue is refused for sure, and the queue is
// made again.
func TestReturned(t *testing.T) {
	cfg := config(t)
	p := start(t, cfg)
	name := queue.QueueOf(followers("1"), testShards)
	if _, err := channel(t, cfg.URLs[0]).QueueDelete(p.names.queue(name), false, false, false); err != nil {
		t.Fatal(err)
	}
	err := p.Publish(t.Context(), followers("1"))
	if !errors.Is(err, errReturned) || queue.MaybePublished(err) {
		t.Errorf("publish into nothing: %v", err)
	}
	testenv.Eventually(t, 20*time.Second, func() error { return p.Publish(t.Context(), followers("2")) })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := p.Relay(ctx, followers("3")); err != nil {
		t.Error(err)
	}
	sub := subscribe(t, p, name)
	defer subscribeToMissing(t, p, cfg)
	for _, want := range []string{"2", "3"} {
		if d, err := sub.Next(ctx); err != nil || d.ID != want {
			t.Errorf("got %s %v, want %s", d.ID, err, want)
		}
	}
}

// subscribeToMissing subscribes to a queue that is gone until it is there.
func subscribeToMissing(t *testing.T, p *process, cfg Config) {
	t.Helper()
	name := queue.Name{Family: social.FamilyTweets}
	if _, err := channel(t, cfg.URLs[0]).QueueDelete(p.names.queue(name), false, false, false); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, 20*time.Second, func() error {
		sub, err := p.Subscribe(t.Context(), name, 1)
		if err == nil {
			err = sub.Close()
		}
		return err
	})
}

// What the broker itself lays aside, or somebody else puts into a queue, is
// listed, handed on and replayed like anything else.
func TestForeignMessages(t *testing.T) {
	cfg := config(t)
	p := start(t, cfg)
	ch := channel(t, cfg.URLs[0])
	name := queue.Name{Family: social.FamilyFollowers}
	err := ch.PublishWithContext(t.Context(), p.names.events(name.Family), routingKey(name), true, false, amqp.Publishing{
		Headers: amqp.Table{"number": int32(7), attrType: int64(1), headerAttempts: "many"}, Body: []byte("not ours"),
	})
	if err != nil {
		t.Fatal(err)
	}
	sub := subscribe(t, p, name)
	d, err := sub.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.ID == "" || d.Family != name.Family || string(d.Body) != "not ours" || d.Attempts != 0 {
		t.Errorf("got %+v", d)
	}
	if err := sub.Close(); err != nil {
		t.Fatal(err)
	}
	from, err := ch.Consume(p.names.queue(name), "", false, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := (<-from).Reject(false); err != nil { // as the broker does at its limit
		t.Fatal(err)
	}
	testenv.Eventually(t, 20*time.Second, func() error {
		ps, err := p.Parked(t.Context(), "", 10)
		if err != nil {
			return err
		}
		if len(ps) != 1 || ps[0].ID != d.ID || !strings.Contains(ps[0].Reason, "rejected") || ps[0].At.IsZero() {
			return errors.New("not parked, or without a reason")
		}
		return nil
	})
}

// Two processes that look into the parking at once both see all of it.
func TestParkingIsLocked(t *testing.T) {
	cfg := config(t)
	a, b := start(t, cfg), start(t, cfg)
	const n = 20
	for i := range n {
		if err := a.Park(t.Context(), queue.Delivery{Message: followers(string(rune('a' + i)))}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, p := range []*process{a, b, a, b} {
		wg.Go(func() {
			for range 3 {
				if ps, err := p.Parked(t.Context(), "", 100); err != nil || len(ps) != n {
					t.Errorf("%d parked, %v", len(ps), err)
				}
			}
		})
	}
	wg.Wait()
}

// A visitor of the parking who dies with everything in his hands leaves
// everything.
func TestVisitorDies(t *testing.T) {
	cfg := config(t)
	a, b := start(t, cfg), start(t, cfg)
	for _, id := range []string{"1", "2", "3"} {
		if err := a.Park(t.Context(), queue.Delivery{Message: followers(id)}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	err := a.take(t.Context(), "2", func(queue.Parked) error {
		a.kill()
		return nil
	})
	if err == nil {
		t.Error("the dead took a message along")
	}
	testenv.Eventually(t, 20*time.Second, func() error {
		ps, err := b.Parked(t.Context(), "", 10)
		if err == nil && len(ps) != 3 {
			err = errors.New("not all are there")
		}
		return err
	})
}

// A tool needs no Run of its own, and may close at once.
func TestOpenRunning(t *testing.T) {
	cfg := config(t)
	for _, use := range []bool{true, false} {
		q, err := OpenRunning(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if use {
			if ps, err := q.Parked(t.Context(), "", 10); err != nil || len(ps) != 0 {
				t.Errorf("%v parked, %v", ps, err)
			}
		}
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Parked twice, a message is listed once, as it was laid there last, and gone
// when it is dropped once.
func TestParkedTwice(t *testing.T) {
	p := start(t, config(t))
	for _, reason := range []string{"first", "second"} {
		if err := p.Park(t.Context(), queue.Delivery{Message: followers("1")}, reason); err != nil {
			t.Fatal(err)
		}
	}
	ps, err := p.Parked(t.Context(), "", 10)
	if err != nil || len(ps) != 1 || ps[0].Reason != "second" {
		t.Errorf("got %+v, %v", ps, err)
	}
	if err := p.Drop(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if ps, err := p.Parked(t.Context(), "", 10); err != nil || len(ps) != 0 {
		t.Errorf("after the drop: %+v, %v", ps, err)
	}
}

// Credentials come from a file, and wrong ones are said.
func TestPasswordFile(t *testing.T) {
	cfg := config(t)
	uri, err := amqp.ParseURI(cfg.URLs[0])
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "password")
	write := func(password string) {
		if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg.User, cfg.PasswordFile = uri.Username, file
	uri.Username, uri.Password = "nobody", "nothing"
	cfg.URLs = []string{uri.String()}
	write("wrong")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := Open(ctx, cfg); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("with a wrong password: %v", err)
	}
	write("guest")
	if _, err := Open(t.Context(), cfg); err != nil {
		t.Errorf("with the right password: %v", err)
	}
}

// A call that ends with its context while the broker is away ends then.
func TestContextsEndWaits(t *testing.T) {
	cfg := config(t)
	between := newProxy(t, cfg.URLs[0])
	cfg.URLs = []string{between.url}
	p := start(t, cfg)
	between.set(true)
	testenv.Eventually(t, 20*time.Second, func() error {
		for _, l := range []*link{p.out, p.in} {
			if s, _ := l.now(); s != nil {
				return errors.New("the cut is not noticed")
			}
		}
		return nil
	})
	for name, call := range map[string]func(context.Context) error{
		"relay": func(ctx context.Context) error { return p.Relay(ctx, followers("1")) },
		"retry": func(ctx context.Context) error {
			return p.Retry(ctx, queue.Delivery{Message: followers("1")}, queue.Rung1s, 1)
		},
		"subscribe": func(ctx context.Context) error {
			_, err := p.Subscribe(ctx, queue.Name{Family: social.FamilyFollowers}, 1)
			return err
		},
		"parked": func(ctx context.Context) error { _, err := p.Parked(ctx, "", 1); return err },
		"depths": func(ctx context.Context) error { _, err := p.Depths(ctx); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want the deadline", name, err)
		}
		cancel()
	}
	if _, err := Open(t.Context(), Config{URLs: []string{"http://here"}}); err == nil {
		t.Error("a URL of another scheme was accepted")
	}
}

// A broker that stops answering is given up, also when it no longer reads what
// is written to it; nobody waits longer than he said.
func TestFrozenBroker(t *testing.T) {
	cfg := config(t)
	between := newProxy(t, cfg.URLs[0])
	cfg.URLs, cfg.Heartbeat, cfg.Window = []string{between.url}, time.Second, 16
	p := start(t, cfg)
	sub := subscribe(t, p, queue.Name{Family: social.FamilyFollowers})
	thaw := between.freeze()
	defer thaw()
	large := followers("large")
	large.Body = make([]byte, 1<<20) // the window holds more than the sockets buffer
	var wg sync.WaitGroup
	for range 4 * cfg.Window {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			begin := time.Now()
			if err := p.Publish(ctx, large); err == nil {
				t.Error("a frozen broker confirmed")
			}
			if waited := time.Since(begin); waited > 5*time.Second {
				t.Errorf("publish took %v", waited)
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := sub.Next(ctx); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("next: %v, want ErrClosed", err)
	}
	testenv.Eventually(t, 20*time.Second, func() error {
		if s, _ := p.out.now(); s != nil {
			return errors.New("the connection that publishes is not given up")
		}
		return nil
	})
	thaw()
	testenv.Eventually(t, 20*time.Second, func() error { return p.Publish(t.Context(), followers("2")) })
}

// Whoever is up is present, under his name and nobody else's, and no longer
// when he has died; his successor takes the name over.
func TestPresence(t *testing.T) {
	cfg := config(t)
	first, second := cfg, cfg
	first.Members, second.Members = []string{"tweets.0", "users.0"}, []string{"tweets.1"}
	a, b := start(t, first), start(t, second)
	present := func(p *process, member string, want bool) {
		t.Helper()
		testenv.Eventually(t, 20*time.Second, func() error {
			got, err := p.Present(t.Context(), member)
			if err == nil && got != want {
				err = fmt.Errorf("present is %t", got)
			}
			return err
		})
	}
	for _, p := range []*process{a, b} {
		for _, member := range []string{"tweets.0", "users.0", "tweets.1"} {
			present(p, member, true)
		}
		present(p, "tweets.2", false)
	}
	next := start(t, first) // waits for the names
	a.kill()
	present(b, "tweets.0", true)
	present(b, "users.0", true)
	next.kill()
	present(b, "users.0", false)
	present(b, "tweets.1", true)
}
