package node

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// ErrConsensusData is why a node does not start whose CometBFT has lost something.
var ErrConsensusData = errors.New("node: CometBFT cannot go on from what is in its data folder; restore a backup of the data folder, or, where other nodes have the chain, remove its chain and cometbft/data but for validator_signed and sync again")

// signsOfDamage are in CometBFT's errors about its databases, and when these do not fit the chain's.
var signsOfDamage = []string{"failed to initialize database", "error on replay", "leveldb"}

// startSoundly starts CometBFT and names a remedy if it finds its data damaged: its errors name none, and it panics about some.
func startSoundly(start func() (*comet, error)) (c *comet, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w (%v)", ErrConsensusData, cause)
		}
	}()
	c, err = start()
	if err == nil || errors.Is(err, syscall.ENOSPC) {
		return c, err
	}
	for _, sign := range signsOfDamage {
		if strings.Contains(err.Error(), sign) {
			return c, fmt.Errorf("%w (%w)", ErrConsensusData, err)
		}
	}
	return c, err
}
