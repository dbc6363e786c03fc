package router

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/starlinghq/starling/internal/clienttls"
)

// newTransport makes the pooled transport of one subgraph.
func newTransport(t *TLSConfig) (http.RoundTripper, error) {
	cfg, err := clientTLS(t)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       cfg,
		TLSHandshakeTimeout:   5 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          0,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       16 << 10,
		ReadBufferSize:        16 << 10,
	}, nil
}

func clientTLS(t *TLSConfig) (*tls.Config, error) {
	if t == nil {
		return nil, nil
	}
	return clienttls.Files(*t).Config()
}
