package pebbledb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// FormatVersion is the version of everything kept in the folder. It rises when
// an older release would misread the data.
const FormatVersion = 1

// The version stands in a file beside the database, not in a key, so that it
// can be read before Pebble, which may have changed its own formats, is asked.
const (
	formatFile   = "STARLING"
	formatPrefix = "starling data format "
)

// checkFormat reads the version of the folder, or writes ours into a new one.
func checkFormat(fsys vfs.FS, dir string) error {
	name := fsys.PathJoin(dir, formatFile)
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return initFormat(fsys, dir)
	}
	if err != nil {
		return fmt.Errorf("pebbledb: read the format of %s: %w", dir, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, 128))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("pebbledb: read the format of %s: %w", dir, err)
	}
	version, err := parseFormat(string(text))
	if err != nil {
		return fmt.Errorf("%w: %s: %s", ErrForeign, name, err)
	}
	if version > FormatVersion {
		return fmt.Errorf("%w: %s has format %d, this program reads up to %d; use a newer starling",
			ErrNewer, dir, version, FormatVersion)
	}
	return nil
}

func parseFormat(text string) (int, error) {
	number, ok := strings.CutPrefix(strings.TrimSuffix(text, "\n"), formatPrefix)
	if !ok {
		return 0, fmt.Errorf("it does not begin with %q", formatPrefix)
	}
	version, err := strconv.Atoi(number)
	if err != nil || version < 1 {
		return 0, fmt.Errorf("%.20q is no format version", number)
	}
	return version, nil
}

// initFormat marks a folder as ours, unless somebody's database lives in it.
func initFormat(fsys vfs.FS, dir string) error {
	desc, err := pebble.Peek(dir, fsys)
	if err != nil {
		return fmt.Errorf("pebbledb: look into %s: %w", dir, err)
	}
	if desc.Exists {
		return fmt.Errorf("%w: %s holds a database without the file %s", ErrForeign, dir, formatFile)
	}
	return writeFormat(fsys, dir)
}

// writeFormat writes the version whole or not at all.
func writeFormat(fsys vfs.FS, dir string) error {
	name := fsys.PathJoin(dir, formatFile)
	temp := name + ".tmp"
	f, err := fsys.Create(temp, vfs.WriteCategoryUnspecified)
	if err != nil {
		return fmt.Errorf("pebbledb: write the format of %s: %w", dir, err)
	}
	_, err = f.Write([]byte(formatPrefix + strconv.Itoa(FormatVersion) + "\n"))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = fsys.Rename(temp, name)
	}
	if err == nil {
		err = syncDir(fsys, dir)
	}
	if err != nil {
		return fmt.Errorf("pebbledb: write the format of %s: %w", dir, err)
	}
	return nil
}

func syncDir(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
