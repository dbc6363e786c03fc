package router

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	env := map[string]string{"A": "<A>", "EMPTY": ""}
	lookup := func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
	for value, want := range map[string]string{
		"${env.A}":             "<A>",
		"a ${env.A}${env.A}x":  "a <A><A>x",
		"${env.NONE:-d: #}":    "d: #",
		"${env.NONE:-}":        "",
		"${env.EMPTY:-d}":      "d",
		"${env.A:-d}":          "<A>",
		"$${x} ${env .A} env.": "$${x} ${env .A} env.",
	} {
		if got, err := Expand(value, lookup); err != nil || got != want {
			t.Errorf("%s gave %q, %v, want %q", value, got, err, want)
		}
	}
	for value, want := range map[string]string{
		"${env.NONE}":  "NONE is not set",
		"${env.EMPTY}": "EMPTY is not set",
		"${env.}":      "is not set",
		"x ${env.A":    "${env.A is not closed",
	} {
		if _, err := Expand(value, lookup); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", value, err, want)
		}
	}
}

func TestSettings(t *testing.T) {
	s := Settings{Deduplicate: true, JWT: JWTSettings{Issuers: []JWTIssuerSettings{{Issuer: "i", Audience: "a", JWKSURL: "http://keys.test/"}}, Required: true}}
	cfg, err := s.Config(Static("x"), nil)
	if err != nil || !cfg.Deduplicate || !cfg.RequireAuthentication || cfg.Authenticator == nil {
		t.Errorf("%+v %v", cfg, err)
	}
}
