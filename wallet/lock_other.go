//go:build !unix

package wallet

import (
	"errors"
	"os"
)

// tryLock refuses: without a lock that ends with its process, two wallets could use one sequence number twice.
func tryLock(string) (*os.File, error) {
	return nil, refusedBy(errors.ErrUnsupported, "use Linux, macOS or another Unix", "this system has no file locks that a wallet's home can rely on")
}
