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
// a broker that no longer reads holds up nobody's caller. Each message waits
// for its own confirm: the library can also tell all confirms in their order,
// but then one queue without a leader would hold up those of all others.
type lane struct {
	s       *session
	ch      *amqp.Channel
	slots   chan struct{}    // one element for each parcel on its way
	in      chan *parcel     // to the writer; not buffered, so nothing is left in it
	returns chan amqp.Return // capacity of the window: the library's reader never waits
	missing func()           // called when the broker lacks a queue or an exchange

	mu       sync.Mutex
	returned map[string]bool // guarded by mu; by correlation id, until the confirm
}

// newLane opens a lane. Its goroutines end with the session.
func newLane(s *session, window int, missing func()) (*lane, error) {
	ch, err := s.conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	if err := ch.Confirm(false); err != nil {
		return nil, fmt.Errorf("ask for confirms: %w", err)
	}
	l := &lane{
		s: s, ch: ch, slots: make(chan struct{}, window), in: make(chan *parcel), missing: missing,
		returns: ch.NotifyReturn(make(chan amqp.Return, window)), returned: map[string]bool{},
	}
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	s.wg.Go(l.write)
	s.wg.Go(func() {
		for e := range closed { // which is closed when the channel has ended
			if e.Code == amqp.NotFound {
				missing()
			}
		}
		s.kill() // a channel that was closed alone takes the session along
	})
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
	body := p.body
	body.CorrelationId = strconv.FormatUint(l.ch.GetNextPublishSeqNo(), 10) // by which a return is known
	confirm, err := l.ch.PublishWithDeferredConfirm(p.exchange, p.key, true, false, body)
	switch {
	case err == nil:
		l.s.wg.Go(func() {
			<-confirm.Done() // also when the channel ends
			l.finish(p, l.outcome(confirm, body.CorrelationId))
		})
		return
	case errors.Is(err, amqp.ErrClosed):
		err = errAway // refused before the message was whole
	default:
		err = fmt.Errorf("%w: %w", errLost, err)
	}
	l.finish(p, err)
	l.s.kill() // what the broker made of the rest of the frame is unknown
}

// finish ends a parcel and gives its place in the window to the next one.
func (l *lane) finish(p *parcel, err error) {
	<-l.slots
	p.done <- err
}

// outcome reads what the broker said of a message whose confirm is settled. A
// return comes before the confirm, and is in its Go channel by then.
func (l *lane) outcome(confirm *amqp.DeferredConfirmation, id string) error {
	returned := l.takeReturned(id)
	switch {
	case returned:
		l.missing()
		l.s.kill()
		return errReturned
	case confirm.Acked():
		return nil
	case l.ch.IsClosed():
		return errLost
	}
	return errNack
}

// takeReturned tells whether the message was returned.
func (l *lane) takeReturned(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		select {
		case r, ok := <-l.returns:
			if ok {
				l.returned[r.CorrelationId] = true
				continue
			}
		default:
		}
		found := l.returned[id]
		delete(l.returned, id)
		return found
	}
}
