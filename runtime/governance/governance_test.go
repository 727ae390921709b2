package governance

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestProposalIsExecutedAfterTheDelay(t *testing.T) {
	w := newWorld(t, 2)
	id := w.propose(alice, takeFromDave(wealth/2))
	w.wait(testDelay)
	if err := w.do(frame.Signed(dave), wire.CallExecute(id)); err != ErrNotApproved {
		t.Fatal(err)
	}
	w.must(frame.Signed(carol), wire.CallApprove(id))
	w.wait(testDelay - 1)
	if err := w.do(frame.Signed(dave), wire.CallExecute(id)); err != ErrTooEarly {
		t.Fatal(err)
	}
	if !w.free(bob).IsZero() {
		t.Fatal("the call ran before its time")
	}
	w.wait(1)
	w.must(frame.Signed(dave), wire.CallExecute(id)) // anyone may
	if w.free(bob) != scale.U128From(wealth/2) {
		t.Fatal("the call did not run")
	}
	if err := w.do(frame.Signed(dave), wire.CallExecute(id)); err != ErrUnknownProposal {
		t.Fatal("a proposal runs once:", err)
	}
}

func TestFailedCallChangesNothingAndUsesTheProposalUp(t *testing.T) {
	w := newWorld(t, 1)
	id := w.propose(alice, takeFromDave(wealth+1))
	w.wait(testDelay)
	w.must(frame.Signed(alice), wire.CallExecute(id))
	if w.free(dave) != scale.U128From(wealth) || proposals.Exists(w.c, id) {
		t.Fatal("a failed call left something")
	}
	events := frame.EventCount(w.c)
	if events == 0 {
		t.Fatal("no event says why")
	}
}

// I2: not even governance takes out of custody what backs private balances.
func TestGovernanceCannotTakeFromCustody(t *testing.T) {
	w := newWorld(t, 1)
	if err := w.do(frame.Root(), takeFrom(wire.CustodyAccount, 1)); err != balances.ErrCustody {
		t.Fatalf("got %v, want %v", err, balances.ErrCustody)
	}
}

func TestRootIsReachedNoOtherWay(t *testing.T) {
	w := newWorld(t, 1)
	for _, call := range [][]byte{takeFromDave(1), setMembersCall(1, dave), setDelayCall(0)} {
		for _, origin := range []frame.Origin{frame.Signed(alice), frame.None()} {
			if err := w.do(origin, call); err != frame.ErrBadOrigin {
				t.Fatal(err)
			}
		}
	}
	// Root cannot act as a member, nor execute: no proposal wraps another.
	for _, call := range [][]byte{wire.CallPropose(setDelayCall(0)), wire.CallApprove(0), revokeCall(0), wire.CallExecute(0)} {
		if err := w.do(frame.Root(), call); err != frame.ErrBadOrigin {
			t.Fatal(err)
		}
	}
}

func TestMembersAlone(t *testing.T) {
	w := newWorld(t, 2)
	id := w.propose(alice, setDelayCall(0))
	for _, call := range [][]byte{wire.CallPropose(setDelayCall(0)), wire.CallApprove(id), revokeCall(id)} {
		if err := w.do(frame.Signed(dave), call); err != ErrNotMember {
			t.Fatal(err)
		}
	}
}

