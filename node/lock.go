package node

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrDataDirInUse refuses a data folder that another node uses.
var ErrDataDirInUse = errors.New("node: the data folder is in use by another node; stop that one, or choose another folder with --data")

// lockDataDir makes the folder if needed and takes its lock, which ends with the process at the latest.
func lockDataDir(dataDir string) (io.Closer, error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, err
	}
	lock, err := vfs.Default.Lock(filepath.Join(dataDir, "LOCK"))
	if err != nil {
		return nil, fmt.Errorf("%w: %s (%w)", ErrDataDirInUse, dataDir, err)
	}
	return lock, nil
}
