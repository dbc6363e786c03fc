package app

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/starlinghq/starling/router"
	"github.com/starlinghq/starling/schema/compose"
	"github.com/starlinghq/starling/subgraphs"
)

// newRouter returns the router of our graph. Subgraphs of this process are
// called directly, the others at the URLs of the configuration.
func (s *Server) newRouter(ctx context.Context) (*router.Router, error) {
	sdl, err := supergraph(ctx)
	if err != nil {
		return nil, err
	}
	issuer := s.engines.issuer
	tokens, err := router.JWT(router.JWTConfig{
		Issuers: []router.JWTIssuer{{Issuer: issuer.Name(), Audience: issuer.Audience(), Keys: issuer.JWKS}},
		Logger:  s.log,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing to verify tokens: %w", err)
	}
	elsewhere := map[string]router.SubgraphConfig{}
	for _, name := range subgraphs.Names() {
		if s.subgraphs[name] == nil {
			elsewhere[name] = router.SubgraphConfig{URLs: s.cfg.Subgraphs.of(name)}
		}
	}
	return router.New(router.Config{
		Source:         router.Static(sdl),
		Transport:      s.transport(),
		Subgraphs:      elsewhere,
		Authenticator:  tokens,
		Headers:        router.HeaderRules{Forward: []string{addressHeader}},
		Limits:         router.LimitsConfig{BodyBytes: int64(s.cfg.Limits.QueryMiB) << 20, Requests: s.cfg.Limits.RequestLimit},
		Timeouts:       router.TimeoutsConfig{Drain: s.stopTime()},
		Logger:         s.accessLog(),
		TracerProvider: s.telemetry.TracerProvider(),
		MeterProvider:  s.telemetry.MeterProvider(),
	})
}

// transport calls the subgraphs of this process directly; nil where there are
// none.
func (s *Server) transport() func(name string) http.RoundTripper {
	if len(s.subgraphs) == 0 {
		return nil
	}
	pooled := &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 90 * time.Second}
	return func(name string) http.RoundTripper {
		if h := s.subgraphs[name]; h != nil {
			return router.InProcess(h)
		}
		return pooled
	}
}

// supergraph composes our subgraphs. Their URLs are names: in one process
// nothing is called by URL, and separate roles configure them.
func supergraph(ctx context.Context) (string, error) {
	var in []compose.Subgraph
	for _, name := range subgraphs.Names() {
		sdl, err := subgraphs.SDL(name)
		if err != nil {
			return "", err
		}
		in = append(in, compose.Subgraph{Name: name, URL: "http://" + name + ".starling.local/", SDL: sdl, File: name + "/schema.graphqls"})
	}
	res, err := compose.Compose(ctx, in)
	if err != nil {
		return "", fmt.Errorf("composing the subgraphs: %w", err)
	}
	if err := res.Err(); err != nil {
		return "", fmt.Errorf("composing the subgraphs: %w", err)
	}
	return res.Supergraph.SDL(), nil
}
