package chain

import (
	"errors"

	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// View is the state after one block. It may be used concurrently.
type View struct {
	chain  *Chain
	Hash   scale.Hash // of the block
	number uint32
	root   scale.Hash
	trie   *trie.Trie
}

// View is the state after the block; store.ErrNotFound if there is no such block, store.ErrPruned if its state is gone.
func (c *Chain) View(hash scale.Hash) (*View, error) {
	h, err := c.store.Header(hash)
	if err != nil {
		return nil, err
	}
	if !c.store.HasState(h.Number) {
		return nil, store.ErrPruned
	}
	return c.viewOf(hash, h.Number, h.StateRoot), nil
}

func (c *Chain) viewOf(hash scale.Hash, number uint32, root scale.Hash) *View {
	options := c.trie
	options.Layout = trie.Layout1
	return &View{chain: c, Hash: hash, number: number, root: root, trie: trie.Open(c.store, root, options)}
}

// gone makes a record that pruning took away under the reader's feet what it is.
func gone(err error) error {
	if errors.Is(err, trie.ErrNotFound) {
		return errors.Join(store.ErrPruned, err)
	}
	if errors.Is(err, trie.ErrCorrupt) {
		return errors.Join(store.ErrDamaged, err)
	}
	return err
}

// Get is the value of a storage key.
func (v *View) Get(key []byte) (value []byte, found bool, err error) {
	value, found, err = v.trie.Get(key)
	return value, found, gone(err)
}

// Keys are up to limit keys with the prefix after the key after (nil: from the first).
func (v *View) Keys(prefix, after []byte, limit int) ([][]byte, error) {
	keys, err := v.trie.Keys(prefix, after, limit)
	return keys, gone(err)
}

// Prove is the read proof of keys.
func (v *View) Prove(keys [][]byte) ([][]byte, error) {
	proof, err := v.trie.Prove(keys...)
	return proof, gone(err)
}

// Call calls a runtime API method on the state: of the runtime that makes the block after it. Of a runtime that is not
// this program's, only what describes it is known; see ErrOtherVersion.
func (v *View) Call(method string, arguments []byte) (out []byte, err error) {
	defer recoverFailure(&err)
	if other := v.chain.versionAfter(v.number); other != nil {
		return describe(other, method, arguments)
	}
	out, err = v.runtime().Call(method, arguments)
	return out, err
}

// runtime is a runtime over the state; what it writes is forgotten.
func (v *View) runtime() *runtime.Runtime {
	return runtime.New(native.New(native.NewTrieBackend(v.chain.store, v.root, v.chain.trie), v.chain.signatures, v.chain.log))
}

var numberKey = hashing.StoragePrefix("System", "Number")

// Number is the block's number, as the state says.
func (v *View) Number() (uint32, error) {
	value, found, err := v.Get(numberKey[:])
	if err != nil || !found {
		return 0, err
	}
	return scale.U32.Unmarshal(value)
}

// runtimeVersion is the version of the runtime that this program holds.
type runtimeVersion = frame.RuntimeVersion

func (c *Chain) readVersion() runtimeVersion {
	return runtime.New(native.New(native.NewTrieBackend(nil, trie.EmptyRoot, trie.Options{}), nil, nil)).Version()
}

// Version is the version of the runtime.
func (c *Chain) Version() frame.RuntimeVersion { return c.version() }

// TryState checks the runtime's invariants on the state (spec/invariants.md). It reads all of the state: for tests and
// audits.
func (v *View) TryState() (err error) {
	defer recoverFailure(&err)
	return v.runtime().TryState()
}
