package engine

import (
	"encoding/binary"
	"io"
)

// A snapshot starts with snapshotMagic and the version of the encoding, and ends with the state hash.
const (
	snapshotMagic   = "bitcloak engine\n"
	snapshotVersion = 1
	snapshotBuffer  = 64 << 10 // bytes written at a time
)

// Snapshot writes the whole state in its one canonical encoding: equal states give equal bytes.
func (e *Engine) Snapshot(to io.Writer) error {
	w := snapshotWriter{to: to, buffer: make([]byte, 0, snapshotBuffer+orderBytes+levelBytes)}
	w.buffer = append(w.buffer, snapshotMagic...)
	w.buffer = binary.LittleEndian.AppendUint16(w.buffer, snapshotVersion)
	h := e.header()
	w.buffer = h.appendTo(w.buffer)
	for i := range e.markets {
		if m := &e.markets[i]; m.listed {
			w.buffer = m.appendTo(w.buffer)
			e.writeSide(&w, &m.sides[Buy])
			e.writeSide(&w, &m.sides[Sell])
		}
	}
	hash := e.StateHash()
	w.buffer = append(w.buffer, hash[:]...)
	w.flush(0)
	return w.err
}

// writeSide writes the levels of a side, best first, each with its orders in their priority.
func (e *Engine) writeSide(w *snapshotWriter, side *ladder) {
	for at := side.best; at != 0; at = e.ladders.after(at) {
		l := e.ladders.levels.at(at)
		w.buffer = l.appendTo(w.buffer)
		for position := l.head; position != 0; position = e.orders.at(position).next {
			w.buffer = e.appendOrder(w.buffer, position)
			w.flush(snapshotBuffer)
		}
	}
}

// snapshotWriter keeps the first error; after it nothing more is written.
type snapshotWriter struct {
	to     io.Writer
	buffer []byte
	err    error
}

func (w *snapshotWriter) flush(atLeast int) {
	if len(w.buffer) < atLeast {
		return
	}
	if w.err == nil {
		_, w.err = w.to.Write(w.buffer)
	}
	w.buffer = w.buffer[:0]
}
