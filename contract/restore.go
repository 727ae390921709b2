package contract

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/bitcloak/bitcloak/wire"
)

// What is wrong with a snapshot that Restore refuses.
var (
	ErrNotSnapshot       = errors.New("not a snapshot of the contract: pass what Snapshot wrote, unsealed")
	ErrSnapshotVersion   = errors.New("snapshot has an encoding that this version cannot read: use the version that wrote it")
	ErrSnapshotInstance  = errors.New("snapshot belongs to another network or contract: use that one's")
	ErrSnapshotLimits    = errors.New("snapshot was taken under other limits: restore it with the limits it was taken under")
	ErrSnapshotTruncated = errors.New("snapshot ends early: take it again, or restore an older one and replay")
	ErrSnapshotTrailing  = errors.New("snapshot has bytes after its end: pass exactly the bytes that were written")
	ErrSnapshotDamaged   = errors.New("snapshot is damaged or blinded by another state key: restore another one and replay")
)

// Restore reads a snapshot to the end of the reader and gives the contract that
// it was taken of: its commits will be the same, byte for byte. Memory is taken
// as elements are read. The state root is computed anew from all that was read
// and must be the recorded one; whether that is the chain's is for the caller to
// check with Last. The opener must hold the keys of the snapshot's epoch and of
// the one before it, or those of the one before it alone.
func Restore(config Config, from io.Reader) (*Contract, error) {
	c, err := newContract(config)
	if err != nil {
		return nil, err
	}
	r := &snapshotReader{from: bufio.NewReaderSize(from, snapshotBuffer)}
	root, err := c.readHeader(r)
	if err != nil {
		return nil, err
	}
	if err := config.Opener.StartEpoch(c.block.Epoch); err != nil {
		return nil, err
	}
	for _, read := range []func(*snapshotReader){
		c.readAccounts, c.readFree, c.readLedger, c.readSessions, c.readIDs, c.readMarkets, c.readOrders, c.readRelays, c.readOutbox,
	} {
		if read(r); r.err != nil {
			return nil, r.err
		}
	}
	if _, err := r.from.ReadByte(); err == nil {
		return nil, ErrSnapshotTrailing
	} else if err != io.EOF {
		return nil, err
	}
	if err := c.finishRestore(root); err != nil {
		return nil, err
	}
	return c, nil
}

// finishRestore recomputes the root and what a commit would have left behind.
func (c *Contract) finishRestore(root wire.Hash) error {
	if c.accounts.byID[wire.FeeAccount] != feeAccount || len(c.accounts.list) == 0 || !c.accounts.list[feeAccount].live {
		return damaged("no fee account")
	}
	for i := range c.ledger.assets {
		a := &c.ledger.assets[i]
		a.liabilities = c.ledger.plus(a.leaves, a.relays)
		a.marked = false
	}
	c.ledger.marked = c.ledger.marked[:0]
	if c.ledger.negative {
		return damaged("balances overflow")
	}
	c.hashLeaves()
	c.closeRelays()
	c.closeOrders()
	c.closeSessions()
	c.last.Remainder = c.remainder(c.checkpoint - 1)
	if got := wire.StateRoot(c.ledger.tree.root(), c.last.Remainder); got != root {
		return damaged("its state root does not match")
	}
	if c.fault != nil {
		return c.fault
	}
	c.last.LastCommit = wire.LastCommit{
		Checkpoint: c.checkpoint - 1, Number: c.block.Number, BlockHash: c.last.BlockHash, StateRoot: root, Inbox: c.inbox, Outbox: c.outbox.next,
	}
	c.last.Timestamp = c.block.Timestamp
	return c.checkBooks()
}

func damaged(format string, values ...any) error {
	return fmt.Errorf("%w: %s", ErrSnapshotDamaged, fmt.Sprintf(format, values...))
}

// snapshotReader keeps the first error; after it every read gives zeros.
type snapshotReader struct {
	from *bufio.Reader
	err  error
	b    [itemSize]byte
}

// next gives the next bytes, at most itemSize, valid until the next call.
func (r *snapshotReader) next(n int) []byte {
	b := r.b[:n]
	if r.err == nil {
		if _, err := io.ReadFull(r.from, b); err == io.EOF || err == io.ErrUnexpectedEOF {
			r.err = ErrSnapshotTruncated
		} else if err != nil {
			r.err = err
		}
	}
	if r.err != nil {
		clear(b)
	}
	return b
}

func (r *snapshotReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *snapshotReader) require(ok bool, what string) bool {
	if !ok {
		r.fail(damaged("%s", what))
	}
	return r.err == nil
}

func (r *snapshotReader) u8() uint8   { return r.next(1)[0] }
func (r *snapshotReader) u32() uint32 { return binary.LittleEndian.Uint32(r.next(4)) }
func (r *snapshotReader) u64() uint64 { return binary.LittleEndian.Uint64(r.next(8)) }

func (r *snapshotReader) hash() (h [32]byte) {
	copy(h[:], r.next(32))
	return h
}

func (r *snapshotReader) u128() wire.U128 { return readU128(r.next(16)) }

func readU128(b []byte) wire.U128 {
	return wire.U128{Lo: binary.LittleEndian.Uint64(b), Hi: binary.LittleEndian.Uint64(b[8:])}
}

// count reads the length of a list.
func (r *snapshotReader) count(limit uint32, what string) uint32 {
	n := r.u32()
	if !r.require(n <= limit, "too many "+what) {
		return 0
	}
	return n
}

// readHeader reads what comes before the lists, and gives the recorded root.
func (c *Contract) readHeader(r *snapshotReader) (root wire.Hash, err error) {
	if magic := string(r.next(len(snapshotMagic))); magic != snapshotMagic {
		if r.err != nil && !errors.Is(r.err, ErrSnapshotTruncated) {
			return root, r.err
		}
		return root, ErrNotSnapshot
	}
	if version := binary.LittleEndian.Uint16(r.next(2)); r.err == nil && version != snapshotVersion {
		return root, fmt.Errorf("%w: version %d, known is %d", ErrSnapshotVersion, version, snapshotVersion)
	}
	if string(r.next(wire.InstanceSize)) != string(c.config.Instance.Append(nil)) {
		r.fail(ErrSnapshotInstance)
	}
	if string(r.next(limitsSize)) != string(c.config.Limits.append(nil)) {
		r.fail(ErrSnapshotLimits)
	}
	c.checkpoint = r.u64()
	c.block = wire.Block{Number: r.u32(), Timestamp: r.u64(), Epoch: r.u32()}
	c.inbox = wire.Inbox{Count: r.u64(), Hash: r.hash()}
	c.orders.lastID, c.orders.lastPriority = r.u64(), r.u64()
	c.trades = r.u64()
	c.outbox.next, c.outbox.places = r.u64(), r.u64()
	c.last.BlockHash = r.hash()
	root = r.hash()
	r.require(c.checkpoint > 0, "nothing was committed yet")
	return root, r.err
}
