// Command bench prints the table of figures of the README: it starts the real
// binary on an empty folder, loads a history into it, drives it, and measures
// from outside. Rates come from a closed loop, latencies from an open loop at
// half that rate, so that a slow answer cannot hide the requests behind it.
//
//	go run ./ops/bench -starling bin/starling
//	go run ./ops/bench stack -starling bin/starling     many processes on real engines
//	go run ./ops/bench router -starling bin/starling    the router beside other gateways
//
// Two cores run everything, the load included; trust the ratios more than the
// figures. Nothing here decides a test.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

type options struct {
	starling string
	graph    string
	tweets   string
	people   int
	seconds  int
}

// commands are what bench does besides its table; the last two are for the
// processes that router starts.
var commands = map[string]func(ctx context.Context, args []string) error{
	"stack": runStack, "router": runRouter, "standin": runStandin, "profiled": runProfiled,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run, args := runProduct, os.Args[1:]
	if len(args) > 0 && commands[args[0]] != nil {
		run, args = commands[args[0]], args[1:]
	}
	if err := run(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// runProduct measures the whole product.
func runProduct(ctx context.Context, args []string) error {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.StringVar(&o.starling, "starling", "bin/starling", "the binary")
	fs.StringVar(&o.graph, "graph", "", "friendships to load; with -tweets (default: ../shared/data if it is there, else generated)")
	fs.StringVar(&o.tweets, "tweets", "", "tweets to load")
	fs.IntVar(&o.people, "people", 500, "people to generate where there are no files")
	fs.IntVar(&o.seconds, "seconds", 10, "length of each measurement")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if o.graph == "" {
		if _, err := os.Stat("../shared/data/reed98.edges"); err == nil {
			o.graph, o.tweets = "../shared/data/reed98.edges", "../shared/data/tweets.txt"
		}
	}
	return run(ctx, o)
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "starling-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := startServer(ctx, o.starling, filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	defer s.stop()

	t := &table{}
	add := t.add
	took, history, err := load(ctx, s.url, o)
	if err != nil {
		return err
	}
	add(figure{"import of everything", took.Round(100 * time.Millisecond).String(), "under 60 s", "starling import" + history})
	memory, err := s.memory()
	if err != nil {
		return err
	}
	add(figure{"memory after the import", fmt.Sprintf("%d MB", memory>>20), "under 250 MB", "VmRSS of the process"})

	people, err := signIn(ctx, s.url, o)
	if err != nil {
		return err
	}
	length := time.Duration(o.seconds) * time.Second
	rate, err := closedLoop(ctx, s.url, people, length, homeScreen)
	if err != nil {
		return err
	}
	add(figure{"home screen", fmt.Sprintf("%.0f/s", rate), "400/s", "closed loop, 16 clients, warm"})
	at := min(200, rate/2)
	l, err := openLoop(ctx, s.url, people, at, length, homeScreen)
	if err != nil {
		return err
	}
	add(figure{"home screen p99", l.String(), "50 ms", fmt.Sprintf("open loop at %.0f/s, warm", at)})
	l, err = openLoop(ctx, s.url, people, 100, length, postTweet)
	if err != nil {
		return err
	}
	add(figure{"post answered p99", l.String(), "20 ms", "open loop at 100/s"})
	l, err = visible(ctx, s.url, people, 100, length)
	if err != nil {
		return err
	}
	add(figure{"post to visible in a follower's feed p99", l.String(), "100 ms", "open loop of 100 posts/s, every tenth looked for in a follower's feed"})

	if err := s.stop(); err != nil {
		return err
	}
	start, err := startTime(ctx, o.starling, filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	add(figure{"start to first answer", start.Round(time.Millisecond).String(), "under 1 s", "median of 5 starts on the loaded folder"})

	return t.print(os.Stdout)
}
