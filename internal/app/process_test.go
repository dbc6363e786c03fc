package app_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/importer"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// process is a starling of its own.
type process struct {
	cmd  *exec.Cmd
	errs *buffer
}

// buffer may be read while a process writes to it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// spawn starts `starling args...` as a process that a test may kill.
func spawn(t *testing.T, args ...string) *process {
	t.Helper()
	return spawnWith(t, nil, args...)
}

// spawnWith is spawn with more variables.
func spawnWith(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...), errs: &buffer{}}
	p.cmd.Env = append(os.Environ(), asStarling+"=1",
		"STARLING_AUTH_PASSWORDS_MEMORY_KIB=64", "STARLING_AUTH_PASSWORDS_PASSES=1", "STARLING_SHARDS=4", "STARLING_LIMITS_MIN_FREE_MIB=1")
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stderr = p.errs
	if _, err := p.cmd.StdinPipe(); err != nil { // open while this test lives, see TestMain
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	return p
}

// exit waits for the end and returns the exit code.
func (p *process) exit(t *testing.T) int {
	t.Helper()
	if err := p.cmd.Wait(); err != nil && p.cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func awaitReady(t *testing.T, address string) {
	t.Helper()
	testenv.Eventually(t, 30*time.Second, func() error {
		resp, err := http.Get("http://" + address + "/ready")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s %s %w", resp.Status, b, err)
		}
		return err
	})
}

// killer passes requests on and calls kill once, when the given one comes.
type killer struct {
	at   int64
	n    atomic.Int64
	kill func()
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.n.Add(1) == k.at {
		go k.kill()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestKilledDuringAnImport kills the process in the middle of an import,
// starts it again, lets the import go on, and verifies that nothing is missing,
// doubled or foreign. The ten kills are `make faults`.
func TestKilledDuringAnImport(t *testing.T) {
	t.Parallel()
	dir, address := t.TempDir(), testenv.FreeAddress(t)
	serve := func() *process {
		return spawn(t, "serve", "--data", dir, "--listen", address)
	}
	first := serve()
	awaitReady(t, address)
	killed := make(chan *process, 1)
	k := &killer{at: 60 + rand.Int64N(240), kill: func() {
		_ = first.cmd.Process.Signal(syscall.SIGKILL)
		_ = first.cmd.Wait()
		killed <- serve()
	}}
	t.Logf("killed at request %d", k.at)
	options := importer.Options{
		URL: "http://" + address, People: 30, Seed: 7, Concurrency: 8, Batch: 4, Settle: 5 * time.Second,
		Transport: k, Patience: 30 * time.Second,
	}
	summary, err := importer.Load(t.Context(), options)
	if err != nil {
		t.Fatalf("%v\n%s", err, first.errs)
	}
	t.Log(summary)
	var second *process
	select {
	case second = <-killed:
	default:
		t.Fatalf("the import was over after %d requests, before the kill", k.n.Load())
	}
	if _, err := importer.Load(t.Context(), options); err != nil { // again: it must change nothing
		t.Fatal(err)
	}
	report, err := importer.Verify(t.Context(), options)
	if err != nil {
		t.Errorf("%v\n%s", err, report)
	}
	if err := second.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := second.exit(t); code != 0 {
		t.Errorf("Ctrl-C ended with %d:\n%s", code, second.errs)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// TestWhatCannotStartSaysWhy: one line, exit code 1, and nothing is harmed.
func TestWhatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	newer := t.TempDir()
	if err := os.WriteFile(filepath.Join(newer, "STARLING"), []byte("starling data format 99\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "STARLING"), []byte("holiday pictures\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		want []string
	}{
		"a second process": {[]string{"--data", sys.Dir, "--listen", "127.0.0.1:0"}, []string{sys.Dir, "another process"}},
		"a taken port":     {[]string{"--data", t.TempDir(), "--listen", strings.TrimPrefix(sys.URL, "http://")}, []string{strings.TrimPrefix(sys.URL, "http://"), "--listen"}},
		"newer data":       {[]string{"--data", newer, "--listen", "127.0.0.1:0"}, []string{newer, "99"}},
		"foreign data":     {[]string{"--data", foreign, "--listen", "127.0.0.1:0"}, []string{foreign}},
		"a bad address":    {[]string{"--data", t.TempDir(), "--listen", "nowhere"}, []string{"HOST:PORT"}},
		"a missing file":   {[]string{"--config", "/nowhere/starling.yaml"}, []string{"/nowhere/starling.yaml"}},
	} {
		p := spawn(t, append([]string{"serve"}, tt.args...)...)
		code := p.exit(t)
		errs := p.errs.String()
		if code != 1 || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "starling: ") {
			t.Errorf("%s: exit code %d, want 1 and one line:\n%s", name, code, errs)
		}
		for _, w := range tt.want {
			if !strings.Contains(errs, w) {
				t.Errorf("%s: does not say %q: %s", name, w, errs)
			}
		}
	}
	sys.SignUp(t, "unharmed")
}

// TestStoppingAnswersWhatWasBegun: a request that is under way when the stop
// comes is answered; a new one is not taken.
func TestStoppingAnswersWhatWasBegun(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	ann := sys.SignUp(t, "ann")
	tweet := ann.Posts(t, "x")
	sys.Settled(t)
	sys.Restart(t) // nothing is cached, so the store is asked
	p.set(func() {
		p.tweets = func([]social.TweetID) error {
			once.Do(func() { close(entered) })
			<-release
			return nil
		}
	})
	answers := make(chan error, 1)
	go func() {
		o, err := ann.TryAct(t.Context(), "likeTweet", apptest.Input{"tweetId": tweet})
		if err == nil && (o.Code() != "" || o.ID != tweet) {
			err = fmt.Errorf("%+v", o)
		}
		answers <- err
	}()
	<-entered
	stopped := make(chan struct{})
	go func() {
		sys.Stop(t)
		close(stopped)
	}()
	testenv.Eventually(t, 10*time.Second, func() error {
		c, err := net.Dial("tcp", strings.TrimPrefix(sys.URL, "http://"))
		if err == nil {
			c.Close()
			return fmt.Errorf("it still listens")
		}
		return nil
	})
	close(release)
	if err := <-answers; err != nil {
		t.Errorf("what was begun: %v", err)
	}
	<-stopped
	p.set(func() { p.tweets = nil })
	sys.Run(t)
	sys.Ready(t)
	same(t, "the likers after a restart", ann.List(t, tweet, "likers", 20), []string{ann.UserID})
}
