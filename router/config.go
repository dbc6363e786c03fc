package router

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/starlinghq/starling/router/internal/source"
)

// Config configures a [Router]. Only Source is required; each zero value is
// the default that its comment names.
type Config struct {
	// Source gives the supergraph.
	Source Source

	// Transport makes the transport for a subgraph. Nil is a pooled transport
	// of net/http for each subgraph. A server that runs its subgraphs in the
	// same process passes [InProcess] here.
	Transport func(subgraph string) http.RoundTripper

	// Authenticator tells who asks. Nil: nobody is asked who they are, and the
	// authorization header is passed on unread.
	Authenticator Authenticator
	// Policies decide @policy. Nil: a policy is granted when its name is in the
	// claim "policies" of the token.
	Policies Policies
	// RequireAuthentication refuses requests without a token.
	RequireAuthentication bool

	// Subgraphs adjusts single subgraphs, by name.
	Subgraphs map[string]SubgraphConfig
	// Headers are the rules for all subgraphs that have none of their own. The
	// zero value forwards the authorization and the W3C trace headers only.
	Headers HeaderRules

	Limits   LimitsConfig
	Timeouts TimeoutsConfig
	HTTP     HTTPConfig
	// Errors are the rules for all subgraphs that have none of their own.
	Errors ErrorRules

	// Deduplicate lets equal queries to a subgraph that run at the same time
	// share one answer.
	Deduplicate bool
	// DisableIntrospection refuses __schema and __type.
	DisableIntrospection bool
	// ExposePlan answers the request header Starling-Plan: 1 with the plan in
	// the extensions.
	ExposePlan bool
	// OverrideLabels tells whether a label of a progressive override that is
	// not of the form percent(N) is active for a request. Nil: none is.
	OverrideLabels func(r *http.Request, label string) bool

	// Logger gets one line for each request and each failed call. Nil discards.
	// The context of each line has the span whose trace id the client reads;
	// it is for the handler to write it.
	Logger *slog.Logger
	// TracerProvider gets spans. Nil: none are made.
	TracerProvider trace.TracerProvider
	// MeterProvider gets metrics. Nil: none are made.
	MeterProvider metric.MeterProvider
}

// Source gives the text of a supergraph.
type Source interface {
	// Supergraph returns the SDL. It is called by Run and may block.
	Supergraph(ctx context.Context) (string, error)
}

// File is a supergraph in a file.
func File(path string) Source { return source.File(path) }

// Static is a supergraph given as text.
func Static(sdl string) Source { return source.Static(sdl) }

// SubgraphConfig adjusts one subgraph.
type SubgraphConfig struct {
	// URLs replace the one in the supergraph. Several are instances: calls take
	// turns, and one that fails is left alone for a while.
	URLs []string `yaml:"urls"`
	// Timeout bounds a call, with all its tries; 0 is Timeouts.Subgraph.
	Timeout time.Duration `yaml:"timeout"`
	// Retries is how often a query is tried again when no answer came. 0 is
	// one more try; a negative value is none. Mutations are not tried again,
	// only where an instance could not be reached another one is asked.
	Retries int `yaml:"retries"`
	// Headers replaces Config.Headers for this subgraph.
	Headers *HeaderRules `yaml:"headers"`
	// Errors replaces Config.Errors for this subgraph.
	Errors *ErrorRules `yaml:"errors"`
	// TLS is the configuration of connections to this subgraph; nil is the
	// system's. It has no effect with Config.Transport.
	TLS *TLSConfig `yaml:"tls"`
}

// HeaderRules say which headers go to a subgraph.
type HeaderRules struct {
	// Forward names request headers to pass on.
	Forward []string `yaml:"forward"`
	// DropAuthorization keeps the client's token back, which else goes on in the
	// header in which it came.
	DropAuthorization bool `yaml:"drop_authorization"`
	// Set are headers with fixed values.
	Set map[string]string `yaml:"set"`
}

// TLSConfig is how to reach a subgraph over TLS. Paths are of PEM files.
type TLSConfig struct {
	// CAFile replaces the system's certificate authorities.
	CAFile string `yaml:"ca_file"`
	// CertFile and KeyFile are the router's own certificate.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// ServerName is the name to verify instead of the URL's.
	ServerName string `yaml:"server_name"`
}

