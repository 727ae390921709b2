package contract

import (
	"errors"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// Opener holds the contract's secret keys. Its results are functions of the keys
// and the arguments alone. Opening, Beneficiary and RootKey may be called
// concurrently with each other.
type Opener interface {
	// StartEpoch ratchets to epoch; the keys of the epoch before stay.
	StartEpoch(epoch uint32) error
	// Opening opens an opening envelope and checks the account's signature.
	Opening(envelope []byte) (wire.Opening, error)
	// Beneficiary opens the sealed beneficiary of a deposit.
	Beneficiary(deposit *wire.Deposit) (wire.AccountID, error)
	// RootKey is the root of a session in the epoch of its opening.
	RootKey(opening *wire.Opening, epoch uint32) [32]byte
	// RatchetKey is the root of the next epoch, which is epoch.
	RatchetKey(root [32]byte, epoch uint32) [32]byte
	// QueryKey authenticates questions of a session's owner.
	QueryKey(opening *wire.Opening) [32]byte
	// Cipher opens the commands of a session in the epoch of its root.
	Cipher(root [32]byte) Cipher
}

// Cipher opens the commands of one session in one epoch. Open may be called
// concurrently, Tag may not.
type Cipher interface {
	// Tag is the tag of a sequence number.
	Tag(sequence uint64) wire.Tag
	// Open opens an envelope; the plaintext may lie in scratch.
	Open(scratch []byte, sequence uint64, envelope []byte) (plaintext []byte, ok bool)
}

// ScratchSize is how much scratch memory a Cipher gets to open one command, in bytes.
const ScratchSize = 512

// Limits bound the contract's memory. They decide which commands are rejected,
// so all workers of an instance use the same ones.
type Limits struct {
	Accounts    uint32 // accounts with a leaf or a live session id
	Leaves      uint32 // balances
	Assets      uint32 // assets with a leaf
	Orders      uint32 // open at the same time
	OpenOrders  uint32 // of one account
	History     uint32 // entries and fills kept of one account, of each
	HistoryPool uint64 // entries and fills kept in all, beyond which rings stop growing
	LiveIDs     uint32 // session ids of one account whose expiry lies ahead
	UnfundedIDs uint32 // those of all accounts without a leaf
	Sessions    uint32 // open ones of accounts with a leaf
	Relays      uint32 // with something coming in one epoch, beyond which others are refunded nothing
	Outbox      uint32 // withdrawals waiting, beyond which Withdraw is rejected; payouts, beyond which refused deposits are credited
}

// minimumRing is how many entries every account may keep, whatever the pool holds.
const minimumRing = 64

// DefaultLimits are those of a network. Full, they take some 30 GB, most of it
// history; memory is taken as it is used.
func DefaultLimits() Limits {
	return Limits{
		Accounts: engine.MaxOwners, Leaves: 1 << 26, Assets: 1 << 20, Orders: 1 << 24, OpenOrders: 1_000,
		History: 10_000, HistoryPool: 1 << 28, LiveIDs: 16, UnfundedIDs: 1 << 14,
		Sessions: 1 << 17, Relays: 1 << 12, Outbox: 1 << 16,
	}
}

// Config is what a contract is made of.
type Config struct {
	Instance wire.Instance
	StateKey [32]byte // blinds leaves and remainder; the same on all workers
	Opener   Opener
	Limits   Limits // the zero value stands for DefaultLimits
}

// Errors of a contract. After one of them it applies nothing more: the caller
// restores a snapshot and finds out.
var (
	ErrOpener       = errors.New("contract: no opener configured: pass the keys of the contract")
	ErrLimits       = errors.New("contract: a limit is zero or above what the engine can hold: start from DefaultLimits")
	ErrProtocol     = errors.New("contract: messages out of order: a checkpoint is one Block message, its other messages, then EndCheckpoint")
	ErrBlock        = errors.New("contract: a block's number, time or epoch lies before the last one's: the inbox is not the chain's")
	ErrMessage      = errors.New("contract: a message of unknown kind: update the worker")
	ErrConservation = errors.New("contract: I2 is broken: the leaves of an asset do not sum to its deposits less its payouts; report this, restore the last snapshot")
	ErrLedger       = errors.New("contract: a balance would fall below zero or overflow; report this, restore the last snapshot")
	ErrEngine       = errors.New("contract: the engine's events do not fit the contract's orders; report this, restore the last snapshot")
)

func (l *Limits) check() error {
	if *l == (Limits{}) {
		*l = DefaultLimits()
	}
	if l.Accounts < 2 || l.Accounts > engine.MaxOwners || l.Orders > engine.MaxOrders || l.Leaves == 0 || l.Assets == 0 ||
		l.Orders == 0 || l.OpenOrders == 0 || l.History < minimumRing || l.LiveIDs == 0 || l.UnfundedIDs == 0 ||
		l.Sessions == 0 {
		return ErrLimits
	}
	return nil
}

func (l *Limits) engine() engine.Limits {
	return engine.Limits{Markets: wire.MaxMarkets, Owners: l.Accounts, Orders: l.Orders}
}
