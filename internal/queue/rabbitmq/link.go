package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/pause"
)

const (
	backoffFirst = 50 * time.Millisecond
	backoffMost  = 2 * time.Second
	backoffReset = 5 * time.Second // a session that lived this long was well

	dialTimeout  = 5 * time.Second
	closeTimeout = 2 * time.Second
)

// link keeps one connection to the broker up, for as long as Run runs: endless
// tries with a capped and jittered back-off. The library's own recovery is not
// used. It makes another connection behind its users' backs, under which an
// acknowledgement of the old one reaches another message; and it gives up.
type link struct {
	role    string
	cfg     Config
	prepare func(ctx context.Context, s *session) error
	tries   int // of Run's goroutine; begins anywhere, so that processes spread over the nodes

	mu      sync.Mutex
	current *session      // guarded by mu; nil while the broker is away
	changed chan struct{} // guarded by mu; closed at the next change of current
}

func newLink(role string, cfg Config, prepare func(context.Context, *session) error) *link {
	return &link{role: role, cfg: cfg, prepare: prepare, tries: rand.IntN(max(1, len(cfg.URLs))), changed: make(chan struct{})}
}

// session is the life of one connection. Whatever was made on it dies with it.
type session struct {
	conn    *amqp.Connection
	raw     net.Conn
	dead    chan struct{} // closed when the connection has ended
	blocked atomic.Bool   // the broker is short of memory or disk and takes nothing

	publish, relay *lane          // of the link that publishes
	aside          *amqp.Channel  // likewise; for what may be lost
	wg             sync.WaitGroup // the goroutines of the session
}

// kill ends a session at once. Its link begins another one. It closes the
// socket itself: the library takes the lock of a channel before it does, and
// whoever writes to a broker that no longer reads holds that lock.
func (s *session) kill() { _ = s.raw.Close() }

// now returns the session, nil while the broker is away, and a channel that is
// closed when that changes.
func (l *link) now() (*session, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current, l.changed
}

func (l *link) set(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current = s
	close(l.changed)
	l.changed = make(chan struct{})
}

// wait returns the session as soon as there is one.
func (l *link) wait(ctx context.Context) (*session, error) {
	for {
		s, changed := l.now()
		if s != nil {
			return s, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("the broker is away: %w", context.Cause(ctx))
		}
	}
}

// run keeps sessions coming until ctx ends.
func (l *link) run(ctx context.Context) {
	wait := retries()
	for ctx.Err() == nil {
		began := time.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > backoffReset {
			wait.Reset()
		}
		l.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "connecting to the broker again",
			slog.String("role", l.role), slog.Any("error", err))
		wait.Sleep(ctx)
	}
}

// session makes a connection and waits until it or ctx ends.
func (l *link) session(ctx context.Context) error {
	s, err := l.open(ctx)
	if err != nil {
		return err
	}
	closed := s.conn.NotifyClose(make(chan *amqp.Error, 1))
	blocks := s.conn.NotifyBlocked(make(chan amqp.Blocking, 16))
	s.wg.Go(func() {
		for b := range blocks {
			s.blocked.Store(b.Active)
			l.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "the broker has an alarm",
				slog.String("role", l.role), slog.Bool("blocked", b.Active), slog.String("reason", b.Reason))
		}
	})
	stop := context.AfterFunc(ctx, s.kill) // calls of the library know no context
	err = l.prepare(ctx, s)
	stop()
	if err == nil {
		l.set(s)
		select {
		case e := <-closed:
			err = errors.New("the connection ended")
			if e != nil {
				err = e
			}
		case <-ctx.Done():
		}
		l.set(nil)
	}
	close(s.dead)
	_ = s.conn.CloseDeadline(time.Now().Add(closeTimeout)) // says ErrClosed where it is closed already
	s.kill()
	s.wg.Wait()
	return err
}

// open makes a connection to the next node.
func (l *link) open(ctx context.Context) (*session, error) {
	url := l.cfg.URLs[l.tries%len(l.cfg.URLs)]
	l.tries++
	login, err := l.cfg.login(url)
	if err != nil {
		return nil, err
	}
	secure, err := l.cfg.TLS.Config()
	if err != nil {
		return nil, err
	}
	s := &session{dead: make(chan struct{})}
	stop := func() bool { return true }
	dial := func(network, addr string) (net.Conn, error) {
		raw, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		// For the handshakes; the library clears it when they are done.
		if err := raw.SetDeadline(time.Now().Add(dialTimeout)); err != nil {
			return nil, errors.Join(err, raw.Close())
		}
		s.raw = raw
		stop = context.AfterFunc(ctx, s.kill)
		return s.raw, nil
	}
	s.conn, err = amqp.DialConfig(url, amqp.Config{
		SASL: login, TLSClientConfig: secure, Heartbeat: l.cfg.Heartbeat, Dial: dial,
		Properties: amqp.Table{"product": "starling", "connection_name": l.cfg.Name + " " + l.role},
	})
	stop()
	if err != nil {
		if s.raw != nil {
			s.kill()
		}
		return nil, fmt.Errorf("connect: %w", err)
	}
	return s, nil
}

// retries are the waits between tries of what needs the broker.
func retries() pause.Backoff { return pause.Backoff{First: backoffFirst, Most: backoffMost} }
