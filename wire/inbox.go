package wire

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Inbox commits to all messages so far and their order.
type Inbox struct {
	Count uint64
	Hash  Hash
}

// InboxCodec is the codec of Inbox.
var InboxCodec = scale.Struct("bitcloak_wire::Inbox", "All messages so far: how many, and their rolling hash.",
	scale.Field("count", scale.U64, func(v *Inbox) *uint64 { return &v.Count }),
	scale.Field("hash", scale.HashCodec, func(v *Inbox) *Hash { return &v.Hash }),
)

const inboxTag = "bitcloak/inbox/v1"

// Fold is the inbox after one more message, given SCALE(InboxMessage).
func (v Inbox) Fold(message []byte) Inbox { return v.FoldLeaf(hashing.Blake2_256(message)) }

// FoldLeaf is Fold for blake2_256(SCALE(InboxMessage)) computed elsewhere.
func (v Inbox) FoldLeaf(leaf Hash) Inbox {
	preimage := v.FoldPreimage(leaf)
	return Inbox{Count: v.Count + 1, Hash: hashing.Blake2_256(preimage[:])}
}

// FoldPreimage is what the next inbox hash is the BLAKE2b-256 of: for a runtime
// whose host hashes faster than it could itself.
func (v Inbox) FoldPreimage(leaf Hash) (preimage [len(inboxTag) + 64]byte) {
	at := copy(preimage[:], inboxTag)
	at += copy(preimage[at:], v.Hash[:])
	copy(preimage[at:], leaf[:])
	return preimage
}

// Kinds of InboxMessage.
const (
	MessageBlock uint8 = iota
	MessageEnvelope
	MessageDeposit
	MessageMarket
	MessageFees
)

// InboxMessage is one message of the chain to the contract; Kind says which of
// the other fields counts.
type InboxMessage struct {
	Kind     uint8
	Block    Block
	Envelope Envelope
	Deposit  Deposit
	Market   Market
	Fees     Fees
}

// Block is the first message of every checkpoint.
type Block struct {
	Number    uint32
	Parent    Hash
	Timestamp uint64 // ms since 1970
	Epoch     uint32
}

// Envelope carries sealed bytes of one of the classes of this package.
type Envelope struct {
	Sender AccountID // who paid for it: a relay or the trader
	Fee    uint64    // what it cost its sender, in base units of CLOAK
	Bytes  []byte
}

// Fees pays the fees of trading in an asset out of the ledger, at governance's word.
type Fees struct {
	Asset uint32
	To    AccountID
}

// Deposit moves an amount from custody's keeping into the ledger.
type Deposit struct {
	ID          uint64
	Depositor   AccountID
	Asset       uint32
	Amount      U128
	Beneficiary Beneficiary
}

// Kinds of Beneficiary.
const (
	BeneficiaryPlain uint8 = iota
	BeneficiarySealed
)

const (
	// SealedBeneficiarySize is the length of a sealed beneficiary: epoch,
	// encapsulated key, sealed account.
	SealedBeneficiarySize = 4 + EncapsulatedSize + 32 + SealOverhead
	// MaxSealedBeneficiary bounds one, in bytes, before its length is looked at.
	MaxSealedBeneficiary = 2048
)

// Beneficiary is who a deposit is for, in the open or sealed to the contract.
type Beneficiary struct {
	Kind    uint8
	Account AccountID // Plain
	Sealed  []byte    // Sealed
}

// PlainBeneficiary names account in the open.
func PlainBeneficiary(account AccountID) Beneficiary {
	return Beneficiary{Kind: BeneficiaryPlain, Account: account}
}

// SealedBeneficiary carries what wire/seal made.
func SealedBeneficiary(sealed []byte) Beneficiary {
	return Beneficiary{Kind: BeneficiarySealed, Sealed: sealed}
}

