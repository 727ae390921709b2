package memory

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"

	light "github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// Version is the runtime's.
var Version = chain.Version{Spec: 7, Transaction: 3}

// Event is one event of a transaction.
type Event struct {
	Pallet, Index uint8
	Fields        []byte
}

// Effects are what a call does in its block. A call that fails has the SCALE of its DispatchError and nothing else.
type Effects struct {
	Failure  []byte
	Events   []Event
	Messages []wire.InboxMessage
}

// Node is a whole network of one node. Transactions enter their blocks at once.
type Node struct {
	*light.Chain

	// Execute runs a call: it may change the state with Chain.Set.
	Execute func(signer scale.AccountID, call []byte) Effects
	// Sealed is called after each transaction's block, when its messages are in the inbox.
	Sealed func()

	mutex    sync.Mutex
	keys     [][]byte // storage keys, sorted
	bodies   map[scale.Hash][][]byte
	accounts map[scale.AccountID]*Account
}

var _ chain.Node = (*Node)(nil)

// Account is System.Account of a node's account.
type Account struct {
	Nonce uint32
	Free  scale.U128
}

// New makes a node whose chain has its genesis.
func New(options light.Options) *Node {
	return &Node{Chain: light.New(options), bodies: map[scale.Hash][][]byte{}, accounts: map[scale.AccountID]*Account{}}
}

// Put stores a value, as Chain.Set, and lists its key.
func (n *Node) Put(key, value []byte) {
	n.mutex.Lock()
	at, known := slices.BinarySearchFunc(n.keys, key, bytes.Compare)
	if !known {
		n.keys = slices.Insert(n.keys, at, slices.Clone(key))
	}
	n.mutex.Unlock()
	n.Set(key, value)
}

// Fund gives an account its native balance, and by that its existence.
func (n *Node) Fund(account scale.AccountID, free scale.U128) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.accounts[account] = &Account{Free: free}
	n.Set(wire.StorageAccount(account), n.accounts[account].encode())
}

func (a *Account) encode() []byte {
	e := scale.NewEncoder(nil)
	e.U32(a.Nonce)
	e.U32(0)
	e.U32(1)
	e.U32(0)
	for _, amount := range []scale.U128{a.Free, {}, {}, {}} {
		e.U128(amount)
	}
	return e.Encoded()
}

// Events makes the next block have events of no transaction.
func (n *Node) Events(events ...Event) {
	e := scale.NewEncoder(nil)
	e.Compact(uint64(len(events)))
	for _, event := range events {
		e.U8(1) // Finalization
		event.encode(e)
	}
	n.Set(eventsKey(), e.Encoded())
}

func (e *Event) encode(to *scale.Encoder) {
	to.U8(e.Pallet)
	to.U8(e.Index)
	to.Raw(e.Fields)
	to.Compact(0) // topics
}

func eventsKey() []byte {
	key := hashing.StoragePrefix("System", "Events")
	return key[:]
}

// SetTime is what Timestamp.Now says from the next block on, in ms.
func (n *Node) SetTime(milliseconds uint64) {
	key := hashing.StoragePrefix("Timestamp", "Now")
	n.Set(key[:], scale.U64.Marshal(milliseconds))
}

// errors of the pool, as Substrate's codes.
const (
	codeInvalid = 1010
)

// Submit implements chain.Node.
func (n *Node) Submit(_ context.Context, encoded []byte) error {
	_, err := n.include(encoded)
	return err
}

// include checks a transaction as a runtime does and makes its block.
func (n *Node) include(encoded []byte) (scale.Hash, error) {
	x, err := extrinsic.Decode(encoded)
	if err != nil || !x.Signed {
		return scale.Hash{}, &chain.RejectedError{Code: codeInvalid, Message: "Invalid Transaction: not a signed transaction"}
	}
	signer, _ := x.Address.Account()
	if err := n.check(&x, signer); err != nil {
		return scale.Hash{}, err
	}
	effects := Effects{}
	if n.Execute != nil {
		effects = n.Execute(signer, x.Call)
	}
	n.Set(eventsKey(), effects.encode())
	body := [][]byte{{3 << 2, 4, 1, 0}, encoded} // an inherent, and the transaction
	root, err := trie.OrderedRoot(trie.Layout0, body)
	if err != nil {
		return scale.Hash{}, err
	}
	n.SetTime(uint64(n.Now().UnixMilli()))
	n.SetExtrinsicsRoot(root)
	block := n.Block(effects.Messages...)
	n.mutex.Lock()
	n.bodies[block.Hash] = body
	n.mutex.Unlock()
	if n.Sealed != nil {
		n.Sealed()
	}
	return block.Hash, nil
}