func TestApproveAndRevoke(t *testing.T) {
	w := newWorld(t, 2)
	id := w.propose(alice, takeFromDave(wealth/2))
	steps := []struct {
		who  scale.AccountID
		call []byte
		want error
	}{
		{alice, wire.CallApprove(id), ErrApproved},
		{bob, revokeCall(id), ErrNotApprovedBy},
		{bob, wire.CallApprove(9), ErrUnknownProposal},
		{bob, revokeCall(9), ErrUnknownProposal},
		{bob, wire.CallApprove(id), nil},
		{alice, revokeCall(id), nil},
	}
	for i, step := range steps {
		if err := w.do(frame.Signed(step.who), step.call); err != step.want {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	w.wait(testDelay)
	if err := w.do(frame.Signed(bob), wire.CallExecute(id)); err != ErrNotApproved {
		t.Fatal("a revoked approval still counts:", err)
	}
	// The delay starts anew with the approval that reaches the threshold again.
	w.must(frame.Signed(carol), wire.CallApprove(id))
	if err := w.do(frame.Signed(bob), wire.CallExecute(id)); err != ErrTooEarly {
		t.Fatal(err)
	}
	w.must(frame.Signed(carol), revokeCall(id))
	w.must(frame.Signed(bob), revokeCall(id))
	if proposals.Exists(w.c, id) {
		t.Fatal("the last revocation withdraws the proposal")
	}
}

func TestProposalsExpire(t *testing.T) {
	w := newWorld(t, 2)
	waiting, ready := w.propose(alice, setDelayCall(0)), w.propose(alice, setDelayCall(1))
	w.must(frame.Signed(bob), wire.CallApprove(ready))
	w.wait(lifetime + 1)
	if err := w.do(frame.Signed(bob), wire.CallApprove(waiting)); err != ErrExpired {
		t.Fatal(err)
	}
	w.wait(testDelay)
	if err := w.do(frame.Signed(bob), wire.CallExecute(ready)); err != ErrExpired {
		t.Fatal(err)
	}
	w.propose(carol, setDelayCall(2)) // sweeps
	if proposals.Exists(w.c, waiting) || proposals.Exists(w.c, ready) {
		t.Fatal("expired proposals are still there")
	}
}

func TestProposalsAreBounded(t *testing.T) {
	w := newWorld(t, 2)
	for range maxMemberProposals {
		w.propose(alice, setDelayCall(0))
	}
	if err := w.do(frame.Signed(alice), wire.CallPropose(setDelayCall(0))); err != ErrTooMany {
		t.Fatal(err)
	}
	w.propose(bob, setDelayCall(0)) // others still can
	for id := uint32(100); id < 100+maxProposals; id++ {
		proposals.Set(w.c, id, proposal{Approvals: []scale.AccountID{dave}, ProposedAt: w.time})
	}
	nextProposal.Set(w.c, 1_000)
	call := wire.CallPropose(setDelayCall(0))
	if err := w.calls.Dispatch(w.c, frame.Signed(carol), w.calls.Decode(scale.NewDecoder(call))); err != ErrTooMany {
		t.Fatal(err)
	}
}

func TestOnlySoundCallsAreProposed(t *testing.T) {
	w := newWorld(t, 1)
	for name, call := range map[string][]byte{
		"no such call":   {Index, 99},
		"no such pallet": {77, 0},
		"cut short":      takeFromDave(5)[:20],
		"trailing":       append(setDelayCall(1), 0),
	} {
		d := scale.NewDecoder(wire.CallPropose(call))
		w.calls.Decode(d)
		if d.Finish() == nil {
			t.Errorf("%s: it decodes", name)
		}
	}
	nested := setDelayCall(0)
	for range scale.MaxDepth + 1 {
		nested = wire.CallPropose(nested)
	}
	d := scale.NewDecoder(nested)
	if w.calls.Decode(d); d.Finish() == nil {
		t.Error("calls nest without bound")
	}
	heavy := wire.CallExecute(0) // weighs as much as any call that it may run, and more
	if err := w.do(frame.Signed(alice), wire.CallPropose(heavy)); err != ErrTooHeavy {
		t.Fatal(err)
	}
}

// TestCallOfAnotherRuntimeFailsGently: what was proposed before an upgrade may no
// longer decode, or weigh more.
func TestCallOfAnotherRuntimeFailsGently(t *testing.T) {
	w := newWorld(t, 1)
	for want, call := range map[error][]byte{frame.ErrCorruption: {77, 7}, ErrTooHeavy: wire.CallExecute(0)} {
		id := w.propose(alice, setDelayCall(0))
		p := proposals.Get(w.c, id)
		p.Call = call
		proposals.Set(w.c, id, p)
		w.wait(testDelay)
		if err := run(w.c, w.calls, call); err != want {
			t.Fatalf("%v, not %v", err, want)
		}
		w.must(frame.Signed(alice), wire.CallExecute(id))
		if proposals.Exists(w.c, id) {
			t.Fatal("the proposal is still there")
		}
	}
}

// TestMembershipChangesCountAgain: approvals of members who left do not count.
func TestMembershipChangesCountAgain(t *testing.T) {
	w := newWorld(t, 2)
	id := w.propose(alice, takeFromDave(wealth/2))
	w.must(frame.Signed(bob), wire.CallApprove(id))
	w.wait(testDelay)
	w.must(frame.Root(), setMembersCall(2, carol, bob, dave))
	if err := w.do(frame.Signed(bob), wire.CallExecute(id)); err != ErrNotApproved {
		t.Fatal(err)
	}
	w.must(frame.Signed(carol), wire.CallApprove(id))
	if err := w.do(frame.Signed(bob), wire.CallExecute(id)); err != ErrTooEarly {
		t.Fatal(err)
	}
	// A lower threshold makes a waiting proposal executable, after the delay.
	other := w.propose(dave, setDelayCall(7))
	w.must(frame.Root(), setMembersCall(1, carol, bob, dave))
	w.wait(testDelay)
	w.must(frame.Signed(alice), wire.CallExecute(other))
	w.must(frame.Signed(alice), wire.CallExecute(id))
	if delay.Get(w.c) != 7 {
		t.Fatal("the calls did not run")
	}
}

// TestDelayChangesDoNotTouchWhatWaits: what outsiders have seen coming keeps its time.
func TestDelayChangesDoNotTouchWhatWaits(t *testing.T) {
	w := newWorld(t, 1)
	id := w.propose(alice, takeFromDave(wealth/2))
	w.must(frame.Root(), setDelayCall(0))
	if err := w.do(frame.Signed(alice), wire.CallExecute(id)); err != ErrTooEarly {
		t.Fatal(err)
	}
	quick := w.propose(alice, setDelayCall(3))
	w.must(frame.Signed(alice), wire.CallExecute(quick))
}

func TestSetMembersAndDelayRefuse(t *testing.T) {
	w := newWorld(t, 2)
	many := make([]scale.AccountID, maxMembers)
	for i := range many {
		many[i] = scale.AccountID{byte(i)}
	}
	w.must(frame.Root(), setMembersCall(uint32(len(many)), many...))
	for name, call := range map[string][]byte{
		"nobody":          setMembersCall(0),
		"twice":           setMembersCall(1, alice, bob, alice),
		"no threshold":    setMembersCall(0, alice),
		"threshold above": setMembersCall(2, alice),
	} {
		if err := w.do(frame.Root(), call); err != ErrMembers {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.do(frame.Root(), setDelayCall(maxDelay+1)); err != ErrDelay {
		t.Fatal(err)
	}
}
