package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/starlinghq/starling/schema/supergraph"
)

// apiCommand is `starling schema api`.
type apiCommand struct {
	Supergraph string `arg:"" placeholder:"FILE" help:"Supergraph SDL; - reads it from stdin."`
	Output     string `short:"o" placeholder:"FILE" help:"Write the schema to this file instead of stdout."`
}

// Run prints the API schema.
func (cmd *apiCommand) Run(c *console) error {
	text, err := c.readInput(cmd.Supergraph)
	if err != nil {
		return err
	}
	s, err := supergraph.Parse(cmd.Supergraph, text)
	if err != nil {
		return usage("read the supergraph: %w", err)
	}
	sdl := s.API().SDL()
	if cmd.Output != "" {
		return replaceFile(cmd.Output, sdl)
	}
	if _, err := fmt.Fprint(c.stdout, sdl); err != nil {
		return usage("write the schema: %w", err)
	}
	return nil
}

// readInput reads a file, or stdin for "-".
func (c *console) readInput(name string) (string, error) {
	if name == "-" {
		text, err := io.ReadAll(c.stdin)
		if err != nil {
			return "", usage("read stdin: %w", err)
		}
		return string(text), nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", usage("%w", err)
	}
	return string(text), nil
}
