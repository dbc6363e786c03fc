package importer

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestValidateNamesEveryFault(t *testing.T) {
	o := Options{
		URL: "127.0.0.1:4000", GraphFile: "graph", People: -1, Concurrency: 5_000, SignUps: -2, Batch: 101,
		Patience: -1, RequestTimeout: -1, Settle: -1,
	}
	err := o.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`url "127.0.0.1:4000"`, "both a graph file and a tweets file", "people is -1", "concurrency is 5000", "sign-ups is -2", "batch is 101",
		"patience", "request timeout", "settle",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	valid := Default()
	valid.URL = "http://127.0.0.1:4000"
	if err := valid.Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}

func TestLoadAndVerifyRefuseBadOptions(t *testing.T) {
	for _, o := range []Options{{}, {URL: "http://h", GraphFile: "missing", TweetsFile: "missing"}} {
		if _, err := Load(t.Context(), o); err == nil {
			t.Errorf("Load accepts %+v", o)
		}
		if _, err := Verify(t.Context(), o); err == nil {
			t.Errorf("Verify accepts %+v", o)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name     string
		terminal bool
		want     string
	}{
		{"lines", false, `^  3\.0s \[##########----------\]  50%  tweets 5/10  \(overloaded 2, waiting now 1\)\n  4\.0s \[#{20}\] 100%  tweets 10/10  \(overloaded 2, waiting now 1\)\n$`},
		{"bar", true, `(\r  3\.0s \[##########----------\]  50%  tweets 5/10  \(overloaded 2, waiting now 1\)\x1b\[K)(.|\n|\r)*100%(.|\r)*\n$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				var w waits
				w.overloaded.Store(2)
				w.waiting.Store(1)
				p := startProgress(&out, c.terminal, &w)
				m := p.meter("tweets", 10)
				m.done.Store(5)
				_ = sleep(t.Context(), 4*time.Second)
				m.done.Store(10)
				p.stop()
				if !regexp.MustCompile(c.want).MatchString(out.String()) {
					t.Errorf("printed %q", out.String())
				}
			})
		})
	}
}
