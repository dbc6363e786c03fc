package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/queue"
)

type queueCmd struct {
	Depths queueDepthsCmd `cmd:"" help:"Say how much waits in each queue."`
	List   queueListCmd   `cmd:"" help:"List parked messages."`
	Show   queueShowCmd   `cmd:"" help:"Show one parked message whole."`
	Replay queueReplayCmd `cmd:"" help:"Send a parked message back to its queue."`
	Drop   queueDropCmd   `cmd:"" help:"Forget a parked message."`
}

// withQueues runs f on the queues of the configured system.
func (f configFlags) withQueues(ctx context.Context, s Streams, do func(app.Queues) error) error {
	cfg, err := f.load(s.Env)
	if err != nil {
		return err
	}
	queues, closeIt, err := app.OpenQueues(ctx, cfg)
	if err != nil {
		return oneLine(err)
	}
	return errors.Join(do(queues), closeIt())
}

type queueDepthsCmd struct {
	configFlags
}

// Run lists the queues in which something waits.
func (c *queueDepthsCmd) Run(ctx context.Context, s Streams) error {
	return c.withQueues(ctx, s, func(q app.Queues) error {
		depths, err := q.Depths(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "QUEUE\tWAITING\tRESTING")
		var waiting, resting int64
		for _, d := range depths {
			if d.Ready+d.Resting > 0 {
				fmt.Fprintf(w, "%s\t%d\t%d\n", d.Name, d.Ready, d.Resting)
			}
			waiting, resting = waiting+d.Ready, resting+d.Resting
		}
		fmt.Fprintf(w, "all\t%d\t%d\n", waiting, resting)
		return w.Flush()
	})
}

type queueListCmd struct {
	configFlags
}

const listPage = 500

// Run lists all parked messages.
func (c *queueListCmd) Run(ctx context.Context, s Streams) error {
	return c.withQueues(ctx, s, func(p app.Queues) error {
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tTYPE\tATTEMPTS\tPARKED\tREASON")
		for after := ""; ; {
			page, err := p.Parked(ctx, after, listPage)
			if err != nil {
				return err
			}
			for _, m := range page {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", m.ID, m.Type, m.Attempts, m.At.UTC().Format(time.RFC3339), m.Reason)
			}
			if len(page) < listPage {
				return w.Flush()
			}
			after = page[len(page)-1].ID
		}
	})
}

type queueShowCmd struct {
	configFlags
	ID string `arg:"" help:"The message's id."`
}

// Run shows one parked message.
func (c *queueShowCmd) Run(ctx context.Context, s Streams) error {
	return c.withQueues(ctx, s, func(p app.Queues) error {
		m, err := find(ctx, p, c.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "id        %s\ntype      %s\nfamily    %s\nkey       %s\nattempts  %d\nparked    %s\nreason    %s\n",
			m.ID, m.Type, m.Family, m.Key, m.Attempts, m.At.UTC().Format(time.RFC3339), m.Reason)
		for k, v := range m.Headers {
			fmt.Fprintf(s.Out, "header    %s: %s\n", k, v)
		}
		_, err = fmt.Fprintf(s.Out, "body      %s\n", m.Body)
		return err
	})
}

func find(ctx context.Context, p queue.Parking, id string) (queue.Parked, error) {
	for after := ""; ; {
		page, err := p.Parked(ctx, after, listPage)
		if err != nil {
			return queue.Parked{}, err
		}
		for _, m := range page {
			if m.ID == id {
				return m, nil
			}
		}
		if len(page) < listPage {
			return queue.Parked{}, notParked(id, queue.ErrNotFound)
		}
		after = page[len(page)-1].ID
	}
}

func notParked(id string, err error) error {
	if errors.Is(err, queue.ErrNotFound) {
		return fmt.Errorf("no message %s is parked; see starling queue list", id)
	}
	return err
}

type queueReplayCmd struct {
	configFlags
	ID string `arg:"" help:"The message's id."`
}

// Run sends a message back to its queue.
func (c *queueReplayCmd) Run(ctx context.Context, s Streams) error {
	return c.withQueues(ctx, s, func(p app.Queues) error {
		return notParked(c.ID, p.Replay(ctx, c.ID))
	})
}

type queueDropCmd struct {
	configFlags
	ID string `arg:"" help:"The message's id."`
}

// Run forgets a message.
func (c *queueDropCmd) Run(ctx context.Context, s Streams) error {
	return c.withQueues(ctx, s, func(p app.Queues) error {
		return notParked(c.ID, p.Drop(ctx, c.ID))
	})
}
