package transport

import (
	"net/http"
	"slices"
	"strings"
)

// CORS says which pages may use the endpoint.
type CORS struct {
	// Origins that may; "*" is all, without credentials.
	Origins []string
	// Headers that such pages may send besides the usual ones.
	Headers []string
}

// Guard keeps foreign pages from using a browser's user: writing requests go
// through [http.CrossOriginProtection], and a GET from another site must carry
// a header that needs a preflight. Origins that the CORS rules allow may pass.
func Guard(cors CORS, next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	for _, o := range cors.Origins {
		if o != "*" {
			// An origin that cannot be parsed is never equal to one that a
			// browser sends: leaving it out is the same.
			_ = protection.AddTrustedOrigin(o)
		}
	}
	allowed := strings.Join(append([]string{"Content-Type", "Authorization", "Accept", "Traceparent", "Tracestate"}, cors.Headers...), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		trusted := cors.trusts(origin)
		if origin != "" && len(cors.Origins) > 0 {
			w.Header().Add("Vary", "Origin")
			if trusted {
				w.Header().Set("Access-Control-Allow-Origin", cors.allow(origin))
				w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
			}
		}
		if r.Method == http.MethodOptions {
			preflight(w, trusted, allowed)
			return
		}
		if !trusted && (protection.Check(r) != nil || foreignRead(r)) {
			http.Error(w, "Requests from other sites are not allowed.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *CORS) trusts(origin string) bool {
	return origin != "" && (slices.Contains(c.Origins, origin) || slices.Contains(c.Origins, "*"))
}

func (c *CORS) allow(origin string) string {
	if slices.Contains(c.Origins, origin) {
		return origin
	}
	return "*"
}

func preflight(w http.ResponseWriter, trusted bool, headers string) {
	w.Header().Set("Allow", "GET, POST, OPTIONS")
	if trusted {
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
		w.Header().Set("Access-Control-Allow-Headers", headers)
		w.Header().Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

// foreignRead reports a GET that a foreign page can cause without asking.
func foreignRead(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
	default:
		return false
	}
	if ct := r.Header.Get("Content-Type"); strings.HasPrefix(ct, "application/json") {
		return false
	}
	return r.Header.Get("Authorization") == ""
}
