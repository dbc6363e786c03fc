package main

import (
	"context"
	"errors"
	"io"
)

func runPlanners(context.Context, string, []string, io.Writer) error { return errors.New("planners") }
func runBench(context.Context, string, []string, io.Writer) error    { return errors.New("bench") }
