package app

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/schema/compose"
	"github.com/starlinghq/starling/subgraphs"
)

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
