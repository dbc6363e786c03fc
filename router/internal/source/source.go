package source

import (
	"context"
	"fmt"
	"os"
)

// File reads a supergraph from a file.
type File string

// Supergraph reads the file.
func (f File) Supergraph(context.Context) (string, error) {
	text, err := os.ReadFile(string(f))
	if err != nil {
		return "", fmt.Errorf("source: %w", err)
	}
	return string(text), nil
}

// Static is the text of a supergraph.
type Static string

// Supergraph returns the text.
func (s Static) Supergraph(context.Context) (string, error) { return string(s), nil }
