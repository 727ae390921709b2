package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Bounds of what the world's end may take, in heights of half a second.
const (
	boundCommits = 80  // from the end of all faults to every checkpoint of before being committed
	boundHalt    = 80  // from there to a discrepancy being resolved
	boundSession = 160 // an owner has a session; strangers may hold the places of those without a balance for a minute
	boundEpoch   = 160 // the next epoch begins
	boundLeave   = 200 // all of them have taken out everything
)

// heal ends all faults: everything runs again and reaches everything. Then what was under way must come to its end.
func (w *World) heal() {
	w.calm = true
	w.tracef("calm")
	for _, n := range w.nodes {
		n.downUntil, n.slow = w.now(), 0
	}
	w.restartNodes()
	for _, s := range w.sites {
		s.cutUntil, s.downUntil = time.Time{}, time.Time{}
	}
	w.until("no discrepancy is left", boundHalt, func() bool { return !w.halted() && len(w.governor.tasks) == 0 })
	w.governor.do("take deposits again", []byte{wire.PalletPrivateAssets, callSetPaused, 0})
	for _, r := range w.relays {
		r.manner = honest
		r.flush()
	}
	w.allAnswered()
	w.until("nothing is on its way", boundCommits, func() bool { return len(w.parcels) == 0 && len(w.governor.tasks) == 0 })
}

// leave has every owner take out everything, and claim what could not be paid.
func (w *World) leave() {
	for _, t := range w.traders {
		t.session = nil
		w.until(t.name+" has a session", boundSession, t.reenter)
	}
	w.until("everybody has left", boundLeave, func() bool {
		done := true
		for _, t := range w.traders {
			done = t.takeOut() && done
		}
		return done
	})
	w.until("everything is claimed", boundLeave, func() bool {
		done := true
		for _, t := range w.traders {
			done = t.collect(&t.party) && t.collect(t.pocket) && done
		}
		return done
	})
	for _, asset := range allAssets {
		sweep := append([]byte{wire.PalletConfidential, callSweepFees}, scale.U32.Marshal(asset)...)
		treasurer := w.treasurer.account()
		w.governor.do("sweep fees", append(sweep, treasurer[:]...))
	}
	epoch := w.epoch()
	w.governor.do("have a new epoch soon", append([]byte{wire.PalletConfidential, callSetEpochLength}, scale.U64.Marshal(uint64(1000))...))
	w.until("fees are swept", boundCommits, func() bool { return len(w.governor.tasks) == 0 })
	w.until("relays are refunded", boundEpoch, func() bool { return w.epoch() > epoch })
	w.allAnswered()
}

// allAnswered waits until all messages of now are answered.
func (w *World) allAnswered() {
	due := w.messages()
	w.until(fmt.Sprintf("%d messages are answered", due), boundCommits, func() bool { return w.answered() >= due })
}

// retry is how long an owner waits for what it has asked for.
const retry = 2 * time.Second

// reenter opens a session until a worker knows it.
func (t *trader) reenter() bool {
	w := t.world
	if w.now().Before(t.next) {
		return false
	}
	if t.session != nil && t.readAnywhere() {
		return true
	}
	if envelope := t.opening(time.Hour); envelope != nil {
		t.next = w.now().Add(retry)
		w.submitAs(&t.party, [][]byte{envelope})
	}
	return false
}

// readAnywhere reads from the worker that is furthest.
func (t *trader) readAnywhere() bool {
	for _, s := range t.world.sites {
		if s.worker != nil && t.read(s) {
			return true
		}
	}
	return false
}

// takeOut cancels all orders, then withdraws everything; it reports whether nothing is left.
func (t *trader) takeOut() bool {
	w := t.world
	if w.now().Before(t.next) || !t.readAnywhere() {
		return false
	}
	if len(t.open) == 0 && t.empty() {
		return true
	}
	t.next = w.now().Add(retry)
	envelopes := [][]byte{t.command(nil, wire.Command{Kind: wire.CommandCancelAll})}
	if len(t.open) == 0 {
		for _, asset := range allAssets {
			if amount := t.balances[asset]; amount > 0 {
				envelopes = append(envelopes, t.command(nil, wire.Command{Kind: wire.CommandWithdraw, Asset: asset,
					Amount: scale.U128From(amount), To: t.account()}))
			}
		}
	}
	w.submitAs(&t.party, envelopes)
	return false
}

func (t *trader) empty() bool {
	for _, asset := range allAssets {
		if t.balances[asset] != 0 {
			return false
		}
	}
	return true
}

// collect claims what an account of the trader's could not be paid. One that cannot pay for it is given the means.
func (t *trader) collect(who *party) bool {
	w := t.world
	waiting := false
	for _, asset := range allAssets {
		waiting = waiting || w.at().get(wire.StorageClaimable(who.account(), asset)) != nil
	}
	if !waiting {
		return true
	}
	if w.now().Before(t.next) {
		return false
	}
	t.next = w.now().Add(retry)
	if who.public(cloak) < 50*minimumBalance[cloak] {
		t.submit(wire.CallTransferKeepAlive(who.account(), scale.U128From(1000*minimumBalance[cloak])))
		return false
	}
	t.claim(who)
	return false
}

// judge is the end of the world.
func (w *World) judge() {
	for _, t := range w.traders {
		w.until(t.name+" can read its account", boundCommits, t.readAnywhere)
		for _, asset := range allAssets {
			if left := w.auditor.Left(t.account(), asset); left.Sign() != 0 {
				w.failf("I9: %s has %v of asset %d left after it took out everything", t.name, left, asset)
			}
		}
	}
	w.must(w.auditor.Finish())
	for _, asset := range allAssets {
		if owed := w.auditor.Owed(asset); owed.Sign() != 0 {
			w.failf("I2: everybody has left, and custody owes %v of asset %d", owed, asset)
		}
	}
	maps.Copy(w.counts, w.auditor.Figures())
	w.countN("epochs", int(w.epoch()))
	w.tracef("%v", w.counts)
}
