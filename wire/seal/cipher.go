package seal

import (
	"crypto/cipher"
	"hash"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/wire"
)

const (
	commandTag     = "bitcloak/command/v1"
	additionalSize = len(commandTag) + wire.InstanceSize + 1 + wire.TagSize
)

// CommandCipher seals and opens the commands of one session in one epoch. It
// keeps the expanded keys, so that opening a command allocates nothing. Open may
// be called concurrently; Tag and Seal may not.
type CommandCipher struct {
	aead   cipher.AEAD
	tags   hash.Hash // BLAKE2b-128 keyed with the tag key
	prefix [len(commandTag) + wire.InstanceSize]byte
	input  [3 + 8]byte // "tag" || sequence
	output wire.Tag
}

// NewCommandCipher expands the root key of a session in an epoch.
func NewCommandCipher(root [KeySize]byte, instance wire.Instance) *CommandCipher {
	defer clear(root[:])
	command, tag := expand(&root, []byte("command")), expand(&root, []byte("tag"))
	defer clear(command[:])
	defer clear(tag[:])
	aead, err := chacha20poly1305.New(command[:])
	if err != nil {
		panic("seal: ChaCha20-Poly1305 refuses a 32-byte key: " + err.Error())
	}
	tags, err := blake2b.New(wire.TagSize, tag[:])
	if err != nil {
		panic("seal: BLAKE2b refuses a 32-byte key: " + err.Error())
	}
	c := &CommandCipher{aead: aead, tags: tags}
	instance.Append(append(c.prefix[:0], commandTag...))
	copy(c.input[:], "tag")
	return c
}

// Tag is the tag of a sequence number.
func (c *CommandCipher) Tag(sequence uint64) wire.Tag {
	appendU64(c.input[:3], sequence)
	c.tags.Reset()
	c.tags.Write(c.input[:])
	c.tags.Sum(c.output[:0])
	return c.output
}

// ScratchSize is the size in bytes of the memory that Open works in: nonce,
// additional data, plaintext.
const ScratchSize = chacha20poly1305.NonceSize + additionalSize + wire.CommandPlaintextSize

// Open opens a command envelope of that sequence number. The plaintext lies in
// scratch, which has at least ScratchSize bytes; ok is false for bytes that the
// session's owner did not seal.
func (c *CommandCipher) Open(scratch []byte, sequence uint64, envelope []byte) (plaintext []byte, ok bool) {
	if len(envelope) != wire.CommandEnvelopeSize || envelope[0] != wire.ClassCommand {
		return nil, false
	}
	nonce, additional, rest := c.prepare(scratch, sequence, envelope)
	plaintext, err := c.aead.Open(rest, nonce, envelope[1+wire.TagSize:], additional)
	return plaintext, err == nil
}

// Seal makes a command envelope.
func (c *CommandCipher) Seal(sequence uint64, command *wire.Command) ([]byte, error) {
	var plaintext [wire.CommandPlaintextSize]byte
	defer clear(plaintext[:])
	if err := wire.EncodeCommand(&plaintext, sequence, command); err != nil {
		return nil, err
	}
	tag := c.Tag(sequence)
	envelope := append(make([]byte, 0, wire.CommandEnvelopeSize), wire.ClassCommand)
	envelope = append(envelope, tag[:]...)
	nonce, additional, _ := c.prepare(make([]byte, ScratchSize), sequence, envelope)
	return c.aead.Seal(envelope, nonce, plaintext[:], additional), nil
}

// prepare lays nonce and additional data out in scratch; rest is what follows.
func (c *CommandCipher) prepare(scratch []byte, sequence uint64, envelope []byte) (nonce, additional, rest []byte) {
	const nonceSize = chacha20poly1305.NonceSize
	nonce = appendU32(appendU64(scratch[:0], sequence), 0)
	additional = append(scratch[nonceSize:nonceSize], c.prefix[:]...)
	additional = append(additional, envelope[:1+wire.TagSize]...)
	end := nonceSize + additionalSize
	return nonce[:nonceSize:nonceSize], additional[:additionalSize:additionalSize], scratch[end:end]
}
