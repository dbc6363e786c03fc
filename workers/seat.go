package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/starlinghq/starling/internal/pause"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Seat is the place of a loop among those of other processes that consume the
// same family. Each of them prefers its share of the shards, so that the work
// is divided whoever starts first, and stands by for the rest, so that none
// waits for a process that is down. Who is active is the queue's business alone:
// seats decide only who asks first.
//
// The zero Seat is that of a loop which has no others beside it.
type Seat struct {
	Number int            // 0 to Of-1, each taken by one process
	Of     int            // how many there are
	Peers  queue.Presence // tells who is up; needed where there are others
}

// SeatName is the name under which the process on a seat of a family is present
// to the others.
func SeatName(f social.Family, number int) string { return fmt.Sprintf("%s.%d", f, number) }

// prefers tells whether a shard is of this seat's share.
func (s Seat) prefers(shard int) bool { return s.Of < 2 || shard%s.Of == s.Number }

// errGiven ends a session whose shard belongs to somebody who is there.
var errGiven = errors.New("workers: given back to the one that prefers it")

// keep keeps one queue consumed: a session ends when its subscription or its
// ownership is lost, and the next one begins. A shard of another's share is
// asked for only after a while, behind him if he is up.
func (l *Loop) keep(ctx context.Context, s store.Shard) {
	wait := retries()
	mine := l.cfg.Seat.prefers(s.Number)
	for mine || pause.For(ctx, l.cfg.StandBy) {
		began := time.Now()
		err := l.session(ctx, s)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errGiven) {
			l.log.Info("shard given back", "shard", s.Number)
			continue
		}
		if time.Since(began) > backoffReset {
			wait.Reset()
		}
		l.log.Warn("consuming again", "shard", s.Number, "error", err)
		if !wait.Sleep(ctx) {
			return
		}
	}
}

// watch calls give when a shard that another one prefers is to go back to him:
// he is there, and either came after us, so that he waits behind us, or we are
// active although he was there all the time. It looks now and then, so that one
// who is there and does not consume holds nothing up for longer than a look.
func (l *Loop) watch(ctx context.Context, s store.Shard, active func() bool, give func()) {
	owner := SeatName(s.Family, s.Number%l.cfg.Seat.Of)
	was, err := l.cfg.Seat.Peers.Present(ctx, owner)
	for pause.For(ctx, l.cfg.StandBy) {
		known := err == nil
		var there bool
		if there, err = l.cfg.Seat.Peers.Present(ctx, owner); err != nil {
			continue // nobody can be told to be there
		}
		if there && (known && !was || active()) {
			give()
			return
		}
		was = there
	}
}
