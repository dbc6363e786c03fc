package cli

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/app"
)

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Say whether the configuration is valid."`
	Print configPrintCmd `cmd:"" help:"Print every setting with its value."`
}

type configCheckCmd struct {
	configFlags
}

// Run checks the configuration.
func (c *configCheckCmd) Run(_ context.Context, s Streams) error {
	cfg, err := c.load(s.Env)
	if err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.Out, "The configuration is valid.")
	return err
}

type configPrintCmd struct {
	configFlags
}

// Run prints the configuration as a file that could be read again.
func (c *configPrintCmd) Run(_ context.Context, s Streams) error {
	cfg, err := c.load(s.Env)
	if err != nil {
		return err
	}
	return app.Print(s.Out, cfg)
}
