package main

import (
	"io"
	"log/slog"

	"github.com/spf13/pflag"
)

// logFlags choose what is logged and how.
type logFlags struct {
	level slog.Level
	json  bool
}

func (l *logFlags) register(flags *pflag.FlagSet) {
	l.level = slog.LevelWarn
	flags.TextVar(&l.level, "log-level", slog.LevelWarn, "log from this level on: DEBUG, INFO, WARN or ERROR")
	flags.BoolVar(&l.json, "log-json", false, "log as JSON lines")
}

func (l *logFlags) logger(out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.level}
	if l.json {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
