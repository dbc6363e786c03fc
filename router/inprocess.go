package router

import (
	"bytes"
	"io"
	"net/http"
)

// InProcess is a transport that calls a handler directly, without a
// connection and without copying: the handler's answer is what the router
// reads. The handler must not keep the request's body, and has to end when the
// request's context does. Headers and address are its own to change.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &memoryResponse{header: make(http.Header, 4)}
	in := *r
	address := *r.URL // calls share it, and their headers
	in.URL, in.Header = &address, r.Header.Clone()
	in.RequestURI = address.RequestURI()
	in.RemoteAddr = "in-process"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	t.handler.ServeHTTP(w, &in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: &memoryBody{Reader: bytes.NewReader(w.body.Bytes()), bytes: w.body.Bytes()},
		ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

type memoryResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *memoryResponse) Header() http.Header { return w.header }

func (w *memoryResponse) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *memoryResponse) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

func (w *memoryResponse) WriteString(s string) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.WriteString(s)
}

func (w *memoryResponse) Flush() {}

// memoryBody also gives its bytes as a whole.
type memoryBody struct {
	io.Reader
	bytes []byte
}

func (b *memoryBody) Bytes() []byte { return b.bytes }

func (b *memoryBody) Close() error { return nil }
