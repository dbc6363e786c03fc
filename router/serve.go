package router

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/textproto"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/starlinghq/starling/router/internal/engine"
	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/router/internal/operation"
	"github.com/starlinghq/starling/router/internal/transport"
)

// routes is the router's face.
func (r *Router) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(r.cfg.HTTP.Path, transport.Guard(transport.CORS{
		Origins: r.cfg.HTTP.AllowedOrigins,
		Headers: r.readHeaders(),
	}, http.HandlerFunc(r.serveGraphQL)))
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if err := r.Ready(); err != nil {
			writeText(w, http.StatusServiceUnavailable, err.Error()+"\n")
			return
		}
		writeText(w, http.StatusOK, "ok\n")
	})
	if !r.cfg.HTTP.DisablePage {
		mux.Handle("GET /{$}", page(r.cfg.HTTP.Path))
	}
	return mux
}

// readHeaders names the headers of requests that mean something here, or to a
// subgraph: pages of other origins may send them too.
func (r *Router) readHeaders() []string {
	cfg := &r.cfg
	names := []string{cfg.HTTP.ClientNameHeader, cfg.HTTP.ClientVersionHeader, planHeader}
	if cfg.HTTP.OverrideKeyHeader != "" {
		names = append(names, cfg.HTTP.OverrideKeyHeader)
	}
	if a, ok := cfg.Authenticator.(*jwtAuthenticator); ok {
		names = append(names, a.tokenHeader())
	}
	names = append(names, cfg.Headers.Forward...)
	for _, s := range cfg.Subgraphs {
		if s.Headers != nil {
			names = append(names, s.Headers.Forward...)
		}
	}
	for i, name := range names {
		names[i] = textproto.CanonicalMIMEHeaderKey(name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// exchange is one request and what becomes of it.
type exchange struct {
	router    *Router
	req       *http.Request
	mediaType string
	start     time.Time
	traceID   string
	principal *Principal

	operation string // its name
	kind      string
	calls     int
	errors    tally
	status    int
	headers   http.Header // of the answer
}

func (r *Router) serveGraphQL(w http.ResponseWriter, req *http.Request) {
	x := &exchange{router: r, req: req, start: time.Now(), mediaType: transport.Accepts(lines(req.Header, "Accept")), headers: w.Header()}
	ctx, end := r.trace(req.Context(), x)
	defer end()
	defer r.log(ctx, x)
	if x.mediaType == "" {
		x.mediaType = transport.MediaJSON
		x.fail(w, &Error{Code: CodeInput, Status: http.StatusNotAcceptable, Message: "Accept application/graphql-response+json or application/json."})
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeouts.Request)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			r.internal(ctx, fmt.Errorf("router: panic: %v\n%s", p, debug.Stack()))
			x.fail(w, newError(CodeInternal, masked))
		}
	}()
	g := r.graph.Load()
	if g == nil {
		x.fail(w, overloaded())
		return
	}
	// Clients that are slow to send take no place of those that have sent.
	in, bad := transport.Read(w, req, transport.Limits{Bytes: r.cfg.Limits.BodyBytes, Budget: r.bodies, Time: r.cfg.Timeouts.Request})
	if bad != nil {
		x.refuse(w, bad)
		return
	}
	defer in.Release()
	if !r.enter(x, cancel) {
		x.fail(w, overloaded())
		return
	}
	defer r.leave(x)
	x.serve(ctx, w, g, in)
}

// lines is a header that may come in several lines.
func lines(h http.Header, name string) string { return strings.Join(h.Values(name), ",") }

// refuse answers a request that cannot be read.
func (x *exchange) refuse(w http.ResponseWriter, bad *transport.Error) {
	err := &Error{Code: CodeInput, Status: bad.Status, Message: bad.Message}
	switch {
	case bad.NotPersisted:
		err.Code = CodeNotPersisted
	case bad.Status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", "GET, POST")
	case bad.Status == http.StatusServiceUnavailable:
		err = overloaded()
	}
	x.fail(w, err)
}

// masked is all that clients read about faults of ours.
const masked = "Something went wrong on our side. The trace id helps us to find it."

// internal logs a fault of the router.
func (r *Router) internal(ctx context.Context, err error) {
	r.cfg.Logger.ErrorContext(ctx, "internal error", "error", err)
}

// serve runs the request through its stages, each of which can end it.
func (x *exchange) serve(ctx context.Context, w http.ResponseWriter, g *graph, in *transport.Request) {
	if err := x.authenticate(ctx); err != nil {
		x.fail(w, err)
		return
	}
	d, errs := g.document(in.Query, in.OperationName)
	if len(errs) > 0 {
		x.fail(w, errs...)
		return
	}
	x.operation, x.kind = d.op.Name(), d.op.Kind()
	if err := x.allowed(in, d); err != nil {
		x.fail(w, err)
		return
	}
	vars, verrs := d.op.Coerce(in.Variables)
	if len(verrs) > 0 {
		x.fail(w, fromOperations(verrs)...)
		return
	}
	a := &asking{document: d, vars: vars, dec: x.decide(d)}
	p, err := g.prepare(ctx, a)
	if err != nil {
		x.fail(w, err)
		return
	}
	values, err := x.admit(g, &p, vars)
	if err != nil {
		x.fail(w, err)
		return
	}
	session := g.client.Session(x.req.Header, a.dec.key)
	p, res := x.run(ctx, g, a, p, values, session)
	defer res.Release()
	x.calls = session.Calls()
	if res.Forgotten && x.kind == "query" {
		x.fail(w, g.planFault(ctx, &engine.PlanError{Err: errForgotten}))
		return
	}
	x.answer(w, res, &p, x.caching(w, session, d))
}

// errForgotten is a plan that does not fetch the key of an entity.
var errForgotten = errors.New("every plan forgets the key of an entity")

// admit decides, before anything is fetched, whether a prepared operation may
// run, and gives the values of its variables.
func (x *exchange) admit(g *graph, p *prepared, vars *operation.Variables) ([][]byte, *Error) {
	if err := x.affordable(g, p, vars); err != nil {
		return nil, err
	}
	values, err := p.Values(vars)
	if err != nil {
		return nil, fromOperation(err)
	}
	if !p.Introspectable(values) {
		return nil, newError(CodeValidation, tooLong().Message)
	}
	return values, nil
}

// authenticate finds out who asks.
func (x *exchange) authenticate(ctx context.Context) *Error {
	a := x.router.cfg.Authenticator
	if a == nil {
		return nil
	}
	p, err := a.Authenticate(x.req)
	var own *Error
	switch {
	case errors.As(err, &own):
		return own.withStatus()
	case errors.Is(err, ErrUnauthenticated):
		x.headers.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		message := "The token is not valid or has expired. Sign in again."
		var te *tokenError
		if errors.As(err, &te) {
			message = sentence(te.reason)
		}
		return newError(CodeUnauthenticated, message)
	case errors.Is(err, errKeysMissing):
		x.router.cfg.Logger.WarnContext(ctx, "tokens cannot be verified", "error", err)
		return overloaded()
	case err != nil:
		x.router.internal(ctx, fmt.Errorf("router: authenticate: %w", err))
		return newError(CodeInternal, masked)
	case p == nil && x.router.cfg.RequireAuthentication:
		x.headers.Set("WWW-Authenticate", "Bearer")
		return newError(CodeUnauthenticated, "Sign in first: this needs a token.")
	}
	x.principal = p
	return nil
}

// allowed refuses operations that this server, or this way of asking, does not
// serve.
func (x *exchange) allowed(in *transport.Request, d *document) *Error {
	switch kind := d.op.Kind(); {
	case kind == "subscription":
		return newError(CodeValidation, "Subscriptions are not served yet.")
	case kind == "mutation" && in.ReadOnly:
		x.headers.Set("Allow", "POST")
		return &Error{Code: CodeValidation, Status: http.StatusMethodNotAllowed, Message: "A mutation needs POST."}
	case d.op.Introspects() && x.router.cfg.DisableIntrospection:
		return newError(CodeValidation, "Introspection is switched off on this server.")
	}
	return nil
}

// affordable refuses operations that may cost more than the limit, before
// anything is fetched.
func (x *exchange) affordable(g *graph, p *prepared, vars *operation.Variables) *Error {
	limit := x.router.cfg.Limits.Cost
	if limit <= 0 {
		return nil
	}
	cost, err := p.Cost(g.costs, vars)
	if err != nil {
		return fromOperation(err)
	}
	if cost > limit {
		return newError(CodeValidation, fmt.Sprintf("The operation may cost %d, and at most %d is allowed. Ask for fewer items or fields.", cost, limit))
	}
	return nil
}

// fail answers with errors and no data.
func (x *exchange) fail(w http.ResponseWriter, errs ...*Error) {
	for _, e := range errs {
		x.errors.add(e.Code)
	}
	out := make([]byte, 0, 512)
	out = append(out, `{"errors":[`...)
	for i, e := range errs {
		if i > 0 {
			out = append(out, ',')
		}
		out = e.append(out, x.traceID)
	}
	out = append(out, ']', '}')
	status := errs[0].Status
	if status == http.StatusBadRequest && errs[0].wellFormed() {
		status = transport.StatusRefused(x.mediaType)
	}
	if after := errs[0].RetryAfter; after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(max(math.Ceil(after.Seconds()), 1))))
	}
	x.write(w, status, out, "no-store")
}

