package worker

import (
	"errors"

	"github.com/bitcloak/bitcloak/light"
)

// Errors that Start returns or that stop a worker.
var (
	// ErrDiscrepancy: the chain has committed what this worker did not compute.
	ErrDiscrepancy = errors.New("worker: the chain's committed state root is not the one computed here; stop all workers of this contract and compare their builds and logs before going on")
	// ErrKeyFile: the sealed keys cannot be used.
	ErrKeyFile = errors.New("worker: the sealed key file is damaged, or of another machine, network or contract; restore it from this machine's backup (a new one makes a new worker)")
	// ErrForeignKeys: the chain lists another contract key than this worker's seed gives.
	ErrForeignKeys = errors.New("worker: the chain's contract key is not of this worker's seed; start it with the data folder of the worker that announced the key")
	// ErrUnrecoverable: neither a snapshot nor the seeds to replay without one.
	ErrUnrecoverable = errors.New("worker: no snapshot can be used, and the keys to replay from the first checkpoint were erased with their epoch; restore the data folder's snapshots, or name live workers to recover from (--replica)")
	// ErrProvision: a seed from outside, on a network whose workers are to be in trusted hardware.
	ErrProvision = errors.New("worker: the network does not accept simulated attestation, so no seed is brought in or handed over: only a development network allows that until handovers are attested by hardware")
	// ErrRetired: this worker can never vote again under its key.
	ErrRetired = errors.New("worker: the chain has retired this worker's key: another worker took its machine's place, or governance removed it. Once the cause is known, and governance allows the machine, start it again: it draws a new key and keeps its state")
	// ErrNoStore: the node keeps no published snapshots.
	ErrNoStore = errors.New("worker: the node keeps no published snapshots; recover through another node")
	// ErrLocked: two workers in one data folder.
	ErrLocked = errors.New("worker: another process uses this data folder; stop it, or choose another folder")
	// ErrConfig: the configuration is incomplete or contradicts itself.
	ErrConfig = errors.New("worker: the configuration cannot be used")
	// ErrChainState: the chain's storage has a format unknown to this build.
	ErrChainState = errors.New("worker: the chain's storage has an unknown format; update the worker")
)

// What can be wrong with a snapshot; it is reported, and the state is rebuilt.
var (
	// ErrSnapshotDamaged: truncated or altered.
	ErrSnapshotDamaged = errors.New("worker: the snapshot is damaged")
	// ErrSnapshotForeign: of another network, contract or machine.
	ErrSnapshotForeign = errors.New("worker: the snapshot is of another network, contract or machine")
	// ErrSnapshotState: its contents do not make the state that it claims.
	ErrSnapshotState = errors.New("worker: the snapshot's contents do not make the state that it claims")
	// ErrSnapshotBehind: older than what the chain has committed.
	ErrSnapshotBehind = errors.New("worker: the snapshot is older than the chain's last commit: it was rolled back, or the worker was away")
)

// fatalError stops the worker: going on could only repeat it, or do harm.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

func fatal(err error) error { return fatalError{err} }

func isFatal(err error) bool {
	var f fatalError
	return errors.As(err, &f) || errors.Is(err, light.ErrTrustExpired)
}
