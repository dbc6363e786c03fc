package fetch

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
)

func containsMember(body []byte) bool {
	return bytes.Contains(body, []byte(`"errors"`)) || bytes.Contains(body, []byte(`"data"`))
}

func panicError(p any) error { return fmt.Errorf("fetch: panic: %v\n%s", p, debug.Stack()) }

// cacheControl is the strictest of several Cache-Control headers.
type cacheControl struct {
	any     bool
	none    bool // one answer had none, or no-store
	private bool
	maxAge  int
}

func (c *cacheControl) add(h http.Header) {
	age, private, ok := parseCacheControl(h.Get("Cache-Control"))
	if !ok {
		c.none = true
	}
	if !c.any || age < c.maxAge {
		c.maxAge = age
	}
	c.any = true
	c.private = c.private || private
}

func parseCacheControl(header string) (maxAge int, private, ok bool) {
	maxAge = -1
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "no-store", "no-cache":
			return 0, true, false
		case "private":
			private = true
		case "max-age":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 {
				maxAge = n
			}
		}
	}
	return maxAge, private, maxAge >= 0
}

func (c *cacheControl) String() string {
	switch {
	case !c.any || c.none || c.maxAge <= 0:
		return ""
	case c.private:
		return "private, max-age=" + strconv.Itoa(c.maxAge)
	default:
		return "public, max-age=" + strconv.Itoa(c.maxAge)
	}
}
