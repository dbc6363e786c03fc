// Command docs writes the reference documents that are generated from code:
//
//	go run ./ops/tools/docs
//
// CI runs it and fails on a difference.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/starlinghq/starling/internal/app"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func run() error {
	var config bytes.Buffer
	if err := app.Reference(&config); err != nil {
		return err
	}
	if err := os.WriteFile("docs/config.md", config.Bytes(), 0o644); err != nil {
		return err
	}
	router, err := routerReference("router")
	if err != nil {
		return err
	}
	return os.WriteFile("docs/router.md", []byte(router), 0o644)
}
