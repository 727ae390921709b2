package store

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Kinds of records, by the first byte of their key.
const (
	kindRecord     = 'n' // hash -> count, and trie node or detached value; see merge.go
	kindHash       = 'h' // number, big endian -> hash of the block
	kindBlock      = 'H' // hash -> blockRecord
	kindBody       = 'b' // hash -> SCALE Vec<Bytes>
	kindHeight     = 'c' // CometBFT height, big endian -> number of the block it made
	kindJournal    = 'j' // number, big endian -> hashes removed by the block
	kindCheckpoint = 'x' // index, big endian -> checkpointRecord
	kindMeta       = 'm'
)

var (
	keyHead      = []byte{kindMeta, 'h'}
	keyGenesis   = []byte{kindMeta, 'g'}
	keyFormat    = []byte{kindMeta, 'f'}
	keyOrigin    = []byte{kindMeta, 'o'} // where state sync began; absent: at genesis
	keyRestoring = []byte{kindMeta, 'r'} // there while a state is being brought in
)

func hashKey(kind byte, hash scale.Hash) []byte {
	key := make([]byte, 1, 1+len(hash))
	key[0] = kind
	return append(key, hash[:]...)
}

func numberKey(kind byte, number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{kind}, number)
}

func indexKey(kind byte, index uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{kind}, index)
}
