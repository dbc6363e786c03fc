package queuerabbitmq

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/starlinghq/starling/internal/queue"
)

// How the publication of a message can end, but for nil. Those that wrap
// queue.ErrOverloaded are sure: the broker does not have it.
var (
	errAway     = fmt.Errorf("%w: the broker is away", queue.ErrOverloaded)
	errBlocked  = fmt.Errorf("%w: the broker has an alarm", queue.ErrOverloaded)
	errFull     = fmt.Errorf("%w: too many messages wait for their confirms", queue.ErrOverloaded)
	errReturned = fmt.Errorf("%w: the broker has no queue for it", queue.ErrOverloaded)
	errLost     = errors.New("the connection ended before the confirm")
	errNack     = errors.New("the broker did not take it")
	errGone     = errors.New("the caller has gone")
)

// parcel is a message on its way.
type parcel struct {
	exchange, key string
	body          amqp.Publishing
	gone          <-chan struct{} // closed when nobody waits any more: do not begin
	done          chan error      // capacity 1
}

// lane is one confirming channel and its window. One goroutine writes, so that
// a broker that no longer reads holds up nobody's caller; another one reads
// confirms and returns.
type lane struct {
	s       *session
	ch      *amqp.Channel
	slots   chan struct{} // one element for each parcel on its way
	in      chan *parcel  // to the writer; not buffered, so nothing is left in it
	confirm chan amqp.Confirmation
	returns chan amqp.Return

	mu      sync.Mutex
	pending map[uint64]*parcel // guarded by mu; by delivery tag
	closed  bool               // guarded by mu: pending was swept, nothing may be added
}

// newLane opens a lane. Its goroutines end with the session.
func newLane(s *session, window int) (*lane, error) {
	ch, err := s.conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	if err := ch.Confirm(false); err != nil {
		return nil, fmt.Errorf("ask for confirms: %w", err)
	}
	l := &lane{
		s: s, ch: ch, slots: make(chan struct{}, window), in: make(chan *parcel), pending: map[uint64]*parcel{},
		// The library's reader waits where these are full: never more than the window.
		confirm: ch.NotifyPublish(make(chan amqp.Confirmation, window)),
		returns: ch.NotifyReturn(make(chan amqp.Return, window)),
	}
	s.wg.Go(l.write)
	s.wg.Go(l.read)
	return l, nil
}

// submit hands a parcel to the writer when there is room in the window. Its
// error is sure; without one, the outcome comes on p.done.
func (l *lane) submit(ctx context.Context, p *parcel) error {
	select {
	case l.slots <- struct{}{}:
	case <-l.s.dead:
		return errAway
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errFull, context.Cause(ctx))
	}
	select {
	case l.in <- p:
		return nil
	case <-l.s.dead:
		<-l.slots
		return errAway
	case <-ctx.Done():
		<-l.slots
		return fmt.Errorf("%w: %w", errFull, context.Cause(ctx))
	}
}

// write publishes parcels until the session ends.
func (l *lane) write() {
	for {
		select {
		case p := <-l.in:
			l.send(p)
		case <-l.s.dead:
			return
		}
	}
}

func (l *lane) send(p *parcel) {
	select {
	case <-p.gone:
		l.finish(p, errGone)
		return
	default:
	}
	if l.s.blocked.Load() {
		l.finish(p, errBlocked)
		return
	}
	tag := l.ch.GetNextPublishSeqNo()
	if !l.expect(tag, p) {
		l.finish(p, errAway)
		return
	}
	body := p.body
	body.CorrelationId = strconv.FormatUint(tag, 10) // by which a return is known
	_, err := l.ch.PublishWithDeferredConfirm(p.exchange, p.key, true, false, body)
	if err == nil {
		return
	}
	if errors.Is(err, amqp.ErrClosed) {
		err = errAway // refused before the message was whole
	} else {
		err = fmt.Errorf("%w: %w", errLost, err)
	}
	l.settle(tag, err)
	l.s.kill() // what the broker made of the rest of the frame is unknown
}

// expect files a parcel under the tag that its confirm will bear.
func (l *lane) expect(tag uint64, p *parcel) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.pending[tag] = p
	return true
}

// settle ends the parcel of a tag, if it has not ended.
func (l *lane) settle(tag uint64, err error) {
	l.mu.Lock()
	p, ok := l.pending[tag]
	delete(l.pending, tag)
	l.mu.Unlock()
	if ok {
		l.finish(p, err)
	}
}

func (l *lane) finish(p *parcel, err error) {
	<-l.slots
	p.done <- err
}

// read settles what the broker answers until the channel ends, and then the
// rest. A return comes before the confirm of the same message and is in its Go
// channel by then.
func (l *lane) read() {
	returned := map[uint64]bool{}
	for l.returns != nil || l.confirm != nil {
		select {
		case r, ok := <-l.returns:
			if !ok {
				l.returns = nil
				continue
			}
			l.note(returned, r)
		case c, ok := <-l.confirm:
			if !ok {
				l.confirm = nil
				continue
			}
			l.drainReturns(returned)
			l.settle(c.DeliveryTag, outcome(c.Ack, returned[c.DeliveryTag]))
			if returned[c.DeliveryTag] {
				l.s.kill()
			}
			delete(returned, c.DeliveryTag)
		}
	}
	l.mu.Lock()
	l.closed = true
	rest := l.pending
	l.pending = nil
	l.mu.Unlock()
	for _, p := range rest {
		l.finish(p, errLost)
	}
	l.s.kill() // a lane whose channel was closed alone takes the session along
}

func (l *lane) drainReturns(returned map[uint64]bool) {
	for {
		select {
		case r, ok := <-l.returns:
			if !ok {
				l.returns = nil
				return
			}
			l.note(returned, r)
		default:
			return
		}
	}
}

// note files a message that the broker returned. A queue is missing: the
// session ends as soon as this is answered, because the next one declares it.
func (l *lane) note(returned map[uint64]bool, r amqp.Return) {
	if tag, err := strconv.ParseUint(r.CorrelationId, 10, 64); err == nil {
		returned[tag] = true
	}
}

func outcome(ack, returned bool) error {
	switch {
	case returned:
		return errReturned
	case !ack:
		return errNack
	}
	return nil
}
