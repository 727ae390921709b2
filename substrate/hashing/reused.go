package hashing

import (
	"hash"

	"golang.org/x/crypto/blake2b"
)

// Blake2_64 returns the 8-byte BLAKE2b digest of data, by which a runtime's version
// names its APIs.
func Blake2_64(data []byte) (sum [8]byte) {
	digest, err := blake2b.New(len(sum), nil)
	if err != nil {
		panic("hashing: BLAKE2b refuses an 8-byte digest: " + err.Error())
	}
	digest.Write(data)
	digest.Sum(sum[:0])
	return sum
}

// Blake2_128Hasher makes Blake2_128 digests without allocating: for a runtime that
// needs one for nearly every storage key. One goroutine uses it.
type Blake2_128Hasher struct {
	digest hash.Hash
	sum    []byte
}

// NewBlake2_128Hasher makes a hasher.
func NewBlake2_128Hasher() *Blake2_128Hasher {
	digest, err := blake2b.New(16, nil)
	if err != nil {
		panic("hashing: BLAKE2b refuses a 16-byte digest: " + err.Error())
	}
	return &Blake2_128Hasher{digest: digest, sum: make([]byte, 0, 16)}
}

// Hash is what Blake2_128 returns for data.
func (h *Blake2_128Hasher) Hash(data []byte) [16]byte {
	h.digest.Reset()
	h.digest.Write(data)
	h.sum = h.digest.Sum(h.sum[:0])
	return [16]byte(h.sum)
}
