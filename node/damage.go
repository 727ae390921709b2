package node

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"

	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/p2p"
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
	if err == nil {
		return c, nil
	}
	if diskFailed(err) {
		return c, fmt.Errorf("%w (%w)", ErrDisk, err)
	}
	for _, sign := range signsOfDamage {
		if strings.Contains(err.Error(), sign) {
			return c, fmt.Errorf("%w (%w)", ErrConsensusData, err)
		}
	}
	return c, err
}

// ErrDisk is why a node halts whose disk takes nothing more.
var ErrDisk = errors.New("node: the disk is full or broken; make room, see that it is sound, and start again: nothing is lost that was final")

// diskWatch notices that CometBFT could not write. It goes on then and can never write its log of consensus again.
type diskWatch struct {
	once   sync.Once
	failed chan struct{}
	cause  error
}

func newDiskWatch() *diskWatch { return &diskWatch{failed: make(chan struct{})} }

// watch is told of CometBFT's errors.
func (d *diskWatch) watch(_ string, pairs []any) {
	for _, value := range pairs {
		if err, is := value.(error); is && diskFailed(err) {
			d.once.Do(func() {
				d.cause = err
				close(d.failed)
			})
		}
	}
}

// explain gives why the node halted, if it was the disk.
func (d *diskWatch) explain(err error) error {
	select {
	case <-d.failed:
		return fmt.Errorf("%w (%w)", ErrDisk, d.cause)
	default:
		return err
	}
}

// diskFailed tells whether a write failed for a reason that stays.
func diskFailed(err error) bool {
	for _, final := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

// Errors of keys that do not fit themselves.
var (
	errKeyHalves = errors.New("its secret and its public half do not belong together")
	// ErrNodeKey is about the key of the node in CometBFT's network.
	ErrNodeKey = errors.New("node: the node's key file is damaged; restore it from its copy, or remove it: a new one is made, and others must then name the node by its new id")
)

// checkKey sees that a key's signatures verify: with a damaged one a validator would sign for ever and never be counted.
func checkKey(key crypto.PrivKey) error {
	message := []byte("bitcloak/key-check")
	signature, err := key.Sign(message)
	if err != nil {
		return err
	}
	if !key.PubKey().VerifySignature(message, signature) {
		return errKeyHalves
	}
	return nil
}

// checkKeys sees that the validator's key and the node's are whole.
func checkKeys(validator *signer, identity *p2p.NodeKey) error {
	if err := checkKey(validator.validator.Key.PrivKey); err != nil {
		return fmt.Errorf("%w (%s: %w)", ErrValidatorKey, validatorKeyFile, err)
	}
	if err := checkKey(identity.PrivKey); err != nil {
		return fmt.Errorf("%w (%s: %w)", ErrNodeKey, nodeKeyFile, err)
	}
	return nil
}
