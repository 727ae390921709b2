package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// joinPause is between two attempts to get hold of the state.
const joinPause = 500 * time.Millisecond

// Why a worker without a state has to wait, or to ask another replica.
var (
	errNotRegistered = errors.New("this worker's registration is not on the chain yet")
	errNoKeys        = errors.New("the chain has no contract key to compare a seed with; start as many workers as must vote with --seed-file first")
	errForgedSeed    = errors.New("the replica's seed does not give the contract keys that stand on the chain: it lies, or is of another network")
	errForgedState   = errors.New("the replica's state key is not that of the contract: it lies, or is of another network")
	errNotAnnounced  = errors.New("no published snapshot is announced that the seed can be used from; waiting for that of the next epoch")
	errNotStored     = errors.New("the node does not have the published snapshot yet")
)

// joining is how far a worker without a state has come.
type joining struct {
	sent  sentTimes
	asked int // replicas, one after the other
	given bool
	held  wire.HandoverSecrets
}

// join gives a worker without a state one: it registers, has a live replica hand the
// contract's seed over, and restores the published snapshot. It returns with the state
// on the disk and the head it stands on, or when the context ends.
func (w *Worker) join(ctx context.Context, head light.Head) (*state, light.Head, error) {
	w.config.Log.Info("this data folder has no state: asking a replica for the seed", "replicas", w.config.Replicas)
	j := joining{sent: sentTimes{}}
	defer j.held.Wipe()
	for {
		restored, err := w.tryJoin(ctx, head, &j)
		if err == nil {
			return restored, head, nil
		}
		if ctx.Err() != nil {
			return nil, head, fmt.Errorf("worker: stopped before it had a state: %w", err)
		}
		if light.Refused(err) {
			w.metrics.refuse(err)
		}
		if name := err.Error(); j.sent.due(name) {
			j.sent[name] = time.Now()
			w.config.Log.Warn("this worker has no state yet; trying again", "cause", err)
		}
		if !errors.Is(err, errNotRegistered) { // that takes a block, and no longer
			select {
			case <-time.After(joinPause):
			case <-ctx.Done():
			}
			w.chain.Repeat()
		}
		if next, err := w.chain.Next(ctx); err == nil {
			head = next
		}
	}
}

// tryJoin takes the next step that can be taken. A seed that proved good is kept, so
// that no other is asked for; one that did not is forgotten, and another replica asked.
func (w *Worker) tryJoin(ctx context.Context, head light.Head, j *joining) (*state, error) {
	s, err := w.readState(ctx, head)
	if err != nil {
		return nil, err
	}
	if !s.registered {
		if err := w.register(ctx, s, j.sent); err != nil {
			return nil, err
		}
		return nil, errNotRegistered
	}
	if !j.given {
		replica := w.config.Replicas[j.asked%len(w.config.Replicas)]
		j.asked++
		secrets, err := w.requestHandover(ctx, replica)
		if err != nil {
			return nil, err
		}
		defer secrets.Wipe()
		if err := w.checkSeed(s, &secrets); err != nil {
			return nil, fmt.Errorf("%w (%s)", err, replica)
		}
		j.held, j.given = secrets, true
	}
	restored, err := w.rebuild(ctx, s, &j.held)
	if errors.Is(err, errForgedState) {
		j.held.Wipe()
		j.given = false
	}
	return restored, err
}

// checkSeed compares the contract keys that a seed gives with those that the chain
// lists, which as many workers as must have voted for.
func (w *Worker) checkSeed(s *chainState, secrets *wire.HandoverSecrets) error {
	keyring, err := seal.NewKeyring(w.config.Instance, secrets.Epoch, secrets.Seed)
	if err != nil {
		return err
	}
	defer keyring.Wipe()
	if err := keyring.StartEpoch(max(s.epoch, secrets.Epoch)); err != nil {
		return errForgedSeed // by far too old
	}
	compared := 0
	for i, known := range s.keys {
		key, err := keyring.Public(s.epoch + uint32(i))
		if known == nil || err != nil {
			continue
		}
		if !bytes.Equal(key.Public[:], known) {
			return errForgedSeed
		}
		compared++
	}
	if compared == 0 {
		return errNoKeys
	}
	return nil
}

// rebuild makes the state: from the snapshot that the chain has announced, or, as long
// as the first seed exists, from the first checkpoint.
func (w *Worker) rebuild(ctx context.Context, s *chainState, secrets *wire.HandoverSecrets) (*state, error) {
	w.secrets.state = secrets.State
	restored, err := w.restorePublished(ctx, s, secrets)
	if secrets.Epoch == 0 && (errors.Is(err, errNotAnnounced) || errors.Is(err, errNotStored)) {
		if first := seal.Seed(secrets.Seed); stateKey(w.config.Instance, &first) != secrets.State {
			return nil, errForgedState
		}
		w.config.Log.Info("no snapshot is published yet: replaying from the first checkpoint")
		w.secrets.firstSeed = scale.Some(seal.Seed(secrets.Seed))
		restored, err = w.newState(0, secrets.Seed)
	}
	if err != nil {
		return nil, err
	}
	if err := w.keepJoined(restored); err != nil {
		restored.keyring.Wipe()
		return nil, err
	}
	return restored, nil
}

// keepJoined writes keys and state to the disk, so that a restart needs no handover.
func (w *Worker) keepJoined(restored *state) error {
	if err := w.secrets.save(w.config.DataDir, w.vault); err != nil {
		return err
	}
	last, ok := restored.contract.Last()
	if !ok {
		return nil
	}
	plaintext, err := encodeState(restored, 0)
	if err != nil {
		return err
	}
	defer clear(plaintext)
	return w.write(&savedState{checkpoint: last.Checkpoint, root: last.StateRoot, epoch: restored.contract.Epoch(), plaintext: plaintext})
}
