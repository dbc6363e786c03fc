package fetch

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// caching is what several answers allow to be done with one that is made of
// them: the strictest of each of their rules (RFC 9111).
type caching struct {
	answers   int
	forbidden bool
	private   bool
	// reserved is set when an answer does not say that a shared cache may keep it
	// although the request had a token. It must not be said for it.
	reserved bool
	maxAge   int
	shared   int  // the age for shared caches
	sMaxAge  bool // one answer tells the two ages apart
	vary     []string
}

// forbid is for an answer that did not come.
func (c *caching) forbid() { c.forbidden = true }

func (c *caching) add(h http.Header) {
	one := parseCacheControl(h)
	c.forbidden = c.forbidden || one.forbidden
	c.private = c.private || one.private
	c.reserved = c.reserved || one.reserved
	c.sMaxAge = c.sMaxAge || one.sMaxAge
	if c.answers == 0 {
		c.maxAge, c.shared = one.maxAge, one.shared
	}
	c.maxAge, c.shared = min(c.maxAge, one.maxAge), min(c.shared, one.shared)
	c.answers++
	for _, name := range one.vary {
		if !slices.Contains(c.vary, name) {
			c.vary = append(c.vary, name)
		}
	}
}

// parseCacheControl reads the rules of one answer. Without an age an answer
// must not be stored: a guess is no promise.
func parseCacheControl(h http.Header) caching {
	const unset = -1
	c := caching{maxAge: unset, shared: unset, reserved: true}
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "no-store", "no-cache":
			c.forbidden = true
		case "private":
			c.private = true
		case "public":
			c.reserved = false
		case "max-age":
			c.maxAge = least(c.maxAge, seconds(value))
		case "s-maxage":
			c.shared = least(c.shared, seconds(value))
			c.sMaxAge, c.reserved = true, false
		}
	}
	if c.maxAge == unset && c.shared == unset {
		c.forbidden = true
		return c
	}
	if c.shared == unset {
		c.shared = c.maxAge
	}
	c.maxAge = max(c.maxAge, 0) // s-maxage alone is for shared caches only
	if age := seconds(h.Get("Age")); age > 0 {
		c.maxAge, c.shared = max(c.maxAge-age, 0), max(c.shared-age, 0)
	}
	c.readVary(h)
	return c
}

func (c *caching) readVary(h http.Header) {
	for name := range strings.SplitSeq(strings.Join(h.Values("Vary"), ","), ",") {
		switch name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)); name {
		case "":
		case "*":
			c.forbidden = true
		default:
			if !hopByHop[name] { // those are between the router and the subgraph
				c.vary = append(c.vary, name)
			}
		}
	}
}

// seconds reads an age; what cannot be read is none at all.
func seconds(text string) int {
	n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(text), `"`))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, 1<<31-1)
}

func least(a, b int) int {
	if a < 0 {
		return b
	}
	return min(a, b)
}

// header is the Cache-Control of the whole answer, or "". restricted keeps it
// from shared caches whatever the answers say.
func (c *caching) header(restricted bool) string {
	if c.answers == 0 || c.forbidden {
		return ""
	}
	age := c.maxAge
	scope := "public, "
	sMaxAge := ""
	switch {
	case c.private || restricted:
		scope = "private, "
	case c.reserved:
		// Shared caches may keep it for who sent no token, by max-age.
		scope, age = "", min(c.maxAge, c.shared)
	case c.sMaxAge:
		sMaxAge = ", s-maxage=" + strconv.Itoa(c.shared)
	}
	if age == 0 && (sMaxAge == "" || c.shared == 0) {
		return ""
	}
	return scope + "max-age=" + strconv.Itoa(age) + sMaxAge
}
