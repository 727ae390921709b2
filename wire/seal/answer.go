package seal

import (
	"crypto/rand"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/wire"
)

// ErrAnswer says that an answer is not one to the request.
var ErrAnswer = errors.New("seal: the answer names another request or network: ask again, through another endpoint")

// channel is what both ends export from a request's HPKE context.
type channel struct {
	answer, stream [KeySize]byte
}

func newChannel(from exporter) (c channel, err error) {
	answer, err := from.Export("bitcloak/answer", KeySize)
	if err != nil {
		return c, err
	}
	stream, err := from.Export("bitcloak/stream", KeySize)
	if err != nil {
		return c, err
	}
	copy(c.answer[:], answer)
	copy(c.stream[:], stream)
	clear(answer)
	clear(stream)
	return c, nil
}

// sealSalted is salt || ciphertext. The same request may come twice, sent again
// by whoever saw it, and be answered from another state: the salt keeps the
// two answers from sharing a key (as in RFC 9458, section 4.4).
func sealSalted(secret *[KeySize]byte, info string, number uint64, plaintext []byte) []byte {
	sealed := make([]byte, wire.SaltSize, wire.SaltSize+len(plaintext)+wire.SealOverhead)
	rand.Read(sealed)
	key := expandSalted(secret[:], sealed, []byte(info))
	defer clear(key[:])
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		panic("seal: ChaCha20-Poly1305 refuses a 32-byte key: " + err.Error())
	}
	return aead.Seal(sealed, nonceOf(number), plaintext, nil)
}

func openSalted(secret *[KeySize]byte, info string, number uint64, sealed []byte) ([]byte, error) {
	if len(sealed) < wire.SaltSize+wire.SealOverhead {
		return nil, ErrSealed
	}
	key := expandSalted(secret[:], sealed[:wire.SaltSize], []byte(info))
	defer clear(key[:])
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		panic("seal: ChaCha20-Poly1305 refuses a 32-byte key: " + err.Error())
	}
	plaintext, err := aead.Open(nil, nonceOf(number), sealed[wire.SaltSize:], nil)
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}

// nonceOf is number as 12 bytes, little-endian.
func nonceOf(number uint64) []byte { return appendU32(appendU64(make([]byte, 0, 12), number), 0) }

// SealAnswer seals an answer in the smallest class that takes it.
func (q *Question) SealAnswer(answer *wire.Answer) ([]byte, error) {
	encoded, err := wire.AnswerCodec.TryMarshal(*answer)
	if err != nil {
		return nil, err
	}
	for _, size := range wire.AnswerSizes {
		if padded, fits := wire.Pad(encoded, size-wire.SaltSize-wire.SealOverhead); fits {
			return sealSalted(&q.channel.answer, "answer", 0, padded), nil
		}
	}
	return nil, ErrTooLarge
}

// SealFrame seals frame number of the stream that the request started, from 0.
func (q *Question) SealFrame(number uint64, frame *wire.Frame) ([]byte, error) {
	encoded, err := wire.FrameCodec.TryMarshal(*frame)
	if err != nil {
		return nil, err
	}
	padded, fits := wire.Pad(encoded, wire.FramePlaintextSize)
	if !fits {
		return nil, ErrTooLarge
	}
	return sealSalted(&q.channel.stream, "frame", number, padded), nil
}

// AnswerOpener opens what comes back for a request.
type AnswerOpener struct {
	channel
	instance wire.Instance
	request  wire.Hash
}

// OpenAnswer opens an answer and checks that it is one to the request. Whose
// signature it carries, and whether its root is final, is for the wallet to check.
func (a *AnswerOpener) OpenAnswer(sealed []byte) (answer wire.Answer, err error) {
	if len(sealed) > wire.AnswerSizes[len(wire.AnswerSizes)-1] {
		return answer, ErrSealed
	}
	padded, err := openSalted(&a.channel.answer, "answer", 0, sealed)
	if err != nil {
		return answer, err
	}
	encoded, err := wire.Unpad(padded)
	if err != nil {
		return answer, err
	}
	if answer, err = wire.AnswerCodec.Unmarshal(encoded); err != nil {
		return answer, err
	}
	if answer.Instance != a.instance || answer.Request != a.request {
		return wire.Answer{}, ErrAnswer
	}
	return answer, nil
}

// OpenFrame opens frame number of the stream, from 0.
func (a *AnswerOpener) OpenFrame(number uint64, sealed []byte) (frame wire.Frame, err error) {
	if len(sealed) != wire.FrameSize {
		return frame, ErrSealed
	}
	padded, err := openSalted(&a.channel.stream, "frame", number, sealed)
	if err != nil {
		return frame, err
	}
	encoded, err := wire.Unpad(padded)
	if err != nil {
		return frame, err
	}
	return wire.FrameCodec.Unmarshal(encoded)
}
