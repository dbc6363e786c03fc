package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// reply is what a subgraph answered.
type reply struct {
	body   []byte
	header http.Header
}

// statusError is an answer that is no GraphQL answer.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("status %d", e.status) }

var errTooLarge = errors.New("the answer is too large")

// bytesBody is a body that is in memory already, as an in-process transport
// gives it.
type bytesBody interface{ Bytes() []byte }

func readAnswer(resp *http.Response, limit int64) ([]byte, error) {
	if b, ok := resp.Body.(bytesBody); ok {
		if int64(len(b.Bytes())) > limit {
			return nil, errTooLarge
		}
		return b.Bytes(), nil
	}
	if resp.ContentLength > limit {
		return nil, errTooLarge
	}
	size := int64(4096)
	if resp.ContentLength > 0 {
		size = resp.ContentLength + 1
	}
	out := make([]byte, 0, size)
	for {
		if len(out) == cap(out) {
			out = slices.Grow(out, len(out))
		}
		n, err := resp.Body.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		if int64(len(out)) > limit {
			return nil, errTooLarge
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// looksLikeGraphQL tells an error answer in GraphQL's form from an error page.
func looksLikeGraphQL(body []byte) bool {
	for _, c := range body {
		switch c {
		case ' ', '\t', '\r', '\n':
		case '{':
			return bytes.Contains(body, []byte(`"errors"`)) || bytes.Contains(body, []byte(`"data"`))
		default:
			return false
		}
	}
	return false
}