// wellFormed tells what GraphQL itself refuses from requests that cannot be
// read.
func (e *Error) wellFormed() bool {
	return e.Code == CodeParse || e.Code == CodeValidation || e.Code == CodeNotPersisted || e.Code == CodeInput && e.Line > 0
}

// answer writes the result of a run.
func (x *exchange) answer(w http.ResponseWriter, res *execute.Result, p *prepared, cacheControl string) {
	out := res.Open
	if x.req.ProtoMajor > 1 {
		// An HTTP/2 server may go on reading what it was given to write after
		// the stream has ended, when the buffer is somebody else's.
		out = append(make([]byte, 0, cap(out)), out...)
	}
	if len(res.Errors) > 0 {
		out = append(out, `,"errors":[`...)
		for i, e := range res.Errors {
			if i > 0 {
				out = append(out, ',')
			}
			x.present(e)
			out = e.Append(out, x.traceID)
			x.errors.add(e.Code)
		}
		out = append(out, ']')
	}
	out = x.appendPlan(out, p)
	out = append(out, '}')
	if len(res.Errors) > 0 || cacheControl == "" {
		cacheControl = "no-store"
	}
	x.write(w, http.StatusOK, out, cacheControl)
}

func (x *exchange) write(w http.ResponseWriter, status int, body []byte, cacheControl string) {
	x.status = status
	h := w.Header()
	h.Set("Content-Type", x.mediaType+"; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", cacheControl)
	h.Add("Vary", "Accept, Accept-Encoding")
	body, compressed := transport.Compress(lines(x.req.Header, "Accept-Encoding"), body)
	if compressed {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// A client that does not read must not keep its place for ever.
	if c := http.NewResponseController(w); c.SetWriteDeadline(time.Now().Add(x.router.cfg.Timeouts.Request)) == nil {
		defer func() {
			_ = c.Flush() // an error is the client's, who is gone
			_ = c.SetWriteDeadline(time.Time{})
		}()
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
