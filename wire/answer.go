package wire

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// AnswerBody answers a Query; Kind is the query's, or AnswerRefused.
type AnswerBody struct {
	Kind         uint8
	Balances     []LeafProof // Balances
	NextSequence uint64      // Balances: of the session, for its next command
	ExpiresAt    uint64      // Balances: of the session, ms
	Orders       []OpenOrder
	Fills        []Fill
	Entries      []HistoryEntry
	More         bool // of every page: ask again after the last element
	Fill         Fill // Receipt
	Base, Quote  LeafProof
	Reason       string // Refused
}

var answerMore = scale.Field("more", scale.Bool, func(v *AnswerBody) *bool { return &v.More })

// AnswerBodyCodec is the codec of AnswerBody.
var AnswerBodyCodec = scale.Enum("bitcloak_wire::AnswerBody", func(v *AnswerBody) *uint8 { return &v.Kind },
	scale.Variant(QueryBalances, "Balances", "",
		scale.Field("balances", scale.Vec(LeafProofCodec, MaxBalancesPage), func(v *AnswerBody) *[]LeafProof { return &v.Balances }),
		answerMore,
		scale.Field("next_sequence", scale.U64, func(v *AnswerBody) *uint64 { return &v.NextSequence }),
		scale.Field("expires_at", scale.U64, func(v *AnswerBody) *uint64 { return &v.ExpiresAt })),
	scale.Variant(QueryOrders, "Orders", "",
		scale.Field("orders", scale.Vec(OpenOrderCodec, MaxPage), func(v *AnswerBody) *[]OpenOrder { return &v.Orders }), answerMore),
	scale.Variant(QueryFills, "Fills", "",
		scale.Field("fills", scale.Vec(FillCodec, MaxPage), func(v *AnswerBody) *[]Fill { return &v.Fills }), answerMore),
	scale.Variant(QueryHistory, "History", "",
		scale.Field("entries", scale.Vec(HistoryEntryCodec, MaxPage), func(v *AnswerBody) *[]HistoryEntry { return &v.Entries }), answerMore),
	scale.Variant(QueryReceipt, "Receipt", "",
		scale.Field("fill", FillCodec, func(v *AnswerBody) *Fill { return &v.Fill }),
		scale.Field("base", LeafProofCodec, func(v *AnswerBody) *LeafProof { return &v.Base }),
		scale.Field("quote", LeafProofCodec, func(v *AnswerBody) *LeafProof { return &v.Quote })),
	scale.Variant(AnswerRefused, "Refused", "",
		scale.Field("reason", scale.Str(MaxRefusal), func(v *AnswerBody) *string { return &v.Reason })),
)

// AnswerStatement is what a worker signs in an answer.
type AnswerStatement struct {
	Instance   Instance
	Request    Hash // blake2_256 of the request's bytes
	Checkpoint uint64
	Number     uint32
	BlockHash  Hash
	StateRoot  Hash
	Body       AnswerBody
}

// AnswerStatementCodec is the codec of AnswerStatement.
var AnswerStatementCodec = scale.Struct("bitcloak_wire::AnswerStatement", "What a worker says about an account.",
	scale.Field("instance", InstanceCodec, func(v *AnswerStatement) *Instance { return &v.Instance }),
	scale.Field("request", scale.HashCodec, func(v *AnswerStatement) *Hash { return &v.Request }),
	scale.Field("checkpoint", scale.U64, func(v *AnswerStatement) *uint64 { return &v.Checkpoint }),
	scale.Field("number", scale.U32, func(v *AnswerStatement) *uint32 { return &v.Number }),
	scale.Field("block_hash", scale.HashCodec, func(v *AnswerStatement) *Hash { return &v.BlockHash }),
	scale.Field("state_root", scale.HashCodec, func(v *AnswerStatement) *Hash { return &v.StateRoot }),
	scale.Field("body", AnswerBodyCodec, func(v *AnswerStatement) *AnswerBody { return &v.Body }),
)

// Digest is what the worker signs with ed25519.
func (v *AnswerStatement) Digest() Hash {
	return tagged("bitcloak/answer/v1", AnswerStatementCodec.Marshal(*v))
}

// Answer is a statement and the worker's signature; it encodes as one flat struct.
type Answer struct {
	AnswerStatement
	Worker    [32]byte
	Signature [64]byte
}

// AnswerCodec is the codec of Answer.
var AnswerCodec = scale.Struct("bitcloak_wire::Answer", "A worker's signed answer.",
	scale.Field("statement", AnswerStatementCodec, func(v *Answer) *AnswerStatement { return &v.AnswerStatement }),
	scale.Field("worker", scale.Bytes32, func(v *Answer) *[32]byte { return &v.Worker }),
	scale.Field("signature", scale.Bytes64, func(v *Answer) *[64]byte { return &v.Signature }),
)

// Sizes of stream frames in bytes: sealed, and the plaintext inside.
const (
	FrameSize          = 1024
	FramePlaintextSize = FrameSize - SaltSize - SealOverhead
	MaxFrameFills      = 6
)

// Frame is what every subscriber receives at each commit, filled or not.
type Frame struct {
	Checkpoint uint64
	Number     uint32
	BlockHash  Hash
	StateRoot  Hash
	Timestamp  uint64 // ms since 1970
	Changed    bool   // something happened to the account; its pages tell what
	Fills      []Fill
	More       bool // fills beyond MaxFrameFills
}

// FrameCodec is the codec of Frame.
var FrameCodec = scale.Struct("bitcloak_wire::Frame", "One commit, as a subscriber sees it.",
	scale.Field("checkpoint", scale.U64, func(v *Frame) *uint64 { return &v.Checkpoint }),
	scale.Field("number", scale.U32, func(v *Frame) *uint32 { return &v.Number }),
	scale.Field("block_hash", scale.HashCodec, func(v *Frame) *Hash { return &v.BlockHash }),
	scale.Field("state_root", scale.HashCodec, func(v *Frame) *Hash { return &v.StateRoot }),
	scale.Field("timestamp", scale.U64, func(v *Frame) *uint64 { return &v.Timestamp }),
	scale.Field("changed", scale.Bool, func(v *Frame) *bool { return &v.Changed }),
	scale.Field("fills", scale.Vec(FillCodec, MaxFrameFills), func(v *Frame) *[]Fill { return &v.Fills }),
	scale.Field("more", scale.Bool, func(v *Frame) *bool { return &v.More }),
)

// ErrPaddedLength says that a padded message's length prefix does not fit it.
var ErrPaddedLength = errors.New("padded message refused: its length prefix exceeds it")

// Pad is length u32 || content || zeros, size bytes in all; ok is false if
// content does not fit.
func Pad(content []byte, size int) (padded []byte, ok bool) {
	if len(content)+4 > size {
		return nil, false
	}
	padded = appendU32(make([]byte, 0, size), uint32(len(content)))
	return append(padded, content...)[:size], true
}

// Unpad is the content of what Pad made.
func Unpad(padded []byte) (content []byte, err error) {
	d := scale.NewDecoder(padded)
	length := d.U32()
	if d.Err() == nil && uint64(length) > uint64(d.Remaining()) {
		d.Fail(ErrPaddedLength)
	}
	content = d.View(int(length))
	if err := finishPadded(d, len(padded)); err != nil {
		return nil, err
	}
	return content, nil
}
