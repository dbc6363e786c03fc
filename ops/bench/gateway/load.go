package gateway

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

//go:embed query.graphql
var query string

// client sends the one operation to one gateway and checks what comes back.
type client struct {
	url  string
	body []byte
	want any // the answer's data
	http *http.Client
	// seen is an answer that was found to be right: equal bytes are right too.
	seen atomic.Pointer[[]byte]
}

// tokens numbers the tokens of a run: no two requests have the same.
var tokens atomic.Int64

// newClient makes a client for a gateway. data is the right answer's data.
func newClient(url string, data []byte) (*client, error) {
	body, err := json.Marshal(map[string]string{"query": query, "operationName": "Bench"})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	c := &client{url: url, body: body, http: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
	}}
	if c.want, err = decode(data); err != nil {
		return nil, err
	}
	return c, nil
}

// decode reads JSON with numbers as they are written.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("gateway: the answer is not JSON: %w", err)
	}
	return v, nil
}

var errWrong = errors.New("gateway: a wrong answer")

// ask sends the operation once. buf is the caller's to reuse.
func (c *client) ask(ctx context.Context, buf *bytes.Buffer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+strconv.FormatInt(tokens.Add(1), 10))
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	buf.Reset()
	if _, err := io.Copy(buf, resp.Body); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return c.check(resp.StatusCode, buf.Bytes())
}

func (c *client) check(status int, answer []byte) error {
	if seen := c.seen.Load(); seen != nil && bytes.Equal(*seen, answer) {
		return nil
	}
	if status != http.StatusOK {
		return fmt.Errorf("%w: status %d: %.200s", errWrong, status, answer)
	}
	v, err := decode(answer)
	if err != nil {
		return err
	}
	m, ok := v.(map[string]any)
	if !ok || m["errors"] != nil || !reflect.DeepEqual(m["data"], c.want) {
		return fmt.Errorf("%w: %.200s", errWrong, answer)
	}
	kept := bytes.Clone(answer)
	c.seen.Store(&kept)
	return nil
}

// until asks again and again until the answer is right or the process is gone.
func (c *client) until(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var buf bytes.Buffer
	for {
		err := c.ask(ctx, &buf)
		if err == nil {
			return nil
		}
		if gone := p.ended(); gone != nil {
			return gone
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("gateway: no right answer in time: %w", err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// drive asks from several clients at once for a time and returns how many
// answers came.
func (c *client) drive(ctx context.Context, clients int, length time.Duration) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	end := time.Now().Add(length)
	var n atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			var buf bytes.Buffer
			for ctx.Err() == nil && time.Now().Before(end) {
				if err := c.ask(ctx, &buf); err != nil {
					cancel(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return n.Load(), context.Cause(ctx)
}
