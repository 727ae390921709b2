//go:build !plantedfault

package worker

import "github.com/bitcloak/bitcloak/wire"

// plantFault does nothing but in a build that tests of replicas make.
func plantFault(*wire.Commit) {}
