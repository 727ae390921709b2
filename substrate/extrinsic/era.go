package extrinsic

import (
	"errors"
	"math"
	"math/bits"
	"strconv"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Bounds of a mortal era's period, in blocks.
const (
	MinPeriod = 4
	MaxPeriod = 1 << 16
)

// ErrEra refuses two bytes that are no era.
var ErrEra = errors.New("extrinsic: invalid mortal era: the phase lies outside the period; build it with Mortal")

// Era is how long an extrinsic is valid: for ever if Period is 0, else for
// Period blocks (a power of two) from one whose number is Phase modulo Period.
// Long periods count phases in steps of Period / 4096.
type Era struct {
	Period uint32
	Phase  uint32
}

// Immortal is valid for ever. Such an extrinsic can be replayed if its account
// is emptied, removed and used again: prefer Mortal.
var Immortal = Era{}

// Mortal is the era around block current of period blocks, rounded up to a
// power of two from 4 to 65,536. The hash signed with it is that of block
// Birth(current).
func Mortal(period, current uint64) Era {
	power := uint32(MaxPeriod)
	if period <= MaxPeriod {
		power = uint32(1) << bits.Len64(max(period, MinPeriod)-1)
	}
	step := quantum(power)
	phase := uint32(current % uint64(power))
	return Era{Period: power, Phase: phase / step * step}
}

// quantum is the step in which phases of a period are counted.
func quantum(period uint32) uint32 { return max(period>>12, 1) }

// IsImmortal reports whether the era never ends.
func (e Era) IsImmortal() bool { return e.Period == 0 }

// Birth is the first block of the era that contains current; 0 if immortal.
func (e Era) Birth(current uint64) uint64 {
	if e.IsImmortal() {
		return 0
	}
	period, phase := uint64(e.Period), uint64(e.Phase)
	return (max(current, phase)-phase)/period*period + phase
}

// Death is the first block after the era that contains current.
func (e Era) Death(current uint64) uint64 {
	if e.IsImmortal() {
		return math.MaxUint64
	}
	birth := e.Birth(current)
	if birth > math.MaxUint64-uint64(e.Period) {
		return math.MaxUint64
	}
	return birth + uint64(e.Period)
}

// EraCodec encodes an Era: one byte if immortal, else two, of which the four
// low bits are the logarithm of the period less one.
var EraCodec = scale.Codec[Era]{Type: eraType(), Encode: encodeEra, Decode: decodeEra}

func encodeEra(e *scale.Encoder, era *Era) {
	if era.IsImmortal() {
		e.U8(0)
		return
	}
	step := quantum(era.Period)
	if bits.OnesCount32(era.Period) != 1 || era.Period < MinPeriod || era.Period > MaxPeriod ||
		era.Phase >= era.Period || era.Phase%step != 0 {
		e.Fail(ErrEra)
		return
	}
	logarithm := bits.TrailingZeros32(era.Period)
	e.U16(uint16(logarithm-1) | uint16(era.Phase/step)<<4)
}

func decodeEra(d *scale.Decoder, era *Era) {
	*era = Era{}
	first := d.U8()
	if first == 0 {
		return // immortal, or an error that d holds
	}
	word := uint32(first) | uint32(d.U8())<<8
	period := uint32(2) << (word & 15)
	phase := (word >> 4) * quantum(period)
	if period < MinPeriod || phase >= period {
		d.Fail(ErrEra)
		return
	}
	*era = Era{Period: period, Phase: phase}
}

// eraType is the description that scale-info has of it: Immortal, and for each
// first byte a variant with the second byte.
func eraType() *scale.Type {
	variants := make([]scale.TypeVariant, 256)
	variants[0].Name = "Immortal"
	for i := 1; i < len(variants); i++ {
		variants[i] = scale.TypeVariant{
			Name: "Mortal" + strconv.Itoa(i), Index: uint8(i), Fields: []scale.TypeField{{Type: scale.U8.Type}},
		}
	}
	return scale.VariantType("sp_runtime::generic::era::Era", "", variants...)
}
