package mempool

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// A sender gives two nodes different transactions of one nonce. The block has one of them; the pool that has the other, and
// nothing else of the sender, forgets it and goes on.
func TestTheOnlyTransactionIsOvertaken(t *testing.T) {
	f := newRuntime()
	p := newPool(t, f, nil)
	_, watcher, err := p.SubmitAndWatch(SourceExternal, signed(1, 0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	f.set(1, 1)
	if err := p.Committed(Block{Number: 1, Included: []scale.Hash{{1}}, Changed: []scale.AccountID{account(1)}}); err != nil {
		t.Fatal(err)
	}
	check(t, p)
	expectStatuses(t, watcher, Status{Kind: StatusReady}, Status{Kind: StatusInvalid})
	if p.HasReady() || p.Usage().Signed != 0 {
		t.Errorf("left in the pool: %+v", p.Usage())
	}
	submit(t, p, signed(1, 1, 1, 0))
	expectOrder(t, p, "1/1")
}
