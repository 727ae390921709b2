package frame

import (
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Key is a map's key: its codec, and how it becomes part of a storage key. All
// hashers here keep the key itself readable.
type Key[K any] struct {
	hasher metadata.Hasher
	codec  scale.Codec[K]
}

// Blake2_128Concat is for keys that outsiders choose.
func Blake2_128Concat[K any](codec scale.Codec[K]) Key[K] {
	return Key[K]{hasher: metadata.Blake2_128Concat, codec: codec}
}

// Twox64Concat is for keys that nobody outside can choose.
func Twox64Concat[K any](codec scale.Codec[K]) Key[K] {
	return Key[K]{hasher: metadata.Twox64Concat, codec: codec}
}

// Identity is for keys that are hashes already.
func Identity[K any](codec scale.Codec[K]) Key[K] {
	return Key[K]{hasher: metadata.Identity, codec: codec}
}

func (k Key[K]) describe() metadata.Key { return metadata.Key{Hasher: k.hasher, Type: k.codec.Type} }

// hashSize is how many bytes the hasher puts before the key.
func (k Key[K]) hashSize() int {
	switch k.hasher {
	case metadata.Blake2_128Concat:
		return 16
	case metadata.Twox64Concat:
		return 8
	default:
		return 0
	}
}

// encode gives the encoded key, in the context's scratch memory.
func (k Key[K]) encode(c *Context, key *K) []byte {
	c.encoder.Reset()
	k.codec.Encode(&c.encoder, key)
	if err := c.encoder.Err(); err != nil {
		panic("frame: a storage key has no encoding: " + err.Error())
	}
	return c.encoder.Encoded()
}

// append adds an encoded key and its hash to the context's scratch key.
func (k Key[K]) append(c *Context, encoded []byte) {
	switch k.hasher {
	case metadata.Blake2_128Concat:
		hash := c.Host.Blake2_128(encoded)
		c.key = append(c.key, hash[:]...)
	case metadata.Twox64Concat:
		hash := c.Host.Twox64(encoded)
		c.key = append(c.key, hash[:]...)
	}
	c.key = append(c.key, encoded...)
}

// read takes one hashed key off the decoder.
func (k Key[K]) read(d *scale.Decoder) (key K) {
	d.View(k.hashSize())
	k.codec.Decode(d, &key)
	return key
}
