package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/importer"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/testenv"
)

// load imports a history into a system and verifies it.
func load(t *testing.T, o importer.Options) {
	t.Helper()
	summary, err := importer.Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	report, err := importer.Verify(t.Context(), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, report)
	}
	t.Logf("%s\n%s", summary, report)
}

// TestVerifyFindsWhatIsWrong loads generated people, exactly, and then plants
// one missing, one foreign and one doubled entry in the running system: each
// must be found, or --verify would prove nothing.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := &plant{}
	sys := apptest.StartWith(t, p.opener())
	o := importer.Options{URL: sys.URL, People: 15, Seed: 3, Settle: 200 * time.Millisecond}
	load(t, o)
	plan, err := o.Plan()
	if err != nil {
		t.Fatal(err)
	}
	verify := func(what string, exact bool) {
		t.Helper()
		report, err := importer.Verify(t.Context(), o)
		var different *importer.DifferentError
		switch {
		case exact && err != nil:
			t.Errorf("%s: %v\n%s", what, err, report)
		case !exact && !errors.As(err, &different):
			t.Errorf("%s was not found: %v\n%s", what, err, report)
		case !exact && !strings.Contains(report.String(), "not exact"):
			t.Errorf("%s: the report says %s", what, report)
		}
	}
	forget := func() {
		t.Helper()
		if err := p.parts.Cache.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	someone := sys.LogIn(t, plan.Accounts[0].Handle, plan.Accounts[0].Password)
	newest := someone.FeedPage(t, 1, nil).IDs()[0]
	lost, err := social.ParseTweetID(newest)
	if err != nil {
		t.Fatal(err)
	}

	p.set(func() {
		p.authorLog = func(logs [][]social.LogEntry) {
			for i := range logs {
				logs[i] = slices.DeleteFunc(slices.Clone(logs[i]), func(e social.LogEntry) bool { return e.Tweet == lost })
			}
		}
	})
	forget()
	verify("a missing entry", false)
	p.set(func() { p.authorLog = nil })
	forget()
	verify("nothing planted any more", true)

	stranger := sys.SignUp(t, "stranger")
	foreign, err := social.ParseTweetID(stranger.Posts(t, "not for you"))
	if err != nil {
		t.Fatal(err)
	}
	viewer, err := social.ParseUserID(someone.UserID)
	if err != nil {
		t.Fatal(err)
	}
	sys.Settled(t)
	someone.FeedPage(t, 1, nil) // there is a home timeline
	if err := p.parts.Cache.Append(t.Context(), cache.Entry{Tweet: foreign, Author: viewer}, []social.UserID{viewer}); err != nil {
		t.Fatal(err)
	}
	verify("a foreign entry", false)
	forget()
	verify("the cache is new", true)

	var text struct{ Tweet struct{ Text string } }
	someone.Into(t, &text, `query($id: ID!) { tweet(id: $id) { text } }`, map[string]any{"id": newest})
	someone.Posts(t, text.Tweet.Text)
	verify("a doubled entry", false)
}

// TestImportOfRealPeople loads real people, their friendships and real tweets,
// and verifies every feed, list and count. It takes the part of the shared data
// that is about the first people; all of it is loaded by `make faults`, with
// kills.
func TestImportOfRealPeople(t *testing.T) {
	graph, tweets := testenv.Shared(t, "data", "reed98.edges"), testenv.Shared(t, "data", "tweets.txt")
	t.Parallel()
	const people, lines = 240, 1_000
	n := 0
	o := importer.Options{
		GraphFile: part(t, graph, func(line string) bool {
			for node := range strings.FieldsSeq(line) {
				if id, err := strconv.Atoi(node); err != nil || id >= people {
					return false
				}
			}
			return true
		}),
		TweetsFile: part(t, tweets, func(string) bool { n++; return n <= lines }),
	}
	o.URL = apptest.Start(t).URL
	load(t, o)
}

// part writes the lines of a file that are kept into one of the test's own.
func part(t *testing.T, file string, keep func(line string) bool) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kept strings.Builder
	for line := range strings.Lines(string(b)) {
		if keep(line) {
			kept.WriteString(line)
		}
	}
	path := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(path, []byte(kept.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
