package queuepebble

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/queue/queuetest"
	"github.com/starlinghq/starling/internal/social"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// process is one run of the embedded queue: database, queue and the goroutines
// that app would run.
type process struct {
	fs    *vfs.MemFS
	free  *atomic.Uint64
	db    *pebbledb.DB
	queue *Queue
	stop  func()
}

const (
	testShards = 4
	testLimit  = 20
	gib        = 1 << 30
)

func start(t testing.TB, fs *vfs.MemFS, free *atomic.Uint64) *process {
	t.Helper()
	db, err := pebbledb.Open(t.Context(), pebbledb.Config{
		Dir: "data", FS: fs, BallastBytes: -1, CacheBytes: 1 << 20,
		FreeSpace: func(string) (uint64, error) { return free.Load(), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	q, err := Open(t.Context(), db, Config{Shards: testShards, Limits: map[social.Family]int64{social.FamilyTweets: testLimit}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{db.Run, q.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			wg.Wait()
			if err := db.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return &process{fs: fs, free: free, db: db, queue: q, stop: stop}
}

// restart ends p in good order and starts it again.
func (p *process) restart(t testing.TB) *process {
	p.stop()
	return start(t, p.fs, p.free)
}

// crash starts another process on what a power cut would have left of p.
func (p *process) crash(t testing.TB, rng *rand.Rand) *process {
	percent := []int{0, 50, 100}[rng.IntN(3)]
	fs := p.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng})
	p.stop() // the dead one may finish, nobody sees it
	return start(t, fs, p.free)
}

func harness(t testing.TB) queuetest.Harness {
	free := new(atomic.Uint64)
	free.Store(gib)
	rng := rand.New(rand.NewPCG(7, 11))
	p := start(t, vfs.NewCrashableMem(), free)
	return queuetest.Harness{
		Queue:  p.queue,
		Shards: testShards,
		Limit:  testLimit,
		Restart: func(queuetest.T) queue.Queue {
			p = p.restart(t)
			return p.queue
		},
		Crash: func(queuetest.T) queue.Queue {
			p = p.crash(t, rng)
			return p.queue
		},
		Full: func(full bool) {
			free.Store(gib)
			if full {
				free.Store(gib / 8)
			}
			p.db.Look(t.Context())
		},
		Close: func() { p.stop() },
		Lacks: map[string]string{"Away": "the queue is in this process, there is nothing to be cut off from"},
	}
}

func TestConformance(t *testing.T) { queuetest.RunInBubble(t, harness) }

func TestSuiteCatchesFaults(t *testing.T) { queuetest.RunBrokenInBubble(t, harness) }

func TestConformanceTraced(t *testing.T) {
	queuetest.RunInBubble(t, func(t testing.TB) queuetest.Harness {
		return queuetest.Wrap(harness(t), func(q queue.Queue) queue.Queue {
			return queue.NewTraced(q, sdktrace.NewTracerProvider(), nil)
		})
	})
}
