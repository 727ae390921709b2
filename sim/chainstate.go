package sim

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// at is a node that runs and has the latest height; w.block keeps them level but for those that are down.
func (w *World) at() *node {
	var best *node
	for _, n := range w.alive() {
		if best == nil || n.chain.Head().Height > best.chain.Head().Height {
			best = n
		}
	}
	return best
}

// stored reads a value of the chain's state at the head; the zero value where there is none, or no node runs.
func stored[T any](w *World, codec scale.Codec[T], key []byte) (value T, exists bool) {
	n := w.at()
	if n == nil {
		return value, false
	}
	encoded := n.get(key)
	if encoded == nil {
		return value, false
	}
	value, err := codec.Unmarshal(encoded)
	w.must(err)
	return value, true
}

// registered lists the keys of the workers that the chain knows.
func (w *World) registered() [][32]byte {
	n := w.at()
	if n == nil {
		return nil
	}
	found, err := n.chain.Best().Keys(wire.StorageWorkers(), nil, 64)
	w.must(err)
	var out [][32]byte
	for _, key := range found {
		out = append(out, [32]byte(key[len(key)-32:]))
	}
	return out
}

// contractKey is the key of an epoch, nil if none is known.
func (w *World) contractKey(epoch uint32) *wire.ContractKey {
	value, exists := stored(w, scale.Bytes(wire.PublicKeySize), wire.StorageContractKey(epoch))
	if !exists {
		return nil
	}
	return &wire.ContractKey{Epoch: epoch, Public: [wire.PublicKeySize]byte(value)}
}

func (w *World) epoch() uint32 {
	epoch, _ := stored(w, wire.EpochCodec, wire.StorageEpoch())
	return epoch.Index
}

// messages is how many messages the inbox has taken.
func (w *World) messages() uint64 {
	inbox, _ := stored(w, wire.InboxCodec, wire.StorageInbox())
	return inbox.Count
}

// answered is how many of them commits have answered.
func (w *World) answered() uint64 {
	last, _ := stored(w, wire.LastCommitCodec, wire.StorageLastCommit())
	return last.Inbox.Count
}

// committed is how many checkpoints are committed.
func (w *World) committed() uint64 {
	last, exists := stored(w, wire.LastCommitCodec, wire.StorageLastCommit())
	if !exists {
		return 0
	}
	return last.Checkpoint + 1
}

// sealingKey is the contract key of the current epoch, ready to be sealed to; nil if there is none.
func (w *World) sealingKey() *seal.PublicKey {
	epoch := w.epoch()
	if w.sealing != nil && w.sealing.Epoch() == epoch {
		return w.sealing
	}
	key := w.contractKey(epoch)
	if key == nil {
		return nil
	}
	public, err := seal.ParsePublicKey(w.instance, key)
	w.must(err)
	w.sealing = public
	return public
}
