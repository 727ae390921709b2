package hashing

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/crypto/blake2b"
)

// inlineSize is how many bytes several parts may have together to be joined on
// the stack instead of the heap. Storage keys, headers and trie branches fit.
const inlineSize = 640

// Blake2_256 returns the 32-byte BLAKE2b digest of the parts, one after another.
func Blake2_256(parts ...[]byte) [32]byte {
	if len(parts) == 1 {
		return blake2b.Sum256(parts[0])
	}
	var inline [inlineSize]byte
	return blake2b.Sum256(join(inline[:0], parts))
}

// Blake2_128 returns the 16-byte BLAKE2b digest of the parts, one after another.
// It is a hash of its own, not the first half of Blake2_256.
func Blake2_128(parts ...[]byte) [16]byte {
	digest, err := blake2b.New(16, nil)
	if err != nil {
		panic("hashing: BLAKE2b refuses a 16-byte digest: " + err.Error())
	}
	for _, part := range parts {
		digest.Write(part)
	}
	var sum [16]byte
	digest.Sum(sum[:0])
	return sum
}

// Twox64 returns XXH64 of data with seed 0.
func Twox64(data []byte) [8]byte {
	var sum [8]byte
	twox(sum[:], data)
	return sum
}

// Twox128 returns XXH64 of data with the seeds 0 and 1.
func Twox128(data []byte) [16]byte {
	var sum [16]byte
	twox(sum[:], data)
	return sum
}

// Twox256 returns XXH64 of data with the seeds 0 to 3.
func Twox256(data []byte) [32]byte {
	var sum [32]byte
	twox(sum[:], data)
	return sum
}

// twox fills sum, eight bytes a seed.
func twox(sum, data []byte) {
	var digest xxhash.Digest
	for seed := 0; seed*8 < len(sum); seed++ {
		digest.ResetWithSeed(uint64(seed))
		digest.Write(data)
		binary.LittleEndian.PutUint64(sum[seed*8:], digest.Sum64())
	}
}

func join(dst []byte, parts [][]byte) []byte {
	for _, part := range parts {
		dst = append(dst, part...)
	}
	return dst
}
