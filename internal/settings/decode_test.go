package settings_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/settings"
)

type config struct {
	Listen string            `yaml:"listen"`
	Wait   time.Duration     `yaml:"wait"`
	Nested nested            `yaml:"nested"`
	Named  map[string]nested `yaml:"named"`
	List   []nested          `yaml:"list"`
	Maybe  *nested           `yaml:"maybe"`
}

type nested struct {
	Limit int `yaml:"limit"`
}

func TestDecode(t *testing.T) {
	c := config{Listen: "kept", Nested: nested{Limit: 1}}
	err := settings.Decode([]byte("wait: 3s\nnested: {limit: 2}\nnamed: {a: {limit: 3}}\nlist: [{limit: 4}]\nmaybe: {limit: 5}\n"), &c)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "kept" || c.Wait != 3*time.Second || c.Nested.Limit != 2 || c.Named["a"].Limit != 3 || c.List[0].Limit != 4 || c.Maybe.Limit != 5 {
		t.Errorf("read %+v", c)
	}
	for _, empty := range []string{"", "# nothing", "---", "\n"} {
		if err := settings.Decode([]byte(empty), &c); err != nil || c.Listen != "kept" {
			t.Errorf("an empty file %q: %+v %v", empty, c, err)
		}
	}
}

func TestDecodeRefusesWhatNoSettingHas(t *testing.T) {
	for file, want := range map[string]string{
		"listne: x":                   "line 1: there is no setting listne; did you mean listen?",
		"wait: 1s\nnested: {lmit: 1}": "line 2: there is no setting nested.lmit; did you mean nested.limit?",
		"named: {a: {limt: 1}}":       "named.a.limt",
		"list: [{limit: 1}, {l: 2}]":  "list.1.l;",
		"wait: soon":                  "wait",
		"listen: [":                   "yaml",
		"listen: a\n---\nwait: 1s":    "a second document",
	} {
		err := settings.Decode([]byte(file), &config{})
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(want, ";")) && !strings.Contains(want, "wait") {
			t.Errorf("%q gave %v, want %s", file, err, want)
		}
	}
}

// TestDecodeExpanded: what is put in for a value is one value, whatever stands
// in it.
func TestDecodeExpanded(t *testing.T) {
	for _, value := range []string{"a", `it's "quoted"`, "two\nlines", "a # b", "key: value", "[x]", "- x", "{", "*a", "&a", "%", "\t", "|", "?", "!!str x", "${env.X}"} {
		for _, file := range []string{"listen: VALUE", "listen: 'VALUE'", `listen: "VALUE" # VALUE`, "# VALUE\nlisten: VALUE"} {
			var c config
			err := settings.DecodeExpanded([]byte(file), &c, func(text string) (string, error) { return strings.ReplaceAll(text, "VALUE", value), nil })
			if err != nil || c.Listen != value {
				t.Errorf("%q in %q gave %q, %v", value, file, c.Listen, err)
			}
		}
	}
	var c config
	file := "wait: WAIT\nnested: {limit: FIVE}\nlist: [{limit: FIVE}, &a {limit: FIVE}, *a]\nnamed: {FIVE: {limit: 1}}"
	err := settings.DecodeExpanded([]byte(file), &c, func(text string) (string, error) {
		return strings.NewReplacer("WAIT", "3s", "FIVE", "5").Replace(text), nil
	})
	if err != nil || c.Wait != 3*time.Second || c.Nested.Limit != 5 || c.List[2].Limit != 5 || c.Named["FIVE"].Limit != 1 {
		t.Errorf("read %+v, %v", c, err)
	}
	err = settings.DecodeExpanded([]byte("listen: a\nwait: b"), &c, func(text string) (string, error) { return "", errors.New("no " + text) })
	if err == nil || err.Error() != "line 1: no a\nline 2: no b" {
		t.Errorf("error %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("nested: {limit: 2}"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_ = settings.Decode(b, &config{}) // it must not panic
	})
}
