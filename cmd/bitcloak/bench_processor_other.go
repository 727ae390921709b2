//go:build !unix

package main

import "time"

var processStarted = time.Now()

// processorTime is the time that has passed where the system does not say how much of it was spent on this process.
func processorTime() time.Duration { return time.Since(processStarted) }
