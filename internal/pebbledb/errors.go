package pebbledb

import "errors"

var (
	// ErrLocked says that another process, or another DB of this one, has the
	// folder open.
	ErrLocked = errors.New("pebbledb: the data folder is in use")
	// ErrNewer says that the folder was written by a newer release.
	ErrNewer = errors.New("pebbledb: the data is newer than this program")
	// ErrForeign says that the folder holds a database of another program.
	ErrForeign = errors.New("pebbledb: not a data folder of this program")
	// ErrNoRoom says that the disk is nearly full. Nothing was written.
	ErrNoRoom = errors.New("pebbledb: the disk is nearly full")
	// ErrFailed says that the log could not be written. The process must be
	// started anew; what was synced is safe.
	ErrFailed = errors.New("pebbledb: the database has failed")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("pebbledb: the database is closed")
)
