//go:build !unix

package worker

import (
	"fmt"
	"os"
)

// lockFile makes name and refuses if it exists: without flock, a crash leaves it
// and the operator removes it.
func lockFile(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w (remove %s if no other runs: %w)", ErrLocked, name, err)
	}
	return file, nil
}
