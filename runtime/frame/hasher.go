package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// Hasher is how a map's key becomes part of a storage key, numbered as metadata's
// StorageHasher. All of these keep the key itself readable.
type Hasher uint8

// Hashers.
const (
	HasherBlake2_128Concat Hasher = 2 // for keys that outsiders choose
	HasherTwox64Concat     Hasher = 5 // for keys that the chain chooses, such as counters
	HasherIdentity         Hasher = 6 // for keys that are hashes already
)

// size is how many bytes the hasher puts before the key.
func (h Hasher) size() int {
	switch h {
	case HasherBlake2_128Concat:
		return 16
	case HasherTwox64Concat:
		return 8
	default:
		return 0
	}
}

// Key is a map's key: its hasher and its codec.
type Key[K any] struct {
	hasher Hasher
	codec  scale.Codec[K]
}

// Blake2_128Concat is for keys that outsiders choose.
func Blake2_128Concat[K any](codec scale.Codec[K]) Key[K] {
	return Key[K]{hasher: HasherBlake2_128Concat, codec: codec}
}

// Twox64Concat is for keys that nobody outside can choose.
func Twox64Concat[K any](codec scale.Codec[K]) Key[K] {
	return Key[K]{hasher: HasherTwox64Concat, codec: codec}
}

// Identity is for keys that are hashes already.
func Identity[K any](codec scale.Codec[K]) Key[K] {
	return Key[K]{hasher: HasherIdentity, codec: codec}
}

// append adds the hashed key k to the context's scratch key.
func (k Key[K]) append(c *Context, key *K) {
	c.encoder.Reset()
	k.codec.Encode(&c.encoder, key)
	if err := c.encoder.Err(); err != nil {
		panic("frame: a storage key has no encoding: " + err.Error())
	}
	encoded := c.encoder.Encoded()
	switch k.hasher {
	case HasherBlake2_128Concat:
		hash := c.Host.Blake2_128(encoded)
		c.key = append(c.key, hash[:]...)
	case HasherTwox64Concat:
		hash := c.Host.Twox64(encoded)
		c.key = append(c.key, hash[:]...)
	}
	c.key = append(c.key, encoded...)
}

// read takes one hashed key off the decoder.
func (k Key[K]) read(d *scale.Decoder) (key K) {
	d.View(k.hasher.size())
	k.codec.Decode(d, &key)
	return key
}
