package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/importer"
)

// embedded kills the one process on embedded engines.
func embedded(ctx context.Context, o options) error {
	if o.graph == "" {
		if _, err := os.Stat("../shared/data/reed98.edges"); err == nil {
			o.graph, o.tweets = "../shared/data/reed98.edges", "../shared/data/tweets.txt"
		}
	}
	dir, err := os.MkdirTemp("", "starling-chaos")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("seed %d, %d kills\n", o.seed, o.kills)
	s, err := newServer(o.starling, filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.kill()

	in := importer.Options{URL: s.url, GraphFile: o.graph, TweetsFile: o.tweets, People: cmp.Or(o.people, 300), Seed: 1, Patience: 2 * time.Minute}
	if err := importUnderKills(ctx, o, s, in); err != nil {
		return err
	}
	fmt.Println("verifying")
	if err := verify(ctx, in); err != nil {
		return err
	}
	fmt.Println("importing again: it must change nothing")
	if _, err := importer.Load(ctx, in); err != nil {
		return fmt.Errorf("the second import: %w", err)
	}
	if err := verify(ctx, in); err != nil {
		return fmt.Errorf("after the second import: %w", err)
	}
	fmt.Printf("PASS: seed %d, %d kills, nothing lost, doubled or foreign\n", o.seed, o.kills)
	return nil
}

func verify(ctx context.Context, in importer.Options) error {
	report, err := importer.Verify(ctx, in)
	fmt.Println(report)
	return err
}

// importUnderKills loads the history while the server is killed and started
// again. It returns when the import is through and all kills are done.
func importUnderKills(ctx context.Context, o options, s *server, in importer.Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	progress := &lastLine{}
	in.Progress = progress
	loaded := make(chan error, 1)
	go func() {
		summary, err := importer.Load(ctx, in)
		if err == nil {
			fmt.Println(summary)
		}
		loaded <- err
	}()
	rnd := rand.New(rand.NewPCG(o.seed, 0))
	done := false
	for i, at := range moments(rnd, o.kills) {
		kill := i + 1
		err := progress.reach(ctx, at, loaded)
		if errors.Is(err, errLoaded) {
			loaded, done = nil, true
			fmt.Printf("the import was through before kill %d; the rest hits an idle process\n", kill)
		} else if err != nil {
			return err
		}
		wait := 200*time.Millisecond + time.Duration(rnd.Int64N(int64(1500*time.Millisecond)))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		s.kill()
		fmt.Printf("kill %2d: %s\n", kill, progress.text())
		if err := s.start(ctx); err != nil {
			return fmt.Errorf("starting after kill %d: %w", kill, err)
		}
	}
	if done {
		return nil
	}
	if err := <-loaded; err != nil {
		return fmt.Errorf("the import failed: %w", err)
	}
	return nil
}

// moments spreads the kills over the whole import, in percent of it.
func moments(rnd *rand.Rand, kills int) []int {
	out := make([]int, kills)
	for i := range out {
		out[i] = rnd.IntN(95)
	}
	slices.Sort(out)
	return out
}

func (l *lastLine) Write(p []byte) (int, error) {
	lines := bytes.Split(bytes.TrimSpace(p), []byte("\n"))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line = strings.Join(strings.Fields(string(lines[len(lines)-1])), " ")
	return len(p), nil
}

func (l *lastLine) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.line == "" {
		return "nothing reported yet"
	}
	return l.line
}

var percentage = regexp.MustCompile(`(\d+)%`)

// errLoaded says that the import was through before it reached a moment.
var errLoaded = errors.New("the import is through")

// reach waits until the import reports at least percent.
func (l *lastLine) reach(ctx context.Context, percent int, loaded <-chan error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if loaded == nil {
			return nil // through already
		}
		if m := percentage.FindStringSubmatch(l.text()); m != nil {
			if at, err := strconv.Atoi(m[1]); err == nil && at >= percent {
				return nil
			}
		}
		select {
		case err := <-loaded:
			if err != nil {
				return fmt.Errorf("the import failed: %w", err)
			}
			return errLoaded
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
