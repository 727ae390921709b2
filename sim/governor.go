package sim

import (
	"slices"
	"time"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// governor is the one member of governance. It works on one call after the other.
type governor struct {
	party
	tasks    []task
	proposed uint32 // number of the proposal under way
	waiting  bool
	next     time.Time
}

type task struct {
	what string
	call []byte
}

// Calls of Root that have no encoding in package wire.
const (
	callSetPaused      = 10
	callSetThreshold   = 11
	callRemoveWorker   = 12
	callResolve        = 15
	callSetEpochLength = 16
	callSweepFees      = 17
)

func newGovernor(w *World) *governor {
	pair, err := keys.DevPair(keys.Sr25519, "Alice")
	w.must(err)
	return &governor{party: party{world: w, name: "governance", pair: pair}}
}

func (g *governor) do(what string, call []byte) { g.tasks = append(g.tasks, task{what, call}) }

// work takes the next step with the first task.
func (g *governor) work() {
	w := g.world
	n := w.at()
	if n == nil || len(g.tasks) == 0 || w.now().Before(g.next) {
		return
	}
	g.next = w.now().Add(1500 * time.Millisecond)
	if w.calm {
		g.next = w.now()
	}
	count, _ := stored(w, scale.U32, governanceItem("NextProposal"))
	open := n.get(hashing.AppendTwox64Concat(governanceItem("Proposals"), scale.U32.Marshal(g.proposed)))
	switch {
	case !g.waiting:
		g.proposed, g.waiting = count, true
		fallthrough
	case count == g.proposed:
		g.submit(wire.CallPropose(g.tasks[0].call))
	case open != nil:
		g.submit(wire.CallExecute(g.proposed))
	default:
		w.tracef("governance: %s", g.tasks[0].what)
		w.count("governed")
		g.tasks, g.waiting = g.tasks[1:], false
	}
}

func governanceItem(item string) []byte {
	key := hashing.StoragePrefix("Governance", item)
	return key[:]
}

// decide makes something up now and then, and answers a discrepancy.
func (g *governor) decide() {
	w := g.world
	c := w.chance
	if w.at() == nil || len(g.tasks) > 0 {
		return
	}
	if w.halted() {
		if w.liar != nil && slices.Contains(w.registered(), w.liar.Public()) {
			public := w.liar.Public()
			g.do("remove the worker that lied", append([]byte{wire.PalletConfidential, callRemoveWorker}, public[:]...))
		}
		g.do("resolve the discrepancy", []byte{wire.PalletConfidential, callResolve, 0})
		return
	}
	if w.calm || !c.in(w.plan.governance, 1000) {
		return
	}
	switch c.IntN(6) {
	case 5:
		g.do("try to rob custody", robbery(w.mallory.account()))
	case 4:
		treasurer := w.treasurer.account()
		sweep := append([]byte{wire.PalletConfidential, callSweepFees}, scale.U32.Marshal(pick(c, allAssets))...)
		g.do("sweep fees", append(sweep, treasurer[:]...))
	case 0:
		paused := byte(c.IntN(2))
		g.do("pause", []byte{wire.PalletPrivateAssets, callSetPaused, paused})
	case 1, 2:
		market, exists := stored(w, wire.MarketCodec, wire.StorageMarket(uint32(c.between(1, 3))))
		if exists {
			market.Status = uint8(c.IntN(2))
			market.MakerFeePPM, market.TakerFeePPM = uint32(c.IntN(2000)), uint32(c.IntN(100_001))
			g.do("change a market", wire.CallSetMarket(&market))
		}
	default:
		ms := scale.U64.Marshal(uint64(c.between(1000, 30_000)))
		g.do("change the length of epochs", append([]byte{wire.PalletConfidential, callSetEpochLength}, ms...))
	}
}

// robbery is a call that would move what is in custody to somebody. Not even governance may.
func robbery(to scale.AccountID) []byte {
	const forceTransfer = 2
	call := append([]byte{wire.PalletBalances, forceTransfer, 0}, wire.CustodyAccount[:]...)
	call = append(append(call, 0), to[:]...)
	return append(call, scale.CompactU128.Marshal(scale.U128From(1_000_000))...)
}

func (w *World) halted() bool { return w.at() != nil && w.at().get(wire.StorageDiscrepancy()) != nil }
