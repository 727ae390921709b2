package wallet

import (
	"context"
	"os"
	"time"
)

// lockPause is how often a lock that another process holds is tried again.
const lockPause = 20 * time.Millisecond

// lockFile waits for name and holds it until the file is closed or the process ends.
func lockFile(ctx context.Context, name string) (*os.File, error) {
	for {
		file, err := tryLock(name)
		if err != nil || file != nil {
			return file, err
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return nil, refusedBy(ctx.Err(), "wait for it to end, or stop it", "another wallet command of this account is running")
		}
	}
}
