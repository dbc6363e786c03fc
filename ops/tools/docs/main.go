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
	var b bytes.Buffer
	if err := app.Reference(&b); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
	if err := os.WriteFile("docs/config.md", b.Bytes(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}
