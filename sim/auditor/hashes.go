package auditor

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/crypto/blake2b"
)

func blake(parts ...[]byte) [32]byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return blake2b.Sum256(all)
}

// prefix is where a storage item's entries lie: twox128 of the pallet's name and of its own.
func prefix(pallet, item string) string { return twox128(pallet) + twox128(item) }

func twox128(text string) string {
	var out []byte
	for seed := range uint64(2) {
		out = binary.LittleEndian.AppendUint64(out, xx64([]byte(text), seed))
	}
	return string(out)
}

const (
	prime1 uint64 = 0x9E3779B185EBCA87
	prime2 uint64 = 0xC2B2AE3D27D4EB4F
	prime3 uint64 = 0x165667B19E3779F9
	prime4 uint64 = 0x85EBCA77C2B2AE63
	prime5 uint64 = 0x27D4EB2F165667C5
)

// xx64 is XXH64 of short texts (the xxHash specification, version 0.1.1).
func xx64(b []byte, seed uint64) uint64 {
	total := uint64(len(b))
	h := seed + prime5
	if len(b) >= 32 {
		lanes := [4]uint64{seed + prime1 + prime2, seed + prime2, seed, seed - prime1}
		for ; len(b) >= 32; b = b[32:] {
			for i := range lanes {
				lanes[i] = round(lanes[i], binary.LittleEndian.Uint64(b[8*i:]))
			}
		}
		h = bits.RotateLeft64(lanes[0], 1) + bits.RotateLeft64(lanes[1], 7) + bits.RotateLeft64(lanes[2], 12) + bits.RotateLeft64(lanes[3], 18)
		for _, lane := range lanes {
			h = (h^round(0, lane))*prime1 + prime4
		}
	}
	h += total
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^round(0, binary.LittleEndian.Uint64(b)), 27)*prime1 + prime4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*prime1, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	h ^= h >> 33
	h *= prime2
	h ^= h >> 29
	h *= prime3
	return h ^ h>>32
}

func round(lane, input uint64) uint64 { return bits.RotateLeft64(lane+input*prime2, 31) * prime1 }
