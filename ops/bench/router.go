package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/starlinghq/starling/internal/cli"
	"github.com/starlinghq/starling/ops/bench/gateway"
	"github.com/starlinghq/starling/ops/bench/standin"
)

// runRouter measures the router beside other gateways:
//
//	go run ./ops/bench router -starling bin/starling
func runRouter(ctx context.Context, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cfg := gateway.Config{Subgraphs: []string{self, "standin"}, Log: os.Stderr}
	fs := flag.NewFlagSet("router", flag.ContinueOnError)
	starling := fs.String("starling", "bin/starling", "the binary")
	fs.StringVar(&cfg.Cache, "cache", "", "where peers are installed (default: the user's cache folder)")
	profile := fs.String("profile", "", "write a CPU profile of ours under load to this file")
	fs.StringVar(&cfg.Against, "against", "", "a second binary of ours, to compare with")
	fs.BoolVar(&cfg.Alone, "alone", false, "leave the peers out")
	fs.IntVar(&cfg.Clients, "clients", 16, "clients that ask at once")
	fs.IntVar(&cfg.Rounds, "rounds", 15, "rounds of each gateway")
	fs.IntVar(&cfg.Starts, "starts", 3, "starts of each gateway")
	fs.DurationVar(&cfg.Length, "length", 1500*time.Millisecond, "length of a round")
	if err := fs.Parse(args); err != nil {
		return err
	}
	cfg.Ours = []string{*starling}
	if *profile != "" {
		cfg.Ours = []string{self, "profiled", *profile}
	}
	if cfg.Cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		cfg.Cache = filepath.Join(user, "starling", "gateways")
	}
	return gateway.Run(ctx, cfg, os.Stdout)
}

// runStandin serves the subgraphs of runRouter.
func runStandin(ctx context.Context, _ []string) error {
	return standin.Serve(ctx, os.Stdin, os.Stdout)
}

// runProfiled is the binary under a CPU profile: profiled FILE ARGS.
func runProfiled(ctx context.Context, args []string) (err error) {
	if len(args) == 0 {
		return errors.New("profiled: which file?")
	}
	f, err := os.Create(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	if code := cli.Run(ctx, args[1:], cli.Streams{Out: os.Stdout, Err: os.Stderr, Env: os.Environ()}); code != 0 {
		return fmt.Errorf("exit code %d", code)
	}
	return nil
}
