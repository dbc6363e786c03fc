package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/starlinghq/starling/internal/importer"
)

type importCmd struct {
	URL         string `name:"url" default:"http://127.0.0.1:4000" help:"Base URL of the router."`
	Graph       string `placeholder:"FILE" help:"Friendships, one edge of two node numbers a line. Without files a history is generated."`
	Tweets      string `placeholder:"FILE" help:"Tweets, one a line."`
	People      int    `default:"200" help:"Accounts of a generated history."`
	Seed        uint64 `default:"1" help:"Seed of a generated history: the same seed gives the same history."`
	Concurrency int    `default:"0" help:"Requests in flight; 0 chooses."`
	Verify      bool   `help:"Load nothing: compare what everybody sees with what the inputs say."`
}

// Run loads or verifies.
func (c *importCmd) Run(ctx context.Context, s Streams) error {
	o := importer.Options{
		URL: c.URL, GraphFile: c.Graph, TweetsFile: c.Tweets, People: c.People, Seed: c.Seed,
		Concurrency: c.Concurrency, Progress: s.Err,
	}
	if c.Verify {
		report, err := importer.Verify(ctx, o)
		var different *importer.DifferentError
		if err == nil || errors.As(err, &different) {
			fmt.Fprintln(s.Out, report)
		}
		return err
	}
	summary, err := importer.Load(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Out, summary)
	return nil
}
