package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/router/internal/flight"
)

// Subgraph is how to reach one subgraph.
type Subgraph struct {
	Name string
	// URLs are its instances; calls go round.
	URLs []string
	// Timeout bounds one call, retries included.
	Timeout time.Duration
	// MaxAnswer bounds an answer in bytes.
	MaxAnswer int64
	// Retries is how often a query is tried again when no answer came.
	Retries   int
	Transport http.RoundTripper
	Headers   Rules
}

// Config is what a client needs.
type Config struct {
	Subgraphs []Subgraph
	// Deduplicate lets equal calls of queries share one answer.
	Deduplicate bool
	Logger      *slog.Logger
	Tracer      trace.Tracer
	Meter       metric.Meter
}

// Client calls the subgraphs of one supergraph. It is safe for concurrent use.
type Client struct {
	cfg       Config
	subgraphs map[string]*subgraph
	flights   flight.Group[*reply]
	metrics   *metrics
}

type subgraph struct {
	Subgraph
	endpoints endpoints
	// What telemetry says of its calls, made once: there are many of them.
	spanName         string
	span             []trace.SpanStartOption
	answered, failed []metric.RecordOption
}

// New makes a client. It checks addresses and does no I/O.
func New(cfg Config) (*Client, error) {
	c := &Client{cfg: cfg, subgraphs: make(map[string]*subgraph, len(cfg.Subgraphs))}
	for _, s := range cfg.Subgraphs {
		sub := &subgraph{
			Subgraph: s, spanName: "fetch " + s.Name, answered: series(s.Name, false), failed: series(s.Name, true),
			span: []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("graphql.subgraph", s.Name))},
		}
		for _, raw := range s.URLs {
			u, err := url.Parse(raw)
			if err != nil {
				return nil, fmt.Errorf("fetch: subgraph %s: %w", s.Name, err)
			}
			sub.endpoints.list = append(sub.endpoints.list, &endpoint{url: u})
		}
		c.subgraphs[s.Name] = sub
	}
	m, err := newMetrics(cfg.Meter)
	if err != nil {
		return nil, err
	}
	c.metrics = m
	return c, nil
}

// Wait returns when no shared call is under way any more.
func (c *Client) Wait() { c.flights.Wait() }

// post makes one call to one instance. The body must never change again: a
// transport may read it after the call.
func (c *Client) post(ctx context.Context, s *subgraph, ep *endpoint, header http.Header, body []byte) (*reply, error) {
	req := &http.Request{
		Method: http.MethodPost, URL: ep.url, Host: ep.url.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: inMemory(body), ContentLength: int64(len(body)),
		GetBody: func() (io.ReadCloser, error) { return inMemory(body), nil },
	}
	resp, err := s.Transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := readAnswer(resp, s.MaxAnswer)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		if !looksLikeGraphQL(answer) {
			return nil, &statusError{status: resp.StatusCode}
		}
	}
	if resp.Close {
		s.leave(ep)
	} else {
		ep.succeeded()
	}
	return &reply{body: answer, header: resp.Header}, nil
}

// leave is called when an instance has ended a connection with its answer: it
// is about to stop. A call on a connection that it closes just then would be
// lost, and nobody would know whether it was taken; so none is kept.
func (s *subgraph) leave(ep *endpoint) {
	known := ep.resting(time.Now())
	ep.leaves(time.Now())
	if pool, ok := s.Transport.(interface{ CloseIdleConnections() }); ok && !known {
		pool.CloseIdleConnections()
	}
}

// inMemory is a request body of a kind that net/http knows to be in memory:
// it sends only those in one write with the headers.
func inMemory(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// notSent reports whether a failed call surely did not reach the subgraph.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
