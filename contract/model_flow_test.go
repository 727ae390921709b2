package contract

import (
	"bytes"
	"math/big"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"pgregory.net/rapid"
)

// modelOutbox is payouts as the specification tells them: lists of lists.
type modelOutbox struct {
	payers []modelPayer // in the order of their turns
	coming map[wire.AccountID]*big.Int
}

type modelPayer struct {
	id      wire.AccountID
	payouts []modelPayout
}

type modelPayout struct {
	to         wire.AccountID
	asset      uint32
	amount     *big.Int
	withdrawal bool
}

// wait queues a payout; what is not a withdrawal adds up.
func (o *modelOutbox) wait(payer wire.AccountID, p modelPayout) {
	at := slices.IndexFunc(o.payers, func(x modelPayer) bool { return x.id == payer })
	if at < 0 {
		o.payers = append(o.payers, modelPayer{payer, []modelPayout{p}})
		return
	}
	for i := range o.payers[at].payouts {
		if x := &o.payers[at].payouts[i]; !p.withdrawal && !x.withdrawal && x.to == p.to && x.asset == p.asset {
			x.amount.Add(x.amount, p.amount)
			return
		}
	}
	o.payers[at].payouts = append(o.payers[at].payouts, p)
}

// commit takes 64 payouts, one a turn.
func (o *modelOutbox) commit() (taken []modelPayout) {
	for len(taken) < 64 && len(o.payers) > 0 {
		first := o.payers[0]
		o.payers = o.payers[1:]
		taken = append(taken, first.payouts[0])
		if len(first.payouts) > 1 {
			o.payers = append(o.payers, modelPayer{first.id, first.payouts[1:]})
		}
	}
	return taken
}

func (o *modelOutbox) withdrawalsOf(id wire.AccountID) (count int) {
	for _, payer := range o.payers {
		for _, p := range payer.payouts {
			if payer.id == id && p.withdrawal {
				count++
			}
		}
	}
	return count
}

func (m *model) withdraw(trader int, c *wire.Command, id wire.AccountID) {
	from := m.money(trader, c.Asset)
	if c.Amount.IsZero() || from.Cmp(number(c.Amount.Lo)) < 0 || c.To == wire.CustodyAccount || m.outbox.withdrawalsOf(id) == 16 {
		return
	}
	from.Sub(from, number(c.Amount.Lo))
	m.outbox.wait(id, modelPayout{c.To, c.Asset, number(c.Amount.Lo), true})
}

// relayed applies a command that somebody sent at a cost.
func (m *model) relayed(trader int, sender wire.AccountID, fee uint64, c *wire.Command, ids []wire.AccountID) {
	if sender == c.Relay && sender != ids[trader] && fee > 0 {
		cloak := m.money(trader, wire.NativeAsset)
		if cloak.Cmp(number(fee)) < 0 {
			return
		}
		cloak.Sub(cloak, number(fee))
		if m.outbox.coming[sender] == nil {
			m.outbox.coming[sender] = new(big.Int)
		}
		m.outbox.coming[sender].Add(m.outbox.coming[sender], number(fee))
	}
	m.apply(trader, c, ids)
}

// epoch has what relays had coming wait, in the order of their accounts.
func (m *model) epoch() {
	var ids []wire.AccountID
	for id := range m.outbox.coming {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b wire.AccountID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		m.outbox.wait(id, modelPayout{id, wire.NativeAsset, m.outbox.coming[id], false})
		delete(m.outbox.coming, id)
	}
}

// compareOutbox holds a commit's payouts to the model's.
func (m *model) compareOutbox(t *rapid.T, commit *wire.Commit) {
	taken := m.outbox.commit()
	if len(taken) != len(commit.Outbox) {
		t.Fatalf("commit %d carries %d payouts, want %d", commit.Checkpoint, len(commit.Outbox), len(taken))
	}
	for i, want := range taken {
		if got := commit.Outbox[i]; got.To != want.to || got.Asset != want.asset || bigOf(got.Amount).Cmp(want.amount) != 0 {
			t.Fatalf("commit %d, payout %d: %+v, want %+v", commit.Checkpoint, i, got, want)
		}
	}
}

// modelRun is a world and its model under one random flow.
type modelRun struct {
	rt      *rapid.T
	w       *world
	m       *model
	traders []*trader
	ids     []wire.AccountID
}

