package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/starlinghq/starling/schema/compose"
)

// composeCommand is `starling schema compose`.
type composeCommand struct {
	Config string `required:"" short:"c" placeholder:"FILE" help:"Supergraph configuration in rover's YAML format; - reads it from stdin."`
	Format string `enum:"text,json" default:"text" help:"text prints the supergraph, and problems to stderr; json prints one object with all of it to stdout."`
	Output string `short:"o" placeholder:"FILE" help:"Write the supergraph to this file instead of stdout (with json: as well)."`
}

// report is the outcome as JSON.
type report struct {
	OK         bool                 `json:"ok"`
	Supergraph string               `json:"supergraph"`
	Errors     []compose.Diagnostic `json:"errors"`
	Hints      []compose.Diagnostic `json:"hints"`
}

// Run composes the subgraphs of the configuration.
func (cmd *composeCommand) Run(ctx context.Context, c *console) error {
	cfg, err := c.readConfig(cmd.Config)
	if err != nil {
		return err
	}
	subgraphs, err := c.load(ctx, cfg)
	if err != nil {
		return err
	}
	var opts []compose.Option
	if cfg.version != "" {
		opts = append(opts, compose.FederationVersion(cfg.version))
	}
	res, err := compose.Compose(ctx, subgraphs, opts...)
	if err != nil {
		return usage("%w", err)
	}
	sdl := ""
	if res.Supergraph != nil {
		sdl = res.Supergraph.SDL()
	}
	if err := cmd.print(c, sdl, res, subgraphs); err != nil {
		return err
	}
	if res.Supergraph == nil {
		return errRefused
	}
	return nil
}

func (cmd *composeCommand) print(c *console, sdl string, res *compose.Result, subgraphs []compose.Subgraph) error {
	if cmd.Output != "" && res.Supergraph != nil {
		if err := replaceFile(cmd.Output, sdl); err != nil {
			return err
		}
	}
	if cmd.Format == "json" {
		encoder := json.NewEncoder(c.stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(report{OK: res.Supergraph != nil, Supergraph: sdl, Errors: res.Errors, Hints: res.Hints}); err != nil {
			return usage("write the report: %w", err)
		}
		return nil
	}
	if cmd.Output == "" {
		if _, err := fmt.Fprint(c.stdout, sdl); err != nil {
			return usage("write the supergraph: %w", err)
		}
	}
	p := newPrinter(c.stderr, subgraphs)
	p.list("error", res.Errors)
	p.list("hint", res.Hints)
	return nil
}
