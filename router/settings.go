package router

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Settings is the part of a [Config] that can stand in a file: what the
// command `starling router --config FILE` reads. The package reads no files
// itself; the yaml tags name the keys, and a reader must refuse others. Zero
// values are the defaults of the fields of Config.
type Settings struct {
	// Subgraphs adjusts single subgraphs, by name.
	Subgraphs map[string]SubgraphConfig `yaml:"subgraphs"`
	// Headers are the rules for all subgraphs that have none of their own.
	Headers HeaderRules `yaml:"headers"`
	// JWT says whose tokens are believed; without issuers nobody is asked.
	JWT JWTSettings `yaml:"jwt"`
	// Limits bound what a request may ask for. 0 is the default that the text
	// names, and a negative value is no limit.
	Limits LimitsConfig `yaml:"limits"`
	// Timeouts bound waiting. 0 is the default that the text names; there is
	// always one.
	Timeouts TimeoutsConfig `yaml:"timeouts"`
	// HTTP is the face to clients.
	HTTP HTTPConfig `yaml:"http"`
	// Errors are the rules for all subgraphs that have none of their own.
	Errors ErrorRules `yaml:"errors"`
	// Deduplicate lets equal queries to a subgraph share one answer.
	Deduplicate bool `yaml:"deduplicate"`
	// DisableIntrospection refuses __schema and __type.
	DisableIntrospection bool `yaml:"disable_introspection"`
	// ExposePlan answers the request header Starling-Plan with the plan.
	ExposePlan bool `yaml:"expose_plan"`
}

// JWTSettings is a [JWTConfig] in a file.
type JWTSettings struct {
	// Issuers whose tokens are believed.
	Issuers []JWTIssuerSettings `yaml:"issuers"`
	// Required refuses requests without a token.
	Required bool `yaml:"required"`
	// Header has the token; "" is Authorization.
	Header string `yaml:"header"`
	// Prefix stands before the token; "" is Bearer for Authorization.
	Prefix string `yaml:"prefix"`
	// Leeway is how far a token's times may be off.
	Leeway time.Duration `yaml:"leeway"`
}

// JWTIssuerSettings is one issuer with the URL of its keys.
type JWTIssuerSettings struct {
	// Issuer is the exact iss.
	Issuer string `yaml:"issuer"`
	// Audience must be in aud.
	Audience string `yaml:"audience"`
	// JWKSURL is where the keys are.
	JWKSURL string `yaml:"jwks_url"`
}

// Config makes the configuration for a source. The logger hears of keys too
// that cannot be fetched.
func (s *Settings) Config(source Source, log *slog.Logger) (Config, error) {
	if s.JWT.Required && len(s.JWT.Issuers) == 0 {
		return Config{}, errors.New("router: jwt.required needs jwt.issuers, whose tokens to believe")
	}
	c := Config{
		Source: source, Logger: log, Subgraphs: s.Subgraphs, Headers: s.Headers, Limits: s.Limits, Timeouts: s.Timeouts, HTTP: s.HTTP, Errors: s.Errors,
		Deduplicate: s.Deduplicate, DisableIntrospection: s.DisableIntrospection, ExposePlan: s.ExposePlan,
		RequireAuthentication: s.JWT.Required,
	}
	if len(s.JWT.Issuers) > 0 {
		jc := JWTConfig{Header: s.JWT.Header, Prefix: s.JWT.Prefix, Leeway: s.JWT.Leeway, Logger: log}
		for _, i := range s.JWT.Issuers {
			jc.Issuers = append(jc.Issuers, JWTIssuer{Issuer: i.Issuer, Audience: i.Audience, URL: i.JWKSURL})
		}
		a, err := JWT(jc)
		if err != nil {
			return c, err
		}
		c.Authenticator = a
	}
	return c, c.Validate()
}

// Expand replaces each ${env.NAME} in a value of a configuration file, and
// ${env.NAME:-default} where the variable may be missing or empty. Else such a
// variable is an error, so that a typo is not an empty value. What it puts in is
// taken as it is: expand values, not the text of a file whose form it may change.
func Expand(value string, lookup func(name string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(value, "${env.")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("router: ${env.%s is not closed", rest)
		}
		name, otherwise, optional := strings.Cut(inside, ":-")
		v, ok := lookup(name)
		if !ok || v == "" {
			if !optional {
				return "", fmt.Errorf("router: the environment variable %s is not set, or empty; write ${env.%s:-default} where it may be", name, name)
			}
			v = otherwise
		}
		b.WriteString(v)
		value = after
	}
}
