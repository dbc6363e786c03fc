package cli

import (
	"os"
	"path/filepath"
)

// replaceFile writes a file as a whole: into a neighbour first, then renamed.
func replaceFile(name, text string) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return usage("write %s: %w", name, err)
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return usage("write %s: %w", name, err)
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return usage("write %s: %w", name, err)
	}
	if err := f.Close(); err != nil {
		return usage("write %s: %w", name, err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return usage("write %s: %w", name, err)
	}
	return nil
}
