package pebbledb

import (
	"fmt"
	"log/slog"
)

// pebbleLog carries Pebble's messages to ours. Pebble reports routine work as
// information; to the operator of Starling it is detail.
type pebbleLog struct {
	log  *slog.Logger
	fail func(error) error
}

func (l pebbleLog) Infof(format string, args ...any) {
	l.log.Debug("pebble", slog.Any("detail", lazy{format, args}))
}

func (l pebbleLog) Errorf(format string, args ...any) {
	l.log.Error("pebble", slog.Any("detail", lazy{format, args}))
}

// Fatalf is where Pebble would end the process. It must not return: the caller
// holds locks and has nothing sane to go on with. In a commit the panic is
// caught and becomes ErrFailed; in one of Pebble's own goroutines it ends the
// process, which loses nothing that was answered.
func (l pebbleLog) Fatalf(format string, args ...any) {
	panic(l.fail(fmt.Errorf(format, args...)))
}

// lazy is formatted only if its line is written.
type lazy struct {
	format string
	args   []any
}

// LogValue implements [slog.LogValuer].
func (l lazy) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf(l.format, l.args...)) }
