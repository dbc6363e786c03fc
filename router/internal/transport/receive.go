package transport

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Budget bounds the memory of all bodies together. It is safe for concurrent
// use.
type Budget struct{ left atomic.Int64 }

// NewBudget makes a budget of so many bytes.
func NewBudget(bytes int64) *Budget {
	b := &Budget{}
	b.left.Store(bytes)
	return b
}

func (b *Budget) take(n int64) bool {
	if b == nil || b.left.Add(-n) >= 0 {
		return true
	}
	b.left.Add(n)
	return false
}

func (b *Budget) give(n int64) {
	if b != nil {
		b.left.Add(n)
	}
}

// firstBuffer is what a body gets before it has sent anything. What a client
// says about its length costs nothing: memory follows what has come.
const firstBuffer = 4 << 10

// receive reads the body. What it returns holds its capacity of the budget.
func receive(w http.ResponseWriter, r *http.Request, l Limits) ([]byte, *Error) {
	if r.ContentLength > l.Bytes {
		return nil, tooLarge(l.Bytes)
	}
	if l.Time > 0 {
		c := http.NewResponseController(w)
		if c.SetReadDeadline(time.Now().Add(l.Time)) == nil { // else it is no connection
			defer func() { _ = c.SetReadDeadline(time.Time{}) }()
		}
	}
	body, held, err := unpacked(w, r, l)
	defer l.Budget.give(held)
	if err != nil {
		return nil, err
	}
	size := firstBuffer
	if r.ContentLength >= 0 {
		size = min(size, int(r.ContentLength)+1)
	}
	if !l.Budget.take(int64(size)) {
		return nil, crowded()
	}
	out := make([]byte, 0, size)
	for {
		n, rerr := body.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		var fault *Error
		switch {
		case int64(len(out)) > l.Bytes:
			fault = tooLarge(l.Bytes)
		case errors.Is(rerr, io.EOF) && len(out) > 0:
			return out, nil
		case rerr != nil:
			fault = unreadable(rerr)
		case len(out) == cap(out):
			out, fault = grow(out, l.Budget)
		}
		if fault != nil {
			l.Budget.give(int64(cap(out)))
			return nil, fault
		}
	}
}

func grow(out []byte, b *Budget) ([]byte, *Error) {
	before := cap(out)
	if !b.take(int64(before)) {
		return out, crowded()
	}
	out = slices.Grow(out, before)
	b.give(int64(2*before - cap(out))) // Grow may round up
	return out, nil
}

// unpackBytes is about what an unpacker takes.
const unpackBytes = 48 << 10

// unpacked is the body as it was before the client packed it, and what it holds
// of the budget while it is read. What is packed is bounded too: it may be
// endless and have nothing in it.
func unpacked(w http.ResponseWriter, r *http.Request, l Limits) (body io.Reader, held int64, err *Error) {
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
		return r.Body, 0, nil
	case "gzip":
		if !l.Budget.take(unpackBytes) {
			return nil, 0, crowded()
		}
		z, err := gzip.NewReader(http.MaxBytesReader(w, r.Body, l.Bytes))
		switch {
		case errors.Is(err, gzip.ErrHeader):
			return nil, unpackBytes, bad("The body is not gzip, which Content-Encoding says it is.")
		case err != nil:
			return nil, unpackBytes, unreadable(err)
		}
		return z, unpackBytes, nil
	default:
		return nil, 0, &Error{Status: http.StatusUnsupportedMediaType, Message: "Send the body as it is, or with Content-Encoding: gzip."}
	}
}

func unreadable(err error) *Error {
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return tooLarge(tooBig.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Status: http.StatusRequestTimeout, Message: "The body did not come in time."}
	case errors.Is(err, io.EOF):
		return bad("The body is empty.")
	default:
		return bad("The body could not be read to its end.")
	}
}

func tooLarge(maxBytes int64) *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("The body is too large: at most %d bytes are allowed.", maxBytes)}
}

func crowded() *Error {
	return &Error{Status: http.StatusServiceUnavailable, Message: "The server is too busy right now; nothing was done. Try again in a moment."}
}
