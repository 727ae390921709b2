package auditor

import (
	"fmt"
	"math/big"
)

// event is one of a block, with the fields that the auditor looks at, in their order.
type event struct {
	pallet, index byte
	accounts      []Account
	amounts       []*big.Int
	u32s          []uint32
	u64s          []uint64
}

// Layouts of events: a account or hash, u u128, 4 u32, 8 u64, 1 byte, o Option<u64>, h Option<hash>, v list of 32 bytes,
// x bytes, i DispatchInfo, e DispatchError, r Result<(), DispatchError>, k AssetKind.
var layouts = map[[2]byte]string{
	{0, 0}: "i", {0, 1}: "ei", {0, 3}: "a", {0, 4}: "a", {0, 5}: "aa", {0, 20}: "44", {0, 21}: "44", {0, 22}: "44",
	{10, 0}: "au", {10, 1}: "au", {10, 2}: "aau", {10, 7}: "au", {10, 8}: "au",
	{11, 0}: "auu",
	{12, 0}: "4aa", {12, 1}: "4au", {12, 2}: "4aau", {12, 3}: "4au", {12, 4}: "4aaa", {12, 5}: "4a", {12, 6}: "4a", {12, 7}: "4a",
	{12, 8}: "4", {12, 9}: "4", {12, 10}: "4xx1", {12, 11}: "4k",
	{20, 0}: "8a4u", {20, 1}: "8", {20, 2}: "8a4u", {20, 3}: "8a4u", {20, 4}: "aa4u", {20, 5}: "1", {20, 6}: "4", {20, 7}: "4",
	{21, 0}: "a44", {21, 1}: "84a4", {21, 2}: "8aa", {21, 3}: "4", {21, 4}: "4", {21, 5}: "a", {21, 6}: "a", {21, 7}: "4",
	{21, 8}: "81v", {21, 9}: "8", {21, 10}: "48a", {21, 11}: "4v", {21, 12}: "4a",
	{30, 0}: "4aao", {30, 1}: "4ao", {30, 2}: "4ao", {30, 3}: "4r", {30, 4}: "4", {30, 5}: "v4", {30, 6}: "8",
}

// decodeEvents reads System.Events.
func decodeEvents(encoded []byte) ([]event, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	r := &reader{rest: encoded}
	count := r.length()
	var out []event
	for range count {
		if phase := r.u8(); phase == 0 {
			r.u32()
		}
		e := event{pallet: r.u8(), index: r.u8()}
		layout, known := layouts[[2]byte{e.pallet, e.index}]
		if !known {
			return nil, fmt.Errorf("auditor: event %d of pallet %d is unknown: teach it to the auditor", e.index, e.pallet)
		}
		for _, field := range layout {
			e.field(r, field)
		}
		for range r.length() { // topics
			r.hash()
		}
		out = append(out, e)
	}
	if r.err != nil || len(r.rest) != 0 {
		return nil, fmt.Errorf("auditor: the events do not decode (%d bytes left): %w", len(r.rest), r.err)
	}
	return out, nil
}

func (e *event) field(r *reader, kind rune) {
	switch kind {
	case 'a':
		e.accounts = append(e.accounts, r.hash())
	case 'u':
		e.amounts = append(e.amounts, r.u128())
	case '4':
		e.u32s = append(e.u32s, r.u32())
	case '8':
		e.u64s = append(e.u64s, r.u64())
	case '1':
		r.u8()
	case 'o':
		if r.option() {
			r.u64()
		}
	case 'h':
		if r.option() {
			r.hash()
		}
	case 'v':
		for range r.length() {
			r.hash()
		}
	case 'x':
		r.bytes()
	case 'i':
		r.compact()
		r.compact()
		r.take(2)
	case 'e':
		r.dispatchError()
	case 'r':
		if r.option() { // 1 is Err
			r.dispatchError()
		}
	case 'k':
		if r.u8() == 2 {
			r.u32()
			r.bytes()
		}
	}
}

func (r *reader) dispatchError() {
	switch r.u8() {
	case 3:
		r.take(5)
	case 7, 8, 9:
		r.u8()
	}
}
