package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/starlinghq/starling/schema/compose"
)

// maxResponse bounds the answer of an introspected subgraph.
const maxResponse = 64 << 20

// load gets the SDL of every subgraph.
func (c *console) load(ctx context.Context, cfg *config) ([]compose.Subgraph, error) {
	var out []compose.Subgraph
	for _, s := range cfg.subgraphs {
		sub := compose.Subgraph{Name: s.name, URL: s.routingURL, SDL: s.schema.sdl}
		var err error
		switch {
		case s.schema.file != "":
			sub.File = s.schema.file
			if !filepath.IsAbs(sub.File) {
				sub.File = filepath.Join(cfg.dir, sub.File)
			}
			sub.SDL, err = readFile(sub.File)
		case s.schema.url != "":
			if sub.URL == "" {
				sub.URL = s.schema.url
			}
			sub.SDL, err = c.introspect(ctx, s.schema.url, s.schema.headers)
		}
		if err != nil {
			return nil, usage("subgraph %q: %w", s.name, err)
		}
		out = append(out, sub)
	}
	return out, nil
}

func readFile(name string) (string, error) {
	text, err := os.ReadFile(name)
	return string(text), err
}

const introspection = `query SubgraphSDL { _service { sdl } }`

// introspect asks a running subgraph for its SDL.
func (c *console) introspect(ctx context.Context, target string, headers map[string]string) (string, error) {
	body, err := json.Marshal(map[string]string{"query": introspection})
	if err != nil {
		return "", fmt.Errorf("introspection query: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("introspect %s: %w", plain(target), cause(err))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("introspect %s: %w", plain(target), cause(err))
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxResponse))
	if err != nil {
		return "", fmt.Errorf("introspect %s: %w", plain(target), err)
	}
	return answer(plain(target), res.StatusCode, text)
}

// plain is a url without what may be secret in it.
func plain(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return "the subgraph"
	}
	u.RawQuery, u.User = "", nil
	return u.String()
}

// cause takes the url, which may hold secrets, out of an error of net/http.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// answer reads the SDL out of the response to an introspection.
func answer(target string, status int, text []byte) (string, error) {
	var r struct {
		Data struct {
			Service struct {
				SDL string `json:"sdl"`
			} `json:"_service"`
		} `json:"data"`
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	err := json.Unmarshal(text, &r)
	switch {
	case err == nil && len(r.Errors) > 0:
		return "", fmt.Errorf("introspect %s: the subgraph answers %q; it must resolve _service { sdl }", target, r.Errors[0].Message)
	case status != http.StatusOK:
		return "", fmt.Errorf("introspect %s: the subgraph answers with HTTP status %d", target, status)
	case err != nil:
		return "", fmt.Errorf("introspect %s: the answer is not GraphQL: %w", target, err)
	case r.Data.Service.SDL == "":
		return "", fmt.Errorf("introspect %s: the answer has no _service.sdl; the server does not implement the subgraph specification", target)
	}
	return r.Data.Service.SDL, nil
}
