package invariant

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestPanicsInATest(t *testing.T) {
	for name, call := range map[string]func(){
		"Failf": func() { Failf(t.Context(), nil, "want %d, have %d", 1, 2) },
		"Check": func() { Check(t.Context(), nil, false, "want %d, have %d", 1, 2) },
	} {
		func() {
			defer func() {
				if got := recover(); got != "invariant broken: want 1, have 2" {
					t.Errorf("%s: panic %v", name, got)
				}
			}()
			call()
			t.Errorf("%s returned", name)
		}()
	}
	if !Check(t.Context(), nil, true, "fine") {
		t.Error("Check of what holds is false")
	}
}

func TestLogsAndCountsInProduction(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	before := Count()
	fail(t.Context(), nil, false, "nobody logs")
	func() { fail(t.Context(), log, false, "want 1, have 2") }()
	if got := Count() - before; got != 2 {
		t.Errorf("counted %d, want 2", got)
	}
	for _, want := range []string{`level=ERROR`, `msg="invariant broken"`, `what="want 1, have 2"`, `invariant_test.go:`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("log lacks %s: %s", want, out.String())
		}
	}
}
