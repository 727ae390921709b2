package store

import (
	"encoding/binary"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Get returns a state record, or trie.ErrNotFound: the store is the tries' NodeStore, and they check the hash.
func (s *Store) Get(hash scale.Hash) ([]byte, error) { return recordFrom(s.db, hash) }

func recordFrom(database pebble.Reader, hash scale.Hash) ([]byte, error) {
	value, err := readFrom(database, hashKey(kindRecord, hash))
	if errors.Is(err, ErrNotFound) {
		return nil, trie.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	count, data, err := splitRecord(value)
	if err == nil && count <= 0 {
		err = damaged("state record %v is counted %d times", hash, count)
	}
	return data, err
}

// HashAt is the hash of block number.
func (s *Store) HashAt(number uint32) (scale.Hash, error) {
	value, err := s.read(numberKey(kindHash, number))
	if origin := s.Origin(); errors.Is(err, ErrNotFound) && number < origin.Number {
		return scale.Hash{}, beforeOrigin("block %d; the first is %d", number, origin.Number)
	}
	if err != nil {
		return scale.Hash{}, err
	}
	if len(value) != len(scale.Hash{}) {
		return scale.Hash{}, damaged("hash of block %d", number)
	}
	return scale.Hash(value), nil
}

// NumberMadeAt is the number of the block that CometBFT height made; ErrNotFound if it made none.
func (s *Store) NumberMadeAt(height uint64) (uint32, error) {
	value, err := s.read(indexKey(kindHeight, height))
	if err != nil {
		return 0, err
	}
	if len(value) != 4 {
		return 0, damaged("number of the block of height %d", height)
	}
	return binary.BigEndian.Uint32(value), nil
}

// EncodedHeader is the header of a block as it hashes.
func (s *Store) EncodedHeader(hash scale.Hash) ([]byte, error) {
	record, err := s.block(hash)
	return record.Header, err
}

// Header is the header of a block.
func (s *Store) Header(hash scale.Hash) (header.Header, error) {
	record, err := s.block(hash)
	if err != nil {
		return header.Header{}, err
	}
	decoded, err := header.Codec.Unmarshal(record.Header)
	if err != nil {
		return header.Header{}, damaged("header of block %v: %v", hash, err)
	}
	return decoded, nil
}

// block reads the block's record and checks its header against the hash.
func (s *Store) block(hash scale.Hash) (blockRecord, error) { return blockFrom(s.db, hash) }

func blockFrom(database pebble.Reader, hash scale.Hash) (blockRecord, error) {
	value, err := readFrom(database, hashKey(kindBlock, hash))
	if err != nil {
		return blockRecord{}, err
	}
	record, err := blockCodec.Unmarshal(value)
	if err != nil || scale.Hash(hashing.Blake2_256(record.Header)) != hash {
		return blockRecord{}, damaged("header of block %v", hash)
	}
	return record, nil
}

// Body is the block's extrinsics.
func (s *Store) Body(hash scale.Hash) ([][]byte, error) {
	record, err := s.block(hash)
	if err != nil {
		return nil, err
	}
	value, err := s.read(hashKey(kindBody, hash))
	if errors.Is(err, ErrNotFound) && record.BodyHash == (scale.Hash{}) {
		return nil, beforeOrigin("the body of block %v", hash)
	}
	if errors.Is(err, ErrNotFound) {
		return nil, damaged("body of block %v is missing", hash)
	}
	if err != nil {
		return nil, err
	}
	if scale.Hash(hashing.Blake2_256(value)) != record.BodyHash {
		return nil, damaged("body of block %v", hash)
	}
	body, err := bodyCodec.Unmarshal(value)
	if err != nil {
		return nil, damaged("body of block %v: %v", hash, err)
	}
	return body, nil
}

// HasState reports whether the state after block number is kept.
func (s *Store) HasState(number uint32) bool {
	head, ok := s.Head()
	return ok && (number == 0 || number >= head.OldestState && number <= head.Number)
}

// Checkpoints are up to limit checkpoints from index on; messages beyond maxBytes in all end the page early, but the
// first checkpoint is always given whole.
func (s *Store) Checkpoints(from uint64, limit, maxBytes int) ([]Checkpoint, error) {
	if origin := s.Origin(); from < origin.Checkpoint {
		return nil, beforeOrigin("checkpoint %d; the first is %d", from, origin.Checkpoint)
	}
	iterator, err := s.db.NewIter(&pebble.IterOptions{
		LowerBound: indexKey(kindCheckpoint, from), UpperBound: []byte{kindCheckpoint + 1}})
	if err != nil {
		return nil, err
	}
	defer iterator.Close()
	var out []Checkpoint
	size := 0
	for ok := iterator.First(); ok && len(out) < limit; ok = iterator.Next() {
		value, err := iterator.ValueAndErr()
		if err != nil {
			return nil, err
		}
		if size += len(value); size > maxBytes && len(out) > 0 {
			break
		}
		checkpoint, err := decodeCheckpoint(value)
		if err != nil {
			return nil, err
		}
		if want := from + uint64(len(out)); checkpoint.Index != want {
			return nil, damaged("checkpoint %d is missing", want)
		}
		out = append(out, checkpoint)
	}
	return out, iterator.Error()
}

// decodeCheckpoint reads a record of the encoded checkpoint and its hash.
func decodeCheckpoint(value []byte) (Checkpoint, error) {
	cut := len(value) - len(scale.Hash{})
	if cut < 0 || scale.Hash(hashing.Blake2_256(value[:cut])) != scale.Hash(value[cut:]) {
		return Checkpoint{}, damaged("a checkpoint's messages")
	}
	checkpoint, err := checkpointCodec.Unmarshal(value[:cut])
	if err != nil {
		return Checkpoint{}, damaged("a checkpoint's messages: %v", err)
	}
	return checkpoint, nil
}
