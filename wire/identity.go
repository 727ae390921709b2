package wire

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// The values that every structure here is made of.
type (
	Hash      = scale.Hash
	AccountID = scale.AccountID
	U128      = scale.U128
)

// Instance names one confidential contract on one network. It is bound into
// commits, envelopes, sessions, answers and evidence, so that nothing can be
// moved from one network or contract to another.
type Instance struct {
	Genesis  Hash   // of Substrate header 0
	Contract uint32 // 0 is the only one today
}

// InstanceCodec is the codec of Instance.
var InstanceCodec = scale.Struct("bitcloak_wire::Instance", "One confidential contract on one network.",
	scale.Field("genesis", scale.HashCodec, func(v *Instance) *Hash { return &v.Genesis }),
	scale.Field("contract", scale.U32, func(v *Instance) *uint32 { return &v.Contract }),
)

// InstanceSize is the length of an encoded Instance in bytes.
const InstanceSize = 36

// Append appends the encoding of v to dst.
func (v Instance) Append(dst []byte) []byte {
	dst = append(dst, v.Genesis[:]...)
	return appendU32(dst, v.Contract)
}

// NativeAsset is CLOAK, in which fees are paid.
const NativeAsset uint32 = 0

// Accounts that no key controls: an ASCII name padded with zeros.
var (
	// CustodyAccount holds, on the chain, what backs the contract's ledger (I2).
	CustodyAccount = palletAccount("modlbtc/cust")
	// TreasuryAccount receives the chain's own fees.
	TreasuryAccount = palletAccount("modlbtc/trsy")
	// FeeAccount receives, in the contract's ledger, the fees of trading.
	FeeAccount = palletAccount("modlbtc/fees")
)

func palletAccount(name string) (account AccountID) {
	copy(account[:], name)
	return account
}

func appendU32(dst []byte, v uint32) []byte {
	return append(dst, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}

func appendU64(dst []byte, v uint64) []byte {
	return appendU32(appendU32(dst, uint32(v)), uint32(v>>32))
}

// tagged is blake2_256(tag || parts...).
func tagged(tag string, parts ...[]byte) Hash {
	size := len(tag)
	for _, part := range parts {
		size += len(part)
	}
	preimage := append(make([]byte, 0, size), tag...)
	for _, part := range parts {
		preimage = append(preimage, part...)
	}
	return hashing.Blake2_256(preimage)
}
