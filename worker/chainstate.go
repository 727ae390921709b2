package worker

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// chainState is what the worker needs to know of a finalised block's state; all
// of it is proven.
type chainState struct {
	head       light.Head
	last       scale.Optional[wire.LastCommit]
	epoch      uint32
	registered bool
	retired    bool                          // this worker's key: it never registers again
	halted     bool                          // a discrepancy has stopped commits
	snapshot   scale.Optional[wire.Snapshot] // the last one announced
	keys       [2][]byte                     // contract keys of the epoch and of the next; nil if missing
}

// admission is what the chain says about a worker's attestation.
type admission struct {
	development bool // simulated evidence is accepted
	measurement bool // is allowed
	platform    bool // is allowed
}

// readState proves the chain's state at a head.
func (w *Worker) readState(ctx context.Context, head light.Head) (*chainState, error) {
	epoch := w.chainEpoch()
	for {
		values, err := w.chain.Read(ctx, head, wire.StorageLastCommit(), wire.StorageEpoch(), wire.StorageWorker(w.public),
			wire.StorageDiscrepancy(), wire.StorageSnapshot(), storageRetired(w.public), wire.StorageContractKey(epoch), wire.StorageContractKey(epoch+1))
		if err != nil {
			return nil, err
		}
		s := &chainState{head: head, registered: values[2] != nil, halted: values[3] != nil, retired: values[5] != nil}
		if s.last, err = decodeOptional("LastCommit", wire.LastCommitCodec, values[0]); err != nil {
			return nil, err
		}
		chainEpoch, err := decodeOptional("Epoch", wire.EpochCodec, values[1])
		if err != nil {
			return nil, err
		}
		if s.epoch = chainEpoch.Value.Index; s.epoch != epoch {
			epoch = s.epoch // a new epoch has begun: ask for its keys
			continue
		}
		if s.snapshot, err = decodeOptional("Snapshot", wire.SnapshotCodec, values[4]); err != nil {
			return nil, err
		}
		for i, value := range values[6:] {
			key, err := decodeOptional("ContractKeys", scale.Bytes(wire.PublicKeySize), value)
			if err != nil {
				return nil, err
			}
			s.keys[i] = key.Value
		}
		return s, nil
	}
}

// readWorker proves a worker's record at a head.
func (w *Worker) readWorker(ctx context.Context, head light.Head, worker [32]byte) (record scale.Optional[wire.Worker], err error) {
	values, err := w.chain.Read(ctx, head, wire.StorageWorker(worker))
	if err != nil {
		return record, err
	}
	return decodeOptional("Workers", wire.WorkerCodec, values[0])
}

// decodeOptional decodes a value of the Confidential pallet that may be absent.
func decodeOptional[T any](item string, codec scale.Codec[T], value []byte) (o scale.Optional[T], err error) {
	if value == nil {
		return o, nil
	}
	decoded, err := codec.Unmarshal(value)
	if err != nil {
		return o, fmt.Errorf("%w (Confidential.%s: %w)", ErrChainState, item, err)
	}
	return scale.Some(decoded), nil
}

// readAdmission proves whether the chain accepts a measurement and a platform,
// and simulated evidence at all.
func (w *Worker) readAdmission(ctx context.Context, head light.Head, measurement, platform [32]byte) (a admission, err error) {
	values, err := w.chain.Read(ctx, head, confidentialItem("SimulatedVendor"),
		append(confidentialItem("AllowedMeasurements"), measurement[:]...),
		append(confidentialItem("AllowedPlatforms"), platform[:]...))
	if err != nil {
		return a, err
	}
	allowed := func(value []byte) bool { return len(value) == 1 && value[0] == 1 }
	return admission{development: values[0] != nil, measurement: allowed(values[1]), platform: allowed(values[2])}, nil
}

// storageRetired is Confidential.Retired of a worker's key, which is there for one that
// never registers again.
func storageRetired(worker [32]byte) []byte {
	return hashing.AppendBlake2_128Concat(confidentialItem("Retired"), worker[:])
}

// isRetired proves whether a worker's key is retired.
func (w *Worker) isRetired(ctx context.Context, head light.Head, worker [32]byte) (bool, error) {
	values, err := w.chain.Read(ctx, head, storageRetired(worker))
	return err == nil && values[0] != nil, err
}

func confidentialItem(name string) []byte {
	key := hashing.StoragePrefix("Confidential", name)
	return key[:]
}

// accountNonce proves the operator's next nonce.
func (w *Worker) accountNonce(ctx context.Context, head light.Head, account wire.AccountID) (uint32, error) {
	values, err := w.chain.Read(ctx, head, wire.StorageAccount(account))
	if err != nil || values[0] == nil {
		return 0, err
	}
	d := scale.NewDecoder(values[0]) // AccountInfo starts with the nonce
	nonce := d.U32()
	return nonce, d.Err()
}
