package engine

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What is wrong with a snapshot that Restore refuses.
var (
	ErrNotSnapshot       = errors.New("not a snapshot of the matching engine")
	ErrSnapshotVersion   = errors.New("snapshot has an encoding that this version cannot read: use the version that wrote it")
	ErrSnapshotLimits    = errors.New("snapshot was taken under other limits: restore it with the limits it was taken under")
	ErrSnapshotTruncated = errors.New("snapshot ends early: take it again, or restore an older one and replay")
	ErrSnapshotTrailing  = errors.New("snapshot has bytes after its end: pass exactly the bytes that were written")
	ErrSnapshotDamaged   = errors.New("snapshot is damaged: restore another one and replay")
)

// Restore reads a snapshot to the end of the reader and returns the book it was taken of: same state hash, same
// priorities. It takes memory only as orders are read, and refuses whatever Snapshot could not have written.
func Restore(from io.Reader, limits Limits) (*Engine, error) {
	e := New(limits)
	r := &restorer{engine: e, from: bufio.NewReaderSize(from, snapshotBuffer)}
	if err := r.readState(); err != nil {
		return nil, err
	}
	expected, err := r.next(32)
	if err != nil {
		return nil, err
	}
	if hash := e.StateHash(); hash != [32]byte(expected) {
		return nil, fmt.Errorf("%w: its state hash does not match", ErrSnapshotDamaged)
	}
	if _, err := r.from.ReadByte(); err != io.EOF {
		if err == nil {
			err = ErrSnapshotTrailing
		}
		return nil, err
	}
	return e, nil
}

type restorer struct {
	engine *Engine
	from   *bufio.Reader
	read   [64]byte
}

// next returns the next bytes, at most 64, valid until the next call.
func (r *restorer) next(count int) ([]byte, error) {
	_, err := io.ReadFull(r.from, r.read[:count])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = ErrSnapshotTruncated
	}
	return r.read[:count], err
}

func damaged(format string, values ...any) error {
	return fmt.Errorf("%w: %s", ErrSnapshotDamaged, fmt.Sprintf(format, values...))
}

func (r *restorer) readState() error {
	head, err := r.next(len(snapshotMagic) + 2)
	if err != nil {
		return err
	}
	if string(head[:len(snapshotMagic)]) != snapshotMagic {
		return ErrNotSnapshot
	}
	if version := binary.LittleEndian.Uint16(head[len(snapshotMagic):]); version != snapshotVersion {
		return fmt.Errorf("%w: version %d, known is %d", ErrSnapshotVersion, version, snapshotVersion)
	}
	markets, err := r.readHeader()
	if err != nil {
		return err
	}
	for range markets {
		if err := r.readMarket(); err != nil {
			return err
		}
	}
	return nil
}

// readHeader returns the number of markets.
func (r *restorer) readHeader() (uint32, error) {
	b, err := r.next(headerBytes)
	if err != nil {
		return 0, err
	}
	limits := Limits{
		Markets: binary.LittleEndian.Uint32(b), Owners: binary.LittleEndian.Uint32(b[4:]), Orders: binary.LittleEndian.Uint32(b[8:]),
	}
	if limits != r.engine.limits {
		return 0, fmt.Errorf("%w: %+v, here %+v", ErrSnapshotLimits, limits, r.engine.limits)
	}
	r.engine.time = binary.LittleEndian.Uint64(b[12:])
	return binary.LittleEndian.Uint32(b[20:]), nil
}

func (r *restorer) readMarket() error {
	b, err := r.next(marketBytes)
	if err != nil {
		return err
	}
	e := r.engine
	command := Market{ID: MarketID(binary.LittleEndian.Uint32(b)), State: MarketState(b[4])}
	trades := binary.LittleEndian.Uint64(b[5:])
	bids, asks := binary.LittleEndian.Uint32(b[13:]), binary.LittleEndian.Uint32(b[17:])
	if uint64(command.ID) < uint64(len(e.markets)) {
		return damaged("market %d out of order", command.ID)
	}
	var events Events
	if e.SetMarket(command, &events); events[0].Type == Rejected {
		return damaged("market %d: %s", command.ID, events[0].Reason)
	}
	m := e.market(command.ID)
	m.trades = trades
	if err := r.readSide(m, Buy, bids); err != nil {
		return err
	}
	if err := r.readSide(m, Sell, asks); err != nil {
		return err
	}
	if bids > 0 && asks > 0 && e.wouldTrade(m, Buy, e.ladders.levels.at(m.sides[Buy].best).price()) {
		return damaged("market %d is crossed", command.ID)
	}
	return nil
}
