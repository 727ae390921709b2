package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// chance is where everything that a seed chooses is drawn from. One goroutine uses it.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 0x6269_7463_6c6f_616b))} }

// in reports true n times out of of.
func (c chance) in(n, of int) bool { return c.IntN(of) < n }

// between draws from low to high, both included.
func (c chance) between(low, high int) int { return low + c.IntN(high-low+1) }

// amount draws an amount whose size is spread over the orders of magnitude below limit.
func (c chance) amount(limit uint64) uint64 {
	if limit == 0 {
		return 0
	}
	for range c.IntN(8) {
		limit = limit/8 + 1
	}
	return 1 + c.Uint64N(limit)
}

// bytes draws n bytes.
func (c chance) bytes(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(c.Uint32())
	}
	return out
}

func pick[T any](c chance, from []T) T { return from[c.IntN(len(from))] }

// secretOf is a secret that follows from the seed and a name: keys must not depend on what was drawn before.
func secretOf(seed uint64, format string, arguments ...any) [32]byte {
	return hashing.Blake2_256([]byte("bitcloak/sim"), scale.U64.Marshal(seed), fmt.Appendf(nil, format, arguments...))
}

// fate is a chance of its own for something that is named: what goroutines do in the same moment may come in any order
// and number, and must not change what others draw.
func (w *World) fate(format string, arguments ...any) chance {
	secret := secretOf(w.seed, format, arguments...)
	return newChance(binary.LittleEndian.Uint64(secret[:]))
}
