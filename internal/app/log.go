package app

import (
	"io"
	"log/slog"
)

func (c LogConfig) level() (slog.Level, error) {
	var l slog.Level
	err := l.UnmarshalText([]byte(c.Level))
	return l, err
}

// handler returns the log handler of the configuration.
func (c LogConfig) handler(w io.Writer) (slog.Handler, error) {
	level, err := c.level()
	if err != nil {
		return nil, err
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.NewJSONHandler(w, o), nil
	}
	return slog.NewTextHandler(w, o), nil
}
