package settings_test

import (
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
	if err := settings.Decode(nil, &c); err != nil {
		t.Errorf("an empty file: %v", err)
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
	} {
		err := settings.Decode([]byte(file), &config{})
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(want, ";")) && !strings.Contains(want, "wait") {
			t.Errorf("%q gave %v, want %s", file, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("nested: {limit: 2}"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_ = settings.Decode(b, &config{}) // it must not panic
	})
}
