package confidential

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

const sweepFeesIndex = 17

func sweepArguments(asset uint32, to scale.AccountID) []byte {
	return sweepCodec.Marshal(wire.Fees{Asset: asset, To: to})
}

// TestSweepFeesTellsTheContract, and nobody but Root can.
func TestSweepFeesTellsTheContract(t *testing.T) {
	w := newWorld(t, 0, 1)
	want := wire.Fees{Asset: usdt, To: bob}
	w.mustRoot(sweepFeesIndex, sweepArguments(usdt, bob))
	messages := blockMessages.Get(w.c)
	if last := messages[len(messages)-1]; last.Kind != wire.MessageFees || last.Fees != want {
		t.Fatalf("the contract was told %+v", last)
	}
	wantEvent(w, 12, sweepCodec, want)
	before := inbox.Get(w.c)
	for name, test := range map[string]struct {
		asset uint32
		to    scale.AccountID
		want  error
	}{
		"no such asset": {77, bob, ErrFeeAsset},
		"to custody":    {usdt, wire.CustodyAccount, ErrFeesToCustody},
	} {
		if err := w.root(sweepFeesIndex, sweepArguments(test.asset, test.to)); err != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, origin := range []frame.Origin{frame.Signed(alice), frame.None()} {
		if err := sweepFees(w.c, origin, &want); err != frame.ErrBadOrigin {
			t.Errorf("by another origin: %v", err)
		}
	}
	block := openBlock.Get(w.c)
	block.Before -= wire.MaxBlockMessages // as if the block were full
	openBlock.Set(w.c, block)
	if err := sweepFees(w.c, frame.Root(), &want); err != ErrInboxFull {
		t.Errorf("in a full block: %v", err)
	}
	block.Before += wire.MaxBlockMessages
	openBlock.Set(w.c, block)
	if inbox.Get(w.c) != before {
		t.Error("a refused call told the contract something")
	}
	w.end()
}
