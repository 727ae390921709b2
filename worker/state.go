package worker

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// stateHead is what a snapshot holds before the contract's own: the seed from which
// the epochs' keys follow, and the commits that the chain had not accepted yet,
// which nobody could make again from here.
type stateHead struct {
	SeedEpoch uint32
	Seed      [32]byte
	Pending   []signedCommit
}

var stateHeadCodec = scale.Struct("bitcloak_worker::StateHead", "",
	scale.Field("seed_epoch", scale.U32, func(s *stateHead) *uint32 { return &s.SeedEpoch }),
	scale.Field("seed", scale.Bytes32, func(s *stateHead) *[32]byte { return &s.Seed }),
	scale.Field("pending", signedCommitsCodec, func(s *stateHead) *[]signedCommit { return &s.Pending }))

// state is a contract with the keys it needs and the commits still to be accepted.
type state struct {
	contract *contract.Contract
	keyring  *seal.Keyring
	pending  []signedCommit
}

// encodeState writes the plaintext of a snapshot: the head's length, the head, and
// the contract. capacity is a guess of its size.
func encodeState(s *state, capacity int) ([]byte, error) {
	var head stateHead
	var seed seal.Seed
	head.SeedEpoch, seed = s.keyring.Seed()
	head.Seed, head.Pending = seed, s.pending
	encoded := stateHeadCodec.Marshal(head)
	clear(head.Seed[:])
	seed.Wipe()
	defer clear(encoded)
	out := bytes.NewBuffer(make([]byte, 0, capacity))
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(encoded))))
	out.Write(encoded)
	if err := s.contract.Snapshot(out); err != nil {
		clear(out.Bytes())
		return nil, err
	}
	return out.Bytes(), nil
}

// decodeState restores what encodeState wrote.
func (w *Worker) decodeState(plaintext []byte) (*state, error) {
	if len(plaintext) < 4 {
		return nil, fmt.Errorf("%w (too short)", ErrSnapshotDamaged)
	}
	length := uint64(binary.LittleEndian.Uint32(plaintext))
	if length > uint64(len(plaintext)-4) {
		return nil, fmt.Errorf("%w (its head exceeds it)", ErrSnapshotDamaged)
	}
	head, err := stateHeadCodec.Unmarshal(plaintext[4 : 4+length])
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotDamaged, err)
	}
	keyring, err := seal.NewKeyring(w.config.Instance, head.SeedEpoch, head.Seed)
	clear(head.Seed[:])
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotState, err)
	}
	restored, err := contract.Restore(w.contractConfig(keyring), bytes.NewReader(plaintext[4+length:]))
	if err != nil {
		keyring.Wipe()
		return nil, fmt.Errorf("%w (%w)", ErrSnapshotState, err)
	}
	return &state{contract: restored, keyring: keyring, pending: head.Pending}, nil
}

// newState is the contract before its first checkpoint, with the keys of a seed.
func (w *Worker) newState(epoch uint32, seed seal.Seed) (*state, error) {
	keyring, err := seal.NewKeyring(w.config.Instance, epoch, seed)
	if err != nil {
		return nil, fmt.Errorf("worker: derive the contract's keys: %w", err)
	}
	c, err := contract.New(w.contractConfig(keyring))
	if err != nil {
		return nil, err
	}
	return &state{contract: c, keyring: keyring}, nil
}

func (w *Worker) contractConfig(keyring *seal.Keyring) contract.Config {
	return contract.Config{Instance: w.config.Instance, StateKey: w.secrets.state, Limits: w.config.Contract,
		Opener: opener{Keyring: keyring, instance: w.config.Instance}}
}

// position is how far the inbox has been applied to the state.
func (s *state) position(chain light.Chain) light.Position {
	last, ok := s.contract.Last()
	if !ok {
		return light.Start(chain)
	}
	return light.Position{Next: last.Checkpoint + 1, Inbox: last.Inbox, Block: light.BlockID{Number: last.Number, Hash: last.BlockHash}}
}