// BeneficiaryCodec is the codec of Beneficiary.
var BeneficiaryCodec = scale.Enum("bitcloak_wire::Beneficiary", func(v *Beneficiary) *uint8 { return &v.Kind },
	scale.Variant(BeneficiaryPlain, "Plain", "An account, for all to see.",
		scale.Field("", scale.AccountIDCodec, func(v *Beneficiary) *AccountID { return &v.Account })),
	scale.Variant(BeneficiarySealed, "Sealed", "An account sealed to the contract key.",
		scale.Field("", scale.Bytes(MaxSealedBeneficiary), func(v *Beneficiary) *[]byte { return &v.Sealed })),
)

// MaxBlockMessages bounds the inbox messages of one block.
const MaxBlockMessages = 1 << 16

// InboxMessageCodec and InboxMessagesCodec are the codecs of messages.
var (
	InboxMessageCodec = scale.Enum("bitcloak_wire::InboxMessage", func(v *InboxMessage) *uint8 { return &v.Kind },
		scale.Variant(MessageBlock, "Block", "Opens a checkpoint.",
			scale.Field("number", scale.U32, func(v *InboxMessage) *uint32 { return &v.Block.Number }),
			scale.Field("parent", scale.HashCodec, func(v *InboxMessage) *Hash { return &v.Block.Parent }),
			scale.Field("timestamp", scale.U64, func(v *InboxMessage) *uint64 { return &v.Block.Timestamp }),
			scale.Field("epoch", scale.U32, func(v *InboxMessage) *uint32 { return &v.Block.Epoch })),
		scale.Variant(MessageEnvelope, "Envelope", "Sealed bytes and who paid for them.",
			scale.Field("sender", scale.AccountIDCodec, func(v *InboxMessage) *AccountID { return &v.Envelope.Sender }),
			scale.Field("fee", scale.U64, func(v *InboxMessage) *uint64 { return &v.Envelope.Fee }),
			scale.Field("envelope", scale.Bytes(MaxEnvelopeSize), func(v *InboxMessage) *[]byte { return &v.Envelope.Bytes })),
		scale.Variant(MessageDeposit, "Deposit", "An amount taken into custody.",
			scale.Field("id", scale.U64, func(v *InboxMessage) *uint64 { return &v.Deposit.ID }),
			scale.Field("depositor", scale.AccountIDCodec, func(v *InboxMessage) *AccountID { return &v.Deposit.Depositor }),
			scale.Field("asset", scale.U32, func(v *InboxMessage) *uint32 { return &v.Deposit.Asset }),
			scale.Field("amount", scale.U128Codec, func(v *InboxMessage) *U128 { return &v.Deposit.Amount }),
			scale.Field("beneficiary", BeneficiaryCodec, func(v *InboxMessage) *Beneficiary { return &v.Deposit.Beneficiary })),
		scale.Variant(MessageMarket, "Market", "A market listed, changed or halted by governance.",
			scale.Field("", MarketCodec, func(v *InboxMessage) *Market { return &v.Market })),
		scale.Variant(MessageFees, "Fees", "Pays the fees of trading in an asset out of the ledger.",
			scale.Field("asset", scale.U32, func(v *InboxMessage) *uint32 { return &v.Fees.Asset }),
			scale.Field("to", scale.AccountIDCodec, func(v *InboxMessage) *AccountID { return &v.Fees.To })),
	)
	InboxMessagesCodec = scale.Vec(InboxMessageCodec, MaxBlockMessages)
)

// Checkpoint is a block with messages, numbered from 0; Inbox as it stands at the
// end of the block.
type Checkpoint struct {
	Index     uint64
	Number    uint32
	BlockHash Hash
	Inbox     Inbox
}

// CheckpointCodec is the codec of Checkpoint.
var CheckpointCodec = scale.Struct("bitcloak_wire::Checkpoint", "A block with messages to the contract.",
	scale.Field("index", scale.U64, func(v *Checkpoint) *uint64 { return &v.Index }),
	scale.Field("number", scale.U32, func(v *Checkpoint) *uint32 { return &v.Number }),
	scale.Field("block_hash", scale.HashCodec, func(v *Checkpoint) *Hash { return &v.BlockHash }),
	scale.Field("inbox", InboxCodec, func(v *Checkpoint) *Inbox { return &v.Inbox }),
)
