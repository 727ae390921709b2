package seal

import (
	"crypto/hpke"
	"crypto/subtle"

	"golang.org/x/crypto/blake2b"

	"github.com/bitcloak/bitcloak/wire"
)

const queryTag = "bitcloak/query/v1"

// exporter is either end of an HPKE context.
type exporter interface {
	Export(context string, length int) ([]byte, error)
}

// queryMAC is BLAKE2b-256 keyed with the session's query key over enc || SCALE(Query).
func queryMAC(key *[KeySize]byte, encapsulated []byte, query *wire.Query) (mac [32]byte, err error) {
	encoded, err := wire.QueryCodec.TryMarshal(*query)
	if err != nil {
		return mac, err
	}
	hash, err := blake2b.New256(key[:])
	if err != nil {
		return mac, err
	}
	hash.Write(encapsulated)
	hash.Write(encoded)
	hash.Sum(mac[:0])
	return mac, nil
}

// Query seals a question of the session's owner: the request to send, and what
// opens the answers to it.
func (p *PublicKey) Query(account wire.AccountID, queryKey [KeySize]byte, query *wire.Query) (request []byte, answers *AnswerOpener, err error) {
	defer clear(queryKey[:])
	encapsulated, sender, err := hpke.NewSender(p.key, suiteKDF(), suiteAEAD(), context(queryTag, p.instance, p.epoch))
	if err != nil {
		return nil, nil, err
	}
	mac, err := queryMAC(&queryKey, encapsulated, query)
	if err != nil {
		return nil, nil, err
	}
	var plaintext [wire.QueryPlaintextSize]byte
	if err := wire.EncodeQueryRequest(&plaintext, &wire.QueryRequest{Account: account, MAC: mac, Query: *query}); err != nil {
		return nil, nil, err
	}
	ciphertext, err := sender.Seal(nil, plaintext[:])
	if err != nil {
		return nil, nil, err
	}
	channel, err := newChannel(sender)
	if err != nil {
		return nil, nil, err
	}
	request = appendU32(make([]byte, 0, wire.QueryRequestSize), p.epoch)
	request = append(append(request, encapsulated...), ciphertext...)
	return request, &AnswerOpener{channel: channel, instance: p.instance, request: requestHash(request)}, nil
}

// Question is an opened request at the contract's end.
type Question struct {
	wire.QueryRequest
	channel
	encapsulated []byte
	hash         wire.Hash
}

// Query opens a request. Whether the asking account has the session it claims is
// for Question.Authentic to say.
func (k *Keyring) Query(request []byte) (*Question, error) {
	if len(request) != wire.QueryRequestSize {
		return nil, ErrSealed
	}
	epoch := uint32(request[0]) | uint32(request[1])<<8 | uint32(request[2])<<16 | uint32(request[3])<<24
	encapsulated := request[4 : 4+wire.EncapsulatedSize]
	recipient, err := k.recipient(epoch, encapsulated, context(queryTag, k.instance, epoch))
	if err != nil {
		return nil, err
	}
	plaintext, err := recipient.Open(nil, request[4+wire.EncapsulatedSize:])
	if err != nil {
		return nil, ErrSealed
	}
	decoded, err := wire.DecodeQueryRequest(plaintext)
	if err != nil {
		return nil, err
	}
	channel, err := newChannel(recipient)
	if err != nil {
		return nil, err
	}
	encapsulated = append([]byte(nil), encapsulated...)
	return &Question{QueryRequest: decoded, channel: channel, encapsulated: encapsulated, hash: requestHash(request)}, nil
}

// Hash is blake2_256 of the request, which the answer names.
func (q *Question) Hash() wire.Hash { return q.hash }

// Authentic tells, in constant time, whether the owner of the session with that
// query key asks.
func (q *Question) Authentic(queryKey [KeySize]byte) bool {
	defer clear(queryKey[:])
	mac, err := queryMAC(&queryKey, q.encapsulated, &q.Query)
	return err == nil && subtle.ConstantTimeCompare(mac[:], q.MAC[:]) == 1
}

func requestHash(request []byte) wire.Hash { return blake2b.Sum256(request) }
