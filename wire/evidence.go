package wire

import "github.com/bitcloak/bitcloak/substrate/scale"

// EvidenceSimulated is the kind of a Quote that anyone can make: development
// networks alone accept it.
const EvidenceSimulated uint8 = 0

// MaxEvidence bounds the bytes of an evidence: 16 KiB.
const MaxEvidence = 16 << 10

// Evidence proves that report data come from a measured program in a TEE.
type Evidence struct {
	Kind  uint8
	Bytes []byte
}

// EvidenceCodec is the codec of Evidence.
var EvidenceCodec = scale.Struct("bitcloak_wire::Evidence", "Proof of which program holds a worker's key.",
	scale.Field("kind", scale.U8, func(v *Evidence) *uint8 { return &v.Kind }),
	scale.Field("bytes", scale.Bytes(MaxEvidence), func(v *Evidence) *[]byte { return &v.Bytes }),
)

// ReportData is what the evidence of a worker's key must prove.
func ReportData(instance Instance, worker [32]byte) (data [64]byte) {
	hash := tagged("bitcloak/worker/v1", instance.Append(nil), worker[:])
	copy(data[:], hash[:])
	return data
}

// Quote is a simulated evidence.
type Quote struct {
	Measurement Hash
	Platform    Hash
	ReportData  [64]byte
	Signature   [64]byte // ed25519 of the simulated vendor, over SigningBytes
}

// QuoteCodec is the codec of Quote.
var QuoteCodec = scale.Struct("bitcloak_wire::Quote", "A simulated quote.",
	scale.Field("measurement", scale.HashCodec, func(v *Quote) *Hash { return &v.Measurement }),
	scale.Field("platform", scale.HashCodec, func(v *Quote) *Hash { return &v.Platform }),
	scale.Field("report_data", scale.Bytes64, func(v *Quote) *[64]byte { return &v.ReportData }),
	scale.Field("signature", scale.Bytes64, func(v *Quote) *[64]byte { return &v.Signature }),
)

// SigningBytes is what the simulated vendor signs.
func (v *Quote) SigningBytes() []byte {
	b := append([]byte(nil), "bitcloak/simulated-quote/v1"...)
	b = append(b, v.Measurement[:]...)
	b = append(b, v.Platform[:]...)
	return append(b, v.ReportData[:]...)
}

// ContractKey is the contract's public key of an epoch, to which wallets seal.
type ContractKey struct {
	Epoch  uint32
	Public [PublicKeySize]byte
}

// ContractKeyCodec is the codec of ContractKey.
var ContractKeyCodec = scale.Struct("bitcloak_wire::ContractKey", "The contract's HPKE public key of an epoch.",
	scale.Field("epoch", scale.U32, func(v *ContractKey) *uint32 { return &v.Epoch }),
	scale.Field("public", scale.FixedBytes(func(v *[PublicKeySize]byte) []byte { return v[:] }),
		func(v *ContractKey) *[PublicKeySize]byte { return &v.Public }),
)

// Digest is what workers sign with ed25519 to announce the key.
func (v *ContractKey) Digest(instance Instance) Hash {
	return tagged("bitcloak/key/v1", instance.Append(nil), ContractKeyCodec.Marshal(*v))
}
