// Command chaos runs the fault matrix on the real binary: it plants faults while
// a history is imported, and compares afterwards what everybody sees with what
// was sent. Nothing may be lost, doubled or foreign.
//
//	go run ./ops/chaos matrix -seed 7               every fault on Cassandra, RabbitMQ and Redis
//	go run ./ops/chaos matrix -only same-key,clocks some of them
//	go run ./ops/chaos embedded -seed 7             kills of the one process on embedded engines
//	go run ./ops/chaos list                         what there is
//
// It starts its own servers and processes, prints the seed, what it did and
// what it saw, and exits 1 when anything was wrong. A run is the record for
// docs/faults.md. Run it from the project's folder.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

type options struct {
	starling string
	people   int
	seed     uint64

	graph, tweets string // embedded
	kills         int

	dir    string // matrix
	port   int
	only   string
	rounds int
}

func main() {
	var o options
	flags := flag.NewFlagSet("chaos", flag.ExitOnError)
	flags.StringVar(&o.starling, "starling", "bin/starling", "the binary")
	flags.IntVar(&o.people, "people", 0, "people of a generated history (default: 120, embedded 300)")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the moments")
	flags.StringVar(&o.graph, "graph", "", "embedded: friendships to load; with -tweets (default: ../shared/data if it is there, else generated)")
	flags.StringVar(&o.tweets, "tweets", "", "embedded: tweets to load")
	flags.IntVar(&o.kills, "kills", 10, "embedded: how often the process is killed")
	flags.StringVar(&o.dir, "dir", ".stack/faults", "matrix: data and logs of servers and processes")
	flags.IntVar(&o.port, "port", 23000, "matrix: first port")
	flags.StringVar(&o.only, "only", "", "matrix: names of the faults to run, separated by commas (default: all)")
	flags.IntVar(&o.rounds, "rounds", 20, "matrix: rounds of killing two at a time")
	what := ""
	if len(os.Args) > 1 {
		what = os.Args[1]
		_ = flags.Parse(os.Args[2:]) // it exits on errors
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch what {
	case "matrix":
		err = matrix(ctx, o)
	case "embedded":
		err = embedded(ctx, o)
	case "list":
		for _, s := range scenarios() {
			fmt.Printf("%-16s %s\n", s.name, strings.Join(strings.Fields(s.about), " "))
		}
	default:
		err = fmt.Errorf("say matrix, embedded or list")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}
