package node

import "syscall"

// dataSync opens a file so that a write returns when its data are on the disk; times of the file need not be.
const dataSync = syscall.O_DSYNC
