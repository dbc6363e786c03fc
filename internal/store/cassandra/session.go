package storecassandra

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// sessions holds the session in use. Drivers are known to keep sessions that
// never find their hosts again; so one without hosts for long is replaced, by
// the call that notices.
type sessions struct {
	config  Config
	current atomic.Pointer[gocql.Session]
	lost    atomic.Int64 // when the session lost its last host, in Unix nanoseconds; 0: it has some
	mu      sync.Mutex   // held while a session is replaced, or all are closed
	closed  bool         // guarded by mu
}

// open connects for the first time.
func (s *sessions) open() error {
	g, err := s.config.cluster().CreateSession()
	if err != nil {
		return failed(err, false)
	}
	s.current.Store(g)
	return nil
}

// use returns the session for one request.
func (s *sessions) use() *gocql.Session { return s.current.Load() }

// note learns from the outcome of a request, and replaces a session that lost
// its hosts long ago. One call at a time does that; the others go on failing.
func (s *sessions) note(err error) {
	if err == nil || !judge(err).hostless {
		if s.lost.Load() != 0 {
			s.lost.Store(0)
		}
		return
	}
	now := time.Now().UnixNano()
	s.lost.CompareAndSwap(0, now)
	if since := s.lost.Load(); since == 0 || now-since < int64(s.config.RebuildAfter) || !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	if !s.closed {
		s.replace()
	}
}

// replace makes a new session, or waits another time where that fails too. The
// caller holds mu.
func (s *sessions) replace() {
	s.lost.Store(time.Now().UnixNano())
	g, err := s.config.cluster().CreateSession()
	if err != nil {
		s.config.Logger.Warn("cassandra session not rebuilt", slog.String("error", err.Error()))
		return
	}
	s.lost.Store(0)
	s.end(s.current.Swap(g))
	s.config.Logger.Info("cassandra session rebuilt")
}

// close ends the session.
func (s *sessions) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("store: closed twice")
	}
	s.closed = true
	s.end(s.current.Load())
	return nil
}

// endWait is how long a session may take to close.
const endWait = 2 * time.Second

// end closes a session, or leaves it behind. The driver (2.1.2) never returns
// from Close when its control connection is just coming back: that waits for a
// refresh of the schema, which Close has stopped, and Close waits for it. What
// is left behind then is some goroutines and a connection.
func (s *sessions) end(g *gocql.Session) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Close()
	}()
	timer := time.NewTimer(endWait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		s.config.Logger.Warn("cassandra session does not close, left behind")
	}
}

// noSchema tells whether a statement failed because a keyspace or a table of it
// is not there.
func noSchema(err error) bool {
	var answer gocql.RequestError
	if errors.Is(err, gocql.ErrKeyspaceDoesNotExist) {
		return true
	}
	return errors.As(err, &answer) && answer.Code() == gocql.ErrCodeInvalid
}

// wrap names what was done, if it failed.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store: "+format+": %w", append(args, err)...)
}
