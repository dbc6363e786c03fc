package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/router/internal/execute"
)

// Session makes the calls of one client request.
type Session struct {
	client *Client
	in     http.Header
	// identity is what besides headers decides about answers.
	identity string

	mu      sync.Mutex
	headers map[*subgraph]http.Header
	calls   int
	cache   caching
}

// Session starts the calls of a request. identity is part of what makes two
// calls equal, besides everything that is sent.
func (c *Client) Session(in http.Header, identity string) *Session {
	return &Session{client: c, in: in, identity: identity}
}

// Calls returns how many calls were made.
func (s *Session) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Caching returns what may be done with an answer made of the answers so far:
// its Cache-Control, or "" when it must not be stored, and the names of the
// request headers on which it depends. restricted keeps it from shared caches.
func (s *Session) Caching(restricted bool) (cacheControl string, vary []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cache.header(restricted), s.cache.vary
}

// header returns the headers for a subgraph, made once.
func (s *Session) header(sub *subgraph) http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if h := s.headers[sub]; h != nil {
		return h
	}
	h := sub.request(s.in)
	if s.headers == nil {
		s.headers = make(map[*subgraph]http.Header, 4)
	}
	s.headers[sub] = h
	return h
}

// Fetch implements [execute.Fetcher].
func (s *Session) Fetch(ctx context.Context, call execute.Call) ([]byte, error) {
	sub := s.client.subgraphs[call.Subgraph]
	if sub == nil || len(sub.endpoints.list) == 0 {
		return nil, &execute.FetchError{Code: execute.CodeDownstream, Message: "The router knows no address of this service."}
	}
	header := s.header(sub)
	start := time.Now()
	// The caller reuses its buffer, and a call may outlive the caller.
	body := bytes.Clone(call.Body)
	var answer *reply
	var err error
	if s.client.cfg.Deduplicate && !call.Mutation {
		key := flightKey(sub.Name, s.identity, header, body)
		answer, err = s.client.flights.Do(ctx, key, func(ctx context.Context) (*reply, error) {
			return s.client.call(ctx, sub, header, body, call)
		})
	} else {
		answer, err = s.client.call(ctx, sub, header, body, call)
	}
	s.client.metrics.record(ctx, sub, time.Since(start), err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.cache.forbid()
		return nil, err
	}
	s.cache.add(answer.header)
	return answer.body, nil
}

// call makes a call within the subgraph's time, trying again where that is
// allowed. A panic of the transport is an error: whoever shares the call must
// hear of its end.
func (c *Client) call(ctx context.Context, sub *subgraph, header http.Header, body []byte, call execute.Call) (out *reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.cfg.Logger.ErrorContext(ctx, "subgraph call panicked", slog.String("subgraph", sub.Name), slog.String("error", fmt.Sprintf("%v\n%s", p, debug.Stack())))
			err = &execute.FetchError{Code: execute.CodeInternal, Message: "Something went wrong on our side."}
		}
	}()
	request := ctx
	ctx, cancel := context.WithTimeout(ctx, sub.Timeout)
	defer cancel()
	if c.cfg.Tracer != nil {
		var span trace.Span
		ctx, span = c.cfg.Tracer.Start(ctx, sub.spanName, sub.span...)
		defer span.End()
		if span.IsRecording() {
			span.SetAttributes(attribute.Int("graphql.fetch.id", call.ID))
		}
		header = header.Clone()
		propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
	}
	var last *endpoint
	for tries := 1; ; tries++ {
		last = sub.endpoints.pick(time.Now(), last)
		var answer *reply
		answer, err = c.post(ctx, sub, last, header, body)
		if err == nil {
			return answer, nil
		}
		if ctx.Err() != nil {
			if request.Err() == nil { // it had its whole time, and hangs
				last.failed(time.Now(), false)
			}
			break
		}
		if !errors.Is(err, errTooLarge) { // that is what the client asked for
			last.failed(time.Now(), notSent(err))
		}
		if !sub.again(call.Mutation, tries, err) {
			break
		}
	}
	c.report(ctx, sub, last, err)
	return nil, failure(ctx, err)
}

// again tells whether to ask another time after so many tries. What surely
// reached nobody goes to each other instance, a mutation too; what may have
// arrived is asked again only where that changes nothing.
func (s *subgraph) again(mutation bool, tries int, err error) bool {
	switch {
	case errors.Is(err, errTooLarge):
		return false
	case notSent(err) && tries < len(s.endpoints.list):
		return true
	}
	return !mutation && tries <= s.Retries
}

func (c *Client) report(ctx context.Context, sub *subgraph, ep *endpoint, err error) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetStatus(codes.Error, "the call failed")
		span.RecordError(err)
	}
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return // the client left
	}
	c.cfg.Logger.WarnContext(ctx, "subgraph call failed", slog.String("subgraph", sub.Name), slog.String("url", ep.url.Redacted()), slog.Any("error", err))
}

// failure says to clients why there is no answer.
func failure(ctx context.Context, err error) error {
	out := &execute.FetchError{Code: execute.CodeDownstream, Message: "The service could not be reached.", Err: err}
	var status *statusError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		out.Code, out.Message = "TIMEOUT", "The service did not answer in time. What was asked for may have been done."
	case errors.Is(ctx.Err(), context.Canceled): // the router is about to stop
		out.Code, out.Message = "TIMEOUT", "The service had not answered when the request was ended. What was asked for may have been done."
	case errors.As(err, &status):
		out.Message = fmt.Sprintf("The service answered with status %d.", status.status)
	case errors.Is(err, errTooLarge):
		out.Message = "The answer of the service is too large."
	}
	return out
}
