package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
)

// isLocked recognises a database that another process holds open, or this one a second time.
func isLocked(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) ||
		strings.Contains(err.Error(), "lock held by current process")
}

// pebbleLogger gives the database's log lines to slog. Its fatal errors end the process, as Pebble requires: it calls
// Fatalf when it cannot promise durability any more.
type pebbleLogger struct{ log *slog.Logger }

// Infof logs what the database does; it is chatty.
func (l pebbleLogger) Infof(format string, arguments ...any) {
	l.log.Debug("database: " + fmt.Sprintf(format, arguments...))
}

// Errorf logs what went wrong.
func (l pebbleLogger) Errorf(format string, arguments ...any) {
	l.log.Error("database: " + fmt.Sprintf(format, arguments...))
}

// Fatalf logs and ends the process. The database's errors bring their stacks along, which say nothing to operators.
func (l pebbleLogger) Fatalf(format string, arguments ...any) {
	cause, _, _ := strings.Cut(fmt.Sprintf(format, arguments...), "\n")
	l.log.Error("database: "+cause+"; the process ends so that nothing wrong is written",
		"remedy", "see that the disk has room and is sound, and start again; if that fails, restore a backup of the data folder, or sync again")
	os.Exit(1)
}

// background takes errors of the database's own work, which it tries again at once, for ever. If the disk is full or broken,
// that helps nobody: what was committed is in the logs, and is found there when the process starts again.
func (l pebbleLogger) background(err error) {
	for _, final := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, final) {
			l.Fatalf("%v", err)
		}
	}
	l.Errorf("background error: %v", err)
}