// LimitsConfig bounds what a request may ask for. 0 is the default that the
// comment names, a negative value is no limit.
type LimitsConfig struct {
	// BodyBytes of a request; 0 is 1 MiB.
	BodyBytes int64 `yaml:"body_bytes"`
	// BodiesBytes of all requests that are read or answered; 0 is 256 MiB. More
	// are refused as OVERLOADED.
	BodiesBytes int64 `yaml:"bodies_bytes"`
	// Tokens of a document; 0 is 15,000.
	Tokens int `yaml:"tokens"`
	// Depth of fields; 0 is 50. This and the following count with fragments
	// expanded.
	Depth int `yaml:"depth"`
	// Aliases; 0 is 500.
	Aliases int `yaml:"aliases"`
	// RootFields; 0 is 100.
	RootFields int `yaml:"root_fields"`
	// Fields; 0 is 10,000.
	Fields int `yaml:"fields"`
	// Cost of an operation by @cost and @listSize; 0 is no limit too.
	Cost int `yaml:"cost"`
	// ListSize is what a list without @listSize is taken to have in the cost;
	// 0 is 10, and a negative value an error.
	ListSize int `yaml:"list_size"`
	// AnswerBytes of a subgraph; 0 is 32 MiB.
	AnswerBytes int64 `yaml:"answer_bytes"`
	// Requests that run at once; 0 is 4,096. More are refused as OVERLOADED.
	Requests int `yaml:"requests"`
	// Plannings that may wait; 0 is 256. More are refused as OVERLOADED.
	Plannings int `yaml:"plannings"`
	// CachedOperations are documents kept; 0 is 2,000.
	CachedOperations int `yaml:"cached_operations"`
	// CachedPlans are plans kept; 0 is 2,000.
	CachedPlans int `yaml:"cached_plans"`
}

// TimeoutsConfig bounds waiting. 0 is the default that the comment names.
type TimeoutsConfig struct {
	// Request as a whole; 0 is 30 s.
	Request time.Duration `yaml:"request"`
	// Subgraph call; 0 is 10 s.
	Subgraph time.Duration `yaml:"subgraph"`
	// Drain is how long Run waits for requests after its context ended; 0 is
	// 10 s.
	Drain time.Duration `yaml:"drain"`
}

// HTTPConfig is the face to clients.
type HTTPConfig struct {
	// Path of the endpoint; "" is /graphql.
	Path string `yaml:"path"`
	// DisablePage switches the query page at / off.
	DisablePage bool `yaml:"disable_page"`
	// AllowedOrigins may use the endpoint from their pages (CORS), with a token
	// but never with cookies. "*" allows all. Nil: none.
	AllowedOrigins []string `yaml:"allowed_origins"`
	// OverrideKeyHeader names a request header whose value decides percent(N)
	// of a progressive override, so that one client always gets the same side;
	// "" decides at random for each request.
	OverrideKeyHeader string `yaml:"override_key_header"`
	// OverrideKeyClaim names a claim of the token for the same; where the token
	// has it, it goes before the header.
	OverrideKeyClaim string `yaml:"override_key_claim"`
	// ClientNameHeader has the client's name for metrics and the access log; ""
	// is Starling-Client-Name.
	ClientNameHeader string `yaml:"client_name_header"`
	// ClientVersionHeader has its version; "" is Starling-Client-Version.
	ClientVersionHeader string `yaml:"client_version_header"`
}

// ErrorRules are what clients see of errors from subgraphs. The zero value
// passes them on, but for what servers add for their developers.
type ErrorRules struct {
	// Mask replaces the messages by a general one. The codes stay.
	Mask bool `yaml:"mask"`
	// Extensions names the extensions that pass, besides code and retryAfter. Nil
	// passes all but exception, stacktrace and debugMessage, and none where Mask
	// is set; an empty list passes none.
	Extensions []string `yaml:"extensions"`
}

func (c Config) withDefaults() Config {
	def(&c.Limits.BodyBytes, 1<<20)
	def(&c.Limits.BodiesBytes, 256<<20)
	def(&c.Limits.ListSize, 10)
	def(&c.Limits.AnswerBytes, 32<<20)
	def(&c.Limits.Requests, 4096)
	def(&c.Limits.Plannings, 256)
	def(&c.Limits.CachedOperations, 2000)
	def(&c.Limits.CachedPlans, 2000)
	def(&c.Timeouts.Request, 30*time.Second)
	def(&c.Timeouts.Subgraph, 10*time.Second)
	def(&c.Timeouts.Drain, 10*time.Second)
	def(&c.HTTP.Path, "/graphql")
	def(&c.HTTP.ClientNameHeader, "Starling-Client-Name")
	def(&c.HTTP.ClientVersionHeader, "Starling-Client-Version")
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = slog.New(logHandler{c.Logger.Handler()})
	for _, v := range []*int64{&c.Limits.BodyBytes, &c.Limits.BodiesBytes, &c.Limits.AnswerBytes} {
		if *v < 0 { // no limit is one that nothing reaches
			*v = math.MaxInt64
		}
	}
	for _, v := range []*int{&c.Limits.Requests, &c.Limits.Plannings} {
		if *v < 0 {
			*v = math.MaxInt32
		}
	}
	return c
}

// def sets a value that is zero to its default.
func def[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
