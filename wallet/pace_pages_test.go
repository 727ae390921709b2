package wallet

import (
	"math"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// TestPacedPagesFitTheSmallestClass (I7): whatever has happened to the account, a paced session's answers have one size.
func TestPacedPagesFitTheSmallestClass(t *testing.T) {
	largest := scale.U128{Lo: math.MaxUint64, Hi: math.MaxUint64}
	history := wire.AnswerBody{Kind: wire.QueryHistory, Entries: make([]wire.HistoryEntry, pacedEntries), More: true}
	for kind := range wire.EventWithdrawalWaiting + 1 {
		for i := range history.Entries {
			history.Entries[i].Event = wire.HistoryEvent{Kind: kind, Amount: largest}
		}
		checkPacedPage(t, &history)
	}
	fills := wire.AnswerBody{Kind: wire.QueryFills, Fills: make([]wire.Fill, pacedFills), More: true}
	for i := range fills.Fills {
		fills.Fills[i] = wire.Fill{Base: largest, Quote: largest, Fee: largest}
	}
	checkPacedPage(t, &fills)
}

func checkPacedPage(t *testing.T, body *wire.AnswerBody) {
	t.Helper()
	encoded := wire.AnswerCodec.Marshal(wire.Answer{AnswerStatement: wire.AnswerStatement{Body: *body}})
	if _, fits := wire.Pad(encoded, wire.AnswerSizes[0]-wire.SaltSize-wire.SealOverhead); !fits {
		t.Errorf("%d bytes of an answer of kind %d do not fit", len(encoded), body.Kind)
	}
}
