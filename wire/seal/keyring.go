package seal

import (
	"crypto/hpke"
	"errors"
	"sync"

	"github.com/bitcloak/bitcloak/wire"
)

// MaxEpochStep bounds how many epochs a keyring ratchets at once.
const MaxEpochStep = 1 << 16

// ErrEpochStep says that a keyring cannot reach an epoch.
var ErrEpochStep = errors.New("seal: that epoch lies before the keyring's or more than 65,536 after: restore a newer or an older snapshot")

// Keyring holds the contract's keys: those of the current epoch and, once there
// was one, of the epoch before. Its methods may be called concurrently.
type Keyring struct {
	instance wire.Instance
	mutex    sync.RWMutex
	current  epochKeys
	previous epochKeys // key is nil in the first epoch
}

type epochKeys struct {
	epoch uint32
	seed  Seed
	key   hpke.PrivateKey
}

func newEpochKeys(instance wire.Instance, epoch uint32, seed Seed) (epochKeys, error) {
	key, err := seed.keyPair(instance)
	return epochKeys{epoch: epoch, seed: seed, key: key}, err
}

// NewKeyring holds the keys of one epoch, from its seed.
func NewKeyring(instance wire.Instance, epoch uint32, seed Seed) (*Keyring, error) {
	current, err := newEpochKeys(instance, epoch, seed)
	if err != nil {
		return nil, err
	}
	return &Keyring{instance: instance, current: current}, nil
}

// StartEpoch ratchets to epoch and erases what is older than the epoch before
// it. Starting the current epoch again does nothing.
func (k *Keyring) StartEpoch(epoch uint32) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if epoch < k.current.epoch || epoch-k.current.epoch > MaxEpochStep {
		return ErrEpochStep
	}
	if epoch == k.current.epoch {
		return nil
	}
	last := k.current
	for last.epoch+1 < epoch { // epochs that passed without us: their seeds alone matter
		next := last.seed.Next(last.epoch + 1)
		last.seed.Wipe()
		last = epochKeys{epoch: last.epoch + 1, seed: next}
	}
	if last.key == nil {
		var err error
		if last, err = newEpochKeys(k.instance, last.epoch, last.seed); err != nil {
			return err
		}
	}
	current, err := newEpochKeys(k.instance, epoch, last.seed.Next(epoch))
	if err != nil {
		return err
	}
	k.previous.seed.Wipe()
	k.previous, k.current = last, current
	return nil
}

// Epoch is the current epoch.
func (k *Keyring) Epoch() uint32 {
	k.mutex.RLock()
	defer k.mutex.RUnlock()
	return k.current.epoch
}

// Seed is the oldest seed held and its epoch: what a worker stores, sealed, to
// make this keyring again with NewKeyring and StartEpoch.
func (k *Keyring) Seed() (epoch uint32, seed Seed) {
	k.mutex.RLock()
	defer k.mutex.RUnlock()
	if k.previous.key != nil {
		return k.previous.epoch, k.previous.seed
	}
	return k.current.epoch, k.current.seed
}

// Public is the contract key of the current epoch, or of the next, which is
// announced one epoch ahead.
func (k *Keyring) Public(epoch uint32) (public wire.ContractKey, err error) {
	k.mutex.RLock()
	defer k.mutex.RUnlock()
	key := k.current.key
	switch epoch {
	case k.current.epoch:
	case k.current.epoch + 1:
		seed := k.current.seed.Next(epoch)
		defer seed.Wipe()
		if key, err = seed.keyPair(k.instance); err != nil {
			return public, err
		}
	default:
		return public, ErrEpoch
	}
	public.Epoch = epoch
	copy(public.Public[:], key.PublicKey().Bytes())
	return public, nil
}

// Wipe erases all seeds. The keyring opens nothing afterwards.
func (k *Keyring) Wipe() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.current.seed.Wipe()
	k.previous.seed.Wipe()
	k.current.key, k.previous.key = nil, nil
}

// recipient starts opening an HPKE message to one of the held epochs.
func (k *Keyring) recipient(epoch uint32, encapsulated, info []byte) (*hpke.Recipient, error) {
	k.mutex.RLock()
	var key hpke.PrivateKey
	switch epoch {
	case k.current.epoch:
		key = k.current.key
	case k.previous.epoch:
		key = k.previous.key
	}
	k.mutex.RUnlock()
	if key == nil {
		return nil, ErrEpoch
	}
	recipient, err := hpke.NewRecipient(encapsulated, key, suiteKDF(), suiteAEAD(), info)
	if err != nil {
		return nil, ErrSealed
	}
	return recipient, nil
}

// RootKey is the root of an opened session in an epoch.
func (k *Keyring) RootKey(opening *wire.Opening, epoch uint32) [KeySize]byte {
	return RootKey(opening.Secret, k.instance, opening.Account, epoch)
}

// RatchetKey is the root of the next epoch, given which one that is.
func (k *Keyring) RatchetKey(root [KeySize]byte, epoch uint32) [KeySize]byte {
	return RatchetKey(root, epoch)
}

// QueryKey authenticates the questions of an opened session's owner.
func (k *Keyring) QueryKey(opening *wire.Opening) [KeySize]byte {
	return QueryKey(opening.Secret, k.instance, opening.Account)
}

// CommandCipher opens the commands of a session in the epoch of its root.
func (k *Keyring) CommandCipher(root [KeySize]byte) *CommandCipher {
	return NewCommandCipher(root, k.instance)
}
