package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/starlinghq/starling/internal/app"
)

type migrateCmd struct {
	configFlags
}

// Run creates the tables of the distributed engines, or changes those of an
// older release.
func (c *migrateCmd) Run(ctx context.Context, s Streams) error {
	cfg, err := c.load(s.Env)
	if err != nil {
		return err
	}
	if err := app.Migrate(ctx, cfg, slog.New(slog.NewTextHandler(s.Err, nil))); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.Out, "The tables are as this release needs them.")
	return err
}
