package workers_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	queuepebble "github.com/starlinghq/starling/internal/queue/pebble"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	storepebble "github.com/starlinghq/starling/internal/store/pebble"
	"github.com/starlinghq/starling/internal/testenv"
	"github.com/starlinghq/starling/workers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is the embedded queue and store on a disk in memory, and a loop.
type rig struct {
	fs    *vfs.MemFS
	queue *queuepebble.Queue
	store *storepebble.Store
	close func()

	mu      sync.Mutex
	retries []retry // guarded by mu
}

type retry struct {
	id       string
	rung     queue.Rung
	attempts int
}

const family = social.FamilyTweets

// newRig opens queue and store on fs, with one shard so that all keys share a
// queue.
func newRig(t *testing.T, fs *vfs.MemFS) *rig { return newRigOf(t, fs, 1) }

func newRigOf(t *testing.T, fs *vfs.MemFS, shards int) *rig {
	t.Helper()
	db, err := pebbledb.Open(t.Context(), pebbledb.Config{
		Dir: "data", FS: fs, BallastBytes: -1, CacheBytes: 1 << 20,
		FreeSpace: func(string) (uint64, error) { return 1 << 40, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{fs: fs}
	if r.queue, err = queuepebble.Open(t.Context(), db, queuepebble.Config{Shards: shards}); err != nil {
		t.Fatal(err)
	}
	if r.store, err = storepebble.Open(t.Context(), db, storepebble.OpenOptions{Shards: shards}); err != nil {
		t.Fatal(err)
	}
	stop := running(t, db.Run, r.queue.Run)
	var once sync.Once
	r.close = func() {
		once.Do(func() {
			stop()
			if err := db.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	t.Cleanup(r.close)
	return r
}

// running runs services until the test ends or the returned stop is called.
func running(t *testing.T, services ...func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var wg sync.WaitGroup
	for _, run := range services {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

// loop runs a loop with a handler on the rig.
func (r *rig) loop(t *testing.T, h handler, change ...func(*workers.Config)) (stop func()) {
	t.Helper()
	cfg := workers.Default(family, 1)
	for _, c := range change {
		c(&cfg)
	}
	l := workers.New(cfg, quick{r.queue, r}, r.store, h, slog.New(slog.DiscardHandler), noop.NewTracerProvider().Tracer(""))
	return running(t, l.Run)
}

// quick rests failures on the first rung whatever was asked, and notes it.
type quick struct {
	*queuepebble.Queue
	r *rig
}

func (q quick) Retry(ctx context.Context, d queue.Delivery, rung queue.Rung, attempts int) error {
	q.r.mu.Lock()
	q.r.retries = append(q.r.retries, retry{d.ID, rung, attempts})
	q.r.mu.Unlock()
	return q.Queue.Retry(ctx, d, queue.Rung1s, attempts)
}

// handler is a function as workers.Handler.
type handler func(ctx context.Context, w workers.Work) ([]social.Event, error)

func (h handler) Apply(ctx context.Context, w workers.Work) ([]social.Event, error) { return h(ctx, w) }

// post publishes a tweet of an author.
func (r *rig) post(t *testing.T, id snowflake.ID, author social.UserID) {
	t.Helper()
	m, err := queue.MessageOf(social.Event{ID: id, Body: social.TweetPosted{Author: author, Text: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.queue.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// waiting tells how many messages are not acknowledged, on the ladder or off it.
func (r *rig) waiting(t *testing.T) int64 {
	t.Helper()
	depths, err := r.queue.Depths(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	for _, d := range depths {
		n += d.Ready + d.Resting
	}
	return n
}

// eventually waits until check holds.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	testenv.Eventually(t, 15*time.Second, check)
}

// record keeps what a handler was given, in order.
type record struct {
	mu   sync.Mutex
	seen []snowflake.ID // guarded by mu
}

func (r *record) add(id snowflake.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, id)
}

func (r *record) all() []snowflake.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]snowflake.ID(nil), r.seen...)
}

func (r *record) of(id snowflake.ID) (n int) {
	for _, s := range r.all() {
		if s == id {
			n++
		}
	}
	return n
}
