//go:build !linux

package node

import "os"

// dataSync opens a file so that a write returns when it is on the disk.
const dataSync = os.O_SYNC
