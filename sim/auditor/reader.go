package auditor

import (
	"encoding/binary"
	"errors"
	"math/big"
)

var errShort = errors.New("auditor: bytes end early")

// reader reads SCALE from the front of bytes. The first error sticks.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.rest) {
		r.err = errShort
		return make([]byte, max(0, min(n, 64)))
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) u8() byte        { return r.take(1)[0] }
func (r *reader) u32() uint32     { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64     { return binary.LittleEndian.Uint64(r.take(8)) }
func (r *reader) hash() [32]byte  { return [32]byte(r.take(32)) }
func (r *reader) u128() *big.Int  { return little(r.take(16)) }
func (r *reader) bytes() []byte   { return r.take(r.length()) }
func (r *reader) option() bool    { return r.u8() == 1 }
func (r *reader) compact() uint64 { v := r.compactBig(); return v.Uint64() }

// length is a compact number that counts what follows.
func (r *reader) length() int {
	n := r.compact()
	if n > uint64(len(r.rest)) {
		r.err = errShort
		return 0
	}
	return int(n)
}

func (r *reader) compactBig() *big.Int {
	first := r.u8()
	switch first & 3 {
	case 0:
		return big.NewInt(int64(first >> 2))
	case 1:
		return big.NewInt(int64((uint32(first) | uint32(r.u8())<<8) >> 2))
	case 2:
		rest := r.take(3)
		return big.NewInt(int64((uint32(first) | uint32(rest[0])<<8 | uint32(rest[1])<<16 | uint32(rest[2])<<24) >> 2))
	default:
		return little(r.take(int(first>>2) + 4))
	}
}

// little is a number of little-endian bytes.
func little(b []byte) *big.Int {
	reversed := make([]byte, len(b))
	for i := range b {
		reversed[len(b)-1-i] = b[i]
	}
	return new(big.Int).SetBytes(reversed)
}
