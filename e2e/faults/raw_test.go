package faults

import (
	"encoding/binary"
	"math/big"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// The auditor reads raw bytes at the offsets of spec/interface.md and spec/wire.md and counts with big.Int: it shares neither
// types nor sums with runtime, contract or wallet. A value that is too short reads as zeros, and the sums then do not meet.

func u32At(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(window(b, at, 4)) }
func u64At(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(window(b, at, 8)) }

func u128At(b []byte, at int) *big.Int {
	digits := make([]byte, 16)
	for i, digit := range window(b, at, 16) {
		digits[15-i] = digit
	}
	return new(big.Int).SetBytes(digits)
}

func accountAt(b []byte, at int) scale.AccountID { return scale.AccountID(window(b, at, 32)) }

func window(b []byte, at, length int) []byte {
	if len(b) < at+length {
		return make([]byte, length)
	}
	return b[at : at+length]
}

func item(pallet, name string) []byte {
	prefix := hashing.StoragePrefix(pallet, name)
	return prefix[:]
}

// Keys of storage. Maps by Twox64Concat or Blake2_128Concat end with what they are by.
func countersKey(asset uint32) []byte {
	return hashing.AppendTwox64Concat(item("PrivateAssets", "Counters"), binary.LittleEndian.AppendUint32(nil, asset))
}

func assetKey(asset uint32) []byte {
	return hashing.AppendBlake2_128Concat(item("Assets", "Asset"), binary.LittleEndian.AppendUint32(nil, asset))
}

func holdersPrefix(asset uint32) []byte {
	return hashing.AppendBlake2_128Concat(item("Assets", "Account"), binary.LittleEndian.AppendUint32(nil, asset))
}

// supplyIn finds an asset's issuance in Assets.Asset, behind its kind and four accounts.
func supplyIn(details []byte) *big.Int {
	at := 1
	if len(details) > 0 && details[0] == 2 { // Parachain { para, key }: the key is shorter than 64 bytes
		at += 4 + 1 + int(window(details, 5, 1)[0]>>2)
	}
	return u128At(details, at+4*32)
}

// fold is the inbox after one more message (spec/wire.md, section 2).
func fold(inbox [32]byte, message []byte) [32]byte {
	leaf := hashing.Blake2_256(message)
	return hashing.Blake2_256([]byte("bitcloak/inbox/v1"), inbox[:], leaf[:])
}

// amounts are sums by asset.
type amounts map[uint32]*big.Int

func (a amounts) of(asset uint32) *big.Int {
	if a[asset] == nil {
		a[asset] = new(big.Int)
	}
	return a[asset]
}

func (a amounts) add(asset uint32, amount *big.Int) { a.of(asset).Add(a.of(asset), amount) }
func (a amounts) sub(asset uint32, amount *big.Int) { a.of(asset).Sub(a.of(asset), amount) }