func newModelRun(t *testing.T, rt *rapid.T) *modelRun {
	r := &modelRun{rt: rt, w: newMarketWorld(t)}
	r.m = &model{available: map[modelKey]*big.Int{}, fees: new(big.Int), market: exampleMarket()}
	r.m.outbox.coming = map[wire.AccountID]*big.Int{}
	for i := range 3 {
		tr := r.w.newTrader(byte(i))
		tr.link(24 * hour)
		r.traders, r.ids = append(r.traders, tr), append(r.ids, tr.id)
		for _, asset := range []uint32{base, quote, wire.NativeAsset} {
			amount := rapid.Uint64Range(1, 40_000).Draw(rt, "deposit")
			r.w.fund(tr.id, asset, amount)
			r.m.money(i, asset).SetUint64(amount)
		}
	}
	r.w.block()
	return r
}

// governance changes the market, pays fees out, or lets epochs pass.
func (r *modelRun) governance() {
	switch rapid.IntRange(0, 9).Draw(r.rt, "governance") {
	case 0:
		r.m.market.MakerFeePPM = rapid.SampledFrom([]uint32{0, 1_000, 100_000}).Draw(r.rt, "maker")
		r.m.market.TakerFeePPM = rapid.SampledFrom([]uint32{0, 2_500, 90_000}).Draw(r.rt, "taker")
		r.m.market.Status = uint8(rapid.IntRange(0, 3).Draw(r.rt, "status") / 3)
		r.w.list(r.m.market)
	case 1, 2:
		to := rapid.SampledFrom([]wire.AccountID{{0x60}, {0x61}, wire.CustodyAccount}).Draw(r.rt, "fees to")
		asset := rapid.SampledFrom([]uint32{quote, quote, base}).Draw(r.rt, "fees of")
		r.w.add(wire.InboxMessage{Kind: wire.MessageFees, Fees: wire.Fees{Asset: asset, To: to}})
		if asset == quote && to != wire.CustodyAccount && r.m.fees.Sign() > 0 {
			r.m.outbox.wait(wire.FeeAccount, modelPayout{to, quote, r.m.fees, false})
			r.m.fees = new(big.Int)
		}
	}
}

// refused deposits what nobody can be credited, sometimes more than a commit takes.
func (r *modelRun) refused() {
	count := rapid.SampledFrom([]int{0, 0, 0, 1, 3, 70}).Draw(r.rt, "refused deposits")
	for i := range count {
		from := wire.AccountID{0xd0, byte(rapid.IntRange(0, 60).Draw(r.rt, "from"))}
		if i%7 == 0 {
			from = r.ids[0]
		}
		asset := 5_000 + uint32(i%3)
		r.w.depositFrom(from, wire.SealedBeneficiary(nil), asset, wire.U128{Lo: 3})
		r.m.outbox.wait(from, modelPayout{from, asset, number(3), false})
	}
}

// command sends one command: directly, through the relay that it names, or
// through another.
func (r *modelRun) command() {
	who := rapid.IntRange(0, 2).Draw(r.rt, "trader")
	command := drawCommand(r.rt, r.w.time+500, append(slices.Clone(r.ids), wire.CustodyAccount))
	if command.Kind == wire.CommandTransfer && command.To == wire.CustodyAccount {
		command.Kind = wire.CommandWithdraw
	}
	relays := []wire.AccountID{relayOne, relayTwo, r.ids[0], {}}
	command.Relay = rapid.SampledFrom(relays).Draw(r.rt, "relay")
	sender := command.Relay
	if rapid.IntRange(0, 4).Draw(r.rt, "copied") == 0 {
		sender = rapid.SampledFrom(relays).Draw(r.rt, "sender")
	}
	if sender == (wire.AccountID{}) {
		sender = r.ids[who]
	}
	fee := rapid.SampledFrom([]uint64{0, 1, 300, 9_000}).Draw(r.rt, "fee")
	r.w.relayed(sender, fee, r.traders[who].seal(command))
	r.m.relayed(who, sender, fee, &command, r.ids)
}

// TestAgainstModel runs random flows through sealed envelopes and through the
// model, and compares every balance, hold, order and payout after every block. Now
// and then the market changes, epochs pass, or the contract is restored.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newModelRun(t, rt)
		for range rapid.IntRange(1, 12).Draw(rt, "blocks") {
			if epochs := rapid.SampledFrom([]uint32{0, 0, 0, 1, 2}).Draw(rt, "epochs"); epochs > 0 {
				r.w.epoch += epochs
				r.m.epoch()
			}
			r.m.block(r.w.time + 500)
			r.governance()
			r.refused()
			for range rapid.IntRange(0, 12).Draw(rt, "commands") {
				r.command()
			}
			r.m.compareOutbox(rt, r.w.block())
			r.m.compare(rt, r.w, r.traders)
			if rapid.IntRange(0, 4).Draw(rt, "restart") == 0 {
				r.w.c = r.w.restore(r.w.snapshot())
			}
		}
	})
}
