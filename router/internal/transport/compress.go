package transport

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
	"sync"
)

// compressFrom is the size from which an answer is worth the time: below it, a
// page of a list on a usual connection is as fast without.
const compressFrom = 16 << 10

var writers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return w
}}

// Compress returns the body compressed and true when the client accepts gzip
// and it is worth it.
func Compress(acceptEncoding string, body []byte) ([]byte, bool) {
	if len(body) < compressFrom || !acceptsGzip(acceptEncoding) {
		return body, false
	}
	var b bytes.Buffer
	b.Grow(len(body) / 4)
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&b)
	if _, err := w.Write(body); err != nil {
		return body, false
	}
	if err := w.Close(); err != nil {
		return body, false
	}
	return b.Bytes(), true
}

// acceptsGzip reads an Accept-Encoding: "*" speaks for what has no entry of its
// own.
func acceptsGzip(header string) bool {
	anything := false
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return wanted(params)
		case "*":
			anything = wanted(params)
		}
	}
	return anything
}

// wanted reports whether the weight among a coding's parameters is not 0.
func wanted(params string) bool {
	name, q, _ := strings.Cut(strings.TrimSpace(params), "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return true
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
	return err == nil && v > 0
}