func (n *Node) check(x *extrinsic.Extrinsic, signer scale.AccountID) error {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	account := n.accounts[signer]
	if account == nil {
		return &chain.RejectedError{Code: codeInvalid, Message: "Invalid Transaction: Inability to pay some fees"}
	}
	if x.Nonce != account.Nonce {
		return &chain.RejectedError{Code: codeInvalid, Message: "Invalid Transaction: Transaction is outdated"}
	}
	best := n.Best()
	implicit := extrinsic.Implicit{SpecVersion: Version.Spec, TransactionVersion: Version.Transaction, Genesis: n.Genesis(), Mortality: n.Genesis()}
	if !x.Era.IsImmortal() {
		birth := uint32(x.Era.Birth(uint64(best.Number) + 1))
		encoded, err := n.Headers(context.Background(), birth, birth)
		if err != nil || len(encoded) != 1 {
			return &chain.RejectedError{Code: codeInvalid, Message: "Invalid Transaction: Transaction has an ancient birth block"}
		}
		implicit.Mortality = hashing.Blake2_256(encoded[0])
	}
	signature, ok := x.Signature.Short()
	if !ok || !keys.Verify(keys.Kind(x.Signature.Kind), signer, x.SigningPayload(nil, &implicit), signature) {
		return &chain.RejectedError{Code: codeInvalid, Message: "Invalid Transaction: Transaction has a bad signature"}
	}
	account.Nonce++
	n.Set(wire.StorageAccount(signer), account.encode())
	return nil
}

// encode is System.Events of a block of the inherent and one transaction.
func (f *Effects) encode() []byte {
	info := append(make([]byte, 0, 4), 0, 0, 0, 0) // weight 0, 0; class Normal; pays Yes
	events := append([]Event(nil), f.Events...)
	if f.Failure != nil {
		events = append(events, Event{Pallet: wire.PalletSystem, Index: 1, Fields: append(bytes.Clone(f.Failure), info...)})
	} else {
		events = append(events, Event{Pallet: wire.PalletSystem, Index: 0, Fields: info})
	}
	e := scale.NewEncoder(nil)
	e.Compact(uint64(len(events) + 1))
	e.U8(0)
	e.U32(0)
	(&Event{Pallet: wire.PalletSystem, Index: 0, Fields: info}).encode(e)
	for i := range events {
		e.U8(0)
		e.U32(1)
		events[i].encode(e)
	}
	return e.Encoded()
}

// Watch implements chain.Node.
func (n *Node) Watch(_ context.Context, encoded []byte) (chain.Watch, error) {
	block, err := n.include(encoded)
	if err != nil {
		return nil, err
	}
	return &News{Statuses: []chain.Status{{Stage: chain.StagePending}, {Stage: chain.StageInBlock, Block: block}, {Stage: chain.StageFinalized, Block: block}}}, nil
}

// News is a Watch that tells what it holds, and then fails.
type News struct{ Statuses []chain.Status }

// ErrNoNews ends a watch.
var ErrNoNews = errors.New("memory: nothing more is known of the transaction")

// Next implements chain.Watch.
func (w *News) Next(context.Context) (chain.Status, error) {
	if len(w.Statuses) == 0 {
		return chain.Status{}, ErrNoNews
	}
	next := w.Statuses[0]
	w.Statuses = w.Statuses[1:]
	return next, nil
}

// Close implements chain.Watch.
func (w *News) Close() {}

// GenesisHash implements chain.Node.
func (n *Node) GenesisHash(context.Context) (scale.Hash, error) { return n.Genesis(), nil }

// Version implements chain.Node.
func (n *Node) Version(context.Context) (chain.Version, error) { return Version, nil }

// Metadata implements chain.Node.
func (n *Node) Metadata(context.Context) ([]byte, error) { return Metadata().Encode(14) }

// NextNonce implements chain.Node.
func (n *Node) NextNonce(_ context.Context, account scale.AccountID) (uint32, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if known := n.accounts[account]; known != nil {
		return known.Nonce, nil
	}
	return 0, nil
}

// Body implements chain.Node.
func (n *Node) Body(_ context.Context, block scale.Hash) ([][]byte, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.bodies[block], nil
}

// Keys implements chain.Node.
func (n *Node) Keys(_ context.Context, _ scale.Hash, prefix, after []byte) ([][]byte, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	var found [][]byte
	for _, key := range n.keys {
		if bytes.HasPrefix(key, prefix) && bytes.Compare(key, after) > 0 && len(found) < chain.MaxKeys {
			found = append(found, key)
		}
	}
	return found, nil
}

// Close implements chain.Node.
func (n *Node) Close() error { return nil }
