package auditor

import (
	"fmt"
	"math/big"
)

// leaf is a proven balance in the contract's ledger.
type leaf struct {
	account         Account
	asset           uint32
	available, held *big.Int
}

const treeDepth = 32

// empty is the hash of a subtree without leaves, by its height.
var empty = func() (out [treeDepth + 1][32]byte) {
	for i := range treeDepth {
		out[i+1] = parent(out[i], out[i])
	}
	return out
}()

func parent(left, right [32]byte) [32]byte {
	return blake([]byte("bitcloak/node/v1"), left[:], right[:])
}

// proven reads a LeafProof and holds it against a state root.
func proven(encoded []byte, root [32]byte) (leaf, error) {
	r := &reader{rest: encoded}
	r.u8() // version
	l := leaf{account: r.hash(), asset: r.u32(), available: r.u128(), held: r.u128()}
	r.hash() // blinding
	hash := blake([]byte("bitcloak/leaf/v1"), encoded[:len(encoded)-len(r.rest)])
	index := r.u32()
	siblings := r.length()
	for level := range treeDepth {
		sibling := empty[level]
		if level < siblings {
			sibling = r.hash()
		}
		if index>>level&1 == 0 {
			hash = parent(hash, sibling)
		} else {
			hash = parent(sibling, hash)
		}
	}
	remainder := r.hash()
	if r.err != nil || len(r.rest) != 0 {
		return l, fmt.Errorf("auditor: a leaf proof does not decode: %w", r.err)
	}
	if got := blake([]byte("bitcloak/state/v1"), hash[:], remainder[:]); got != root {
		return l, fmt.Errorf("I5: a leaf of %x leads to root %x, the answer names %x", l.account[:4], got, root)
	}
	return l, nil
}

// fill is one side of a trade, as its owner was told.
type fill struct {
	index, trade, order uint64
	market              uint32
	side                byte
	maker               bool
	price, quantity     uint64
	base, quote, fee    *big.Int
	checkpoint          uint64
	account             Account
}

func (r *reader) fill(account Account) fill {
	f := fill{index: r.u64(), trade: r.u64(), order: r.u64(), market: r.u32(), side: r.u8(), maker: r.u8() == 1,
		price: r.u64(), quantity: r.u64(), base: r.u128(), quote: r.u128(), fee: r.u128(), checkpoint: r.u64(), account: account}
	r.take(4 + 8)
	return f
}

// check holds a fill's amounts against the market's listing.
func (f *fill) check(m market, fees [2][]uint32) error {
	quantity, price := new(big.Int).SetUint64(f.quantity), new(big.Int).SetUint64(f.price)
	base := new(big.Int).Mul(quantity, m.lotSize)
	quote := new(big.Int).Mul(quantity, price)
	quote.Mul(quote, new(big.Int).SetUint64(m.tickValue))
	if base.Cmp(f.base) != 0 || quote.Cmp(f.quote) != 0 {
		return fmt.Errorf("I6: trade %d of %d lots at %d is of %v and %v, counted %v and %v", f.trade, f.quantity, f.price, f.base, f.quote, base, quote)
	}
	role := 1
	if f.maker {
		role = 0
	}
	for _, ppm := range fees[role] {
		fee := new(big.Int).Mul(quote, big.NewInt(int64(ppm)))
		if fee.Div(fee, big.NewInt(1_000_000)).Cmp(f.fee) == 0 {
			return nil
		}
	}
	return fmt.Errorf("I6: trade %d of %v costs a fee of %v, which no listing of market %d asks for", f.trade, quote, f.fee, f.market)
}
