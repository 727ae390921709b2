//go:build unix

package worker

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile holds name until the returned file is closed or the process ends.
func lockFile(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("worker: open the data folder's lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("%w (%s: %w)", ErrLocked, name, err)
	}
	return file, nil
}
