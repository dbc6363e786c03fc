package fetch

import (
	"net/http"
	"slices"
	"strings"
)

// flightKey is everything that may make a difference to the answer.
func flightKey(subgraph, identity string, header http.Header, body []byte) string {
	var b strings.Builder
	b.WriteString(subgraph)
	b.WriteByte(0)
	b.WriteString(identity)
	b.WriteByte(0)
	names := make([]string, 0, len(header))
	for name := range header {
		if !slices.Contains(traceHeaders, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range header[name] {
			b.WriteString(name)
			b.WriteByte(0)
			b.WriteString(v)
			b.WriteByte(0)
		}
	}
	b.WriteByte(0)
	b.Write(body)
	return b.String()
}
