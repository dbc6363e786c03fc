package fetch

import (
	"net/http"
	"net/textproto"
)

// Rules say which headers go to a subgraph. The zero value forwards the W3C
// trace headers only.
type Rules struct {
	// Token names the header that has the client's token; "" keeps it back.
	Token string
	// Forward names further request headers to pass on as they are.
	Forward []string
	// Set are headers with fixed values.
	Set map[string]string
}

// hopByHop are never passed on, whatever the rules say.
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Proxy-Authorization": true, "Te": true, "Trailer": true,
	"Transfer-Encoding": true, "Upgrade": true, "Content-Length": true, "Content-Type": true, "Content-Encoding": true, "Host": true,
	"Accept": true, "Accept-Encoding": true, "Accept-Charset": true,
}

var traceHeaders = []string{"Traceparent", "Tracestate"}

// NeverForwarded reports whether no rule can pass a request header on.
func NeverForwarded(name string) bool { return hopByHop[textproto.CanonicalMIMEHeaderKey(name)] }

// request makes the headers of calls to a subgraph.
func (s *subgraph) request(in http.Header) http.Header {
	out := make(http.Header, 8)
	out["Content-Type"] = jsonType
	out["Accept"] = acceptTypes
	for _, name := range traceHeaders {
		if v := in[name]; v != nil {
			out[name] = v
		}
	}
	if v := in[s.Headers.Token]; v != nil {
		out[s.Headers.Token] = v
	}
	for _, name := range s.Headers.Forward {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if v := in[name]; v != nil && !hopByHop[name] {
			out[name] = v
		}
	}
	for name, v := range s.Headers.Set {
		out.Set(name, v)
	}
	return out
}

var (
	jsonType    = []string{"application/json"}
	acceptTypes = []string{"application/graphql-response+json, application/json"}
)
