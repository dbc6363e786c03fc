package router

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/starlinghq/starling/router/internal/fetch"
)

// Validate reports everything that is wrong with the configuration, each fault
// with its path, in the order of the paths.
func (c *Config) Validate() error {
	var f faults
	if c.Source == nil {
		f.add("Source", "is missing; use router.File(path)")
	}
	for path, d := range map[string]time.Duration{
		"Timeouts.Request": c.Timeouts.Request, "Timeouts.Subgraph": c.Timeouts.Subgraph, "Timeouts.Drain": c.Timeouts.Drain,
	} {
		if d < 0 {
			f.add(path, "must not be negative")
		}
	}
	if c.Limits.ListSize < 0 {
		f.add("Limits.ListSize", "must not be negative")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Subgraphs)) {
		s := c.Subgraphs[name]
		f.subgraph("Subgraphs["+name+"]", &s)
	}
	f.headers("Headers", &c.Headers)
	f.http(&c.HTTP)
	if c.RequireAuthentication && c.Authenticator == nil {
		f.add("RequireAuthentication", "needs an Authenticator")
	}
	return f.join()
}

// faults are what is wrong, by path.
type faults []string

func (f *faults) add(path, format string, args ...any) {
	*f = append(*f, path+": "+fmt.Sprintf(format, args...))
}

func (f *faults) join() error {
	slices.Sort(*f)
	errs := make([]error, len(*f))
	for i, text := range *f {
		errs[i] = errors.New("router: " + text)
	}
	return errors.Join(errs...)
}

func (f *faults) subgraph(path string, s *SubgraphConfig) {
	for _, raw := range s.URLs {
		if u, err := url.Parse(raw); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			f.add(path+".URLs", "%q is not an absolute http or https URL", raw)
		}
	}
	if s.Timeout < 0 {
		f.add(path+".Timeout", "must not be negative")
	}
	if s.TLS != nil && (s.TLS.CertFile == "") != (s.TLS.KeyFile == "") {
		f.add(path+".TLS", "CertFile and KeyFile belong together")
	}
	if s.Headers != nil {
		f.headers(path+".Headers", s.Headers)
	}
}

func (f *faults) headers(path string, h *HeaderRules) {
	for _, name := range h.Forward {
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			f.add(path+".Forward", "%q cannot be the name of a header", name)
		case fetch.NeverForwarded(name):
			f.add(path+".Forward", "%s is about one connection and cannot be passed on", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h.Set)) {
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			f.add(path+".Set", "%q cannot be the name of a header", name)
		case fetch.NeverForwarded(name):
			f.add(path+".Set", "%s is the router's own to set", name)
		case !httpguts.ValidHeaderFieldValue(h.Set[name]):
			f.add(path+".Set", "the value of %s cannot stand in a header", name)
		}
	}
}

func (f *faults) http(h *HTTPConfig) {
	if p := h.Path; p != "" && (p[0] != '/' || strings.ContainsAny(p, " {}?#") || slices.Contains([]string{"/", "/live", "/ready"}, p)) {
		f.add("HTTP.Path", "%q cannot be the endpoint's path", p)
	}
	for _, o := range h.AllowedOrigins {
		if u, err := url.Parse(o); o != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != o) {
			f.add("HTTP.AllowedOrigins", "%q is not an origin, which is a scheme and a host: https://example.com", o)
		}
	}
	for path, name := range map[string]string{
		"HTTP.OverrideKeyHeader": h.OverrideKeyHeader, "HTTP.ClientNameHeader": h.ClientNameHeader, "HTTP.ClientVersionHeader": h.ClientVersionHeader,
	} {
		if name != "" && !httpguts.ValidHeaderFieldName(name) {
			f.add(path, "%q cannot be the name of a header", name)
		}
	}
}
