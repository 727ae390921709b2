package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Calls of origin Root, by index.
const (
	setPaused        = 10
	allowMeasurement = 13
	allowPlatform    = 14
	setEpochDuration = 16
	setDelay         = 11
)

var yes, no = []byte{1}, []byte{0}

func developmentPlatform(i uint32) scale.Hash {
	return hashing.Blake2_256([]byte("bitcloak/development-platform/v1"), scale.U32.Marshal(i))
}

var developmentMeasurement = scale.Hash(hashing.Blake2_256([]byte("bitcloak/development-measurement/v1")))

// inThePool is a chain on which Bob has deposited, with one worker.
func inThePool(t *testing.T) (c *chain, worker keys.Pair) {
	t.Helper()
	c, worker = newChain(t), ed25519Pair(t, "worker")
	c.mustSucceed(c.sign(dev(t, "Alice"), registration(t, c, worker, 0)))
	c.mustSucceed(c.sign(dev(t, "Bob"), must(wire.CallDeposit(usdtAsset, scale.U128From(100_000), wire.PlainBeneficiary(dev(t, "Bob").AccountID())))))
	c.answerAll(worker)
	return c, worker
}

// TestI10PauseBlocksNobodyFromLeaving: governance pauses, and takes deposits again.
func TestI10PauseBlocksNobodyFromLeaving(t *testing.T) {
	c, worker := inThePool(t)
	deposit := func() bool {
		call := must(wire.CallDeposit(ksmAsset, scale.U128From(cloak), wire.PlainBeneficiary(scale.AccountID{9})))
		result := c.block(c.sign(dev(t, "Dave"), call))[0]
		return !result.Failed()
	}
	if !deposit() {
		t.Fatal("a deposit is refused before the pause")
	}
	c.mustGovern(rootCall(wire.PalletPrivateAssets, setPaused, yes))
	if deposit() {
		t.Fatal("a deposit is taken during the pause")
	}
	c.leave(worker, "during the pause")
	c.mustGovern(rootCall(wire.PalletPrivateAssets, setPaused, no))
	if !deposit() {
		t.Fatal("a deposit is refused after the pause")
	}
	c.leave(worker, "after the pause")
}

// TestI10ListsBlockNobodyFromLeaving: another program and another machine are allowed, a
// worker starts there, and the old ones are withdrawn. Commits go on in every state of it.
func TestI10ListsBlockNobodyFromLeaving(t *testing.T) {
	c, old := inThePool(t)
	program, machine := scale.Hash{1}, scale.Hash{2}
	next := ed25519Pair(t, "next worker")
	c.mustGovern(rootCall(wire.PalletConfidential, allowMeasurement, program[:], yes))
	c.leave(old, "another program is allowed")
	c.mustGovern(rootCall(wire.PalletConfidential, allowPlatform, machine[:], yes))
	c.leave(old, "another machine is allowed")
	c.mustSucceed(c.sign(dev(t, "Alice"), registrationOf(t, c, next, program, machine)))
	c.leave(old, "a worker is there")
	oldMachine := developmentPlatform(0)
	c.mustGovern(rootCall(wire.PalletConfidential, allowPlatform, oldMachine[:], no))
	c.leave(next, "the old machine is withdrawn")
	c.mustGovern(rootCall(wire.PalletConfidential, allowMeasurement, developmentMeasurement[:], no))
	c.leave(next, "the old program is withdrawn")
	if _, exists := stored(c, wire.StorageWorker(old.Public()), wire.WorkerCodec); exists {
		t.Fatal("the old worker is still there")
	}
}

// TestI10ClaimsNeedNoWorker: with the last worker withdrawn, what is claimable is claimed.
func TestI10ClaimsNeedNoWorker(t *testing.T) {
	c, worker := inThePool(t)
	alice := dev(t, "Alice")
	// While its issuer has frozen the asset, nobody can be paid.
	freeze := rootCall(wire.PalletAssets, 8, scale.U32.Marshal(usdtAsset))
	thaw := rootCall(wire.PalletAssets, 9, scale.U32.Marshal(usdtAsset))
	c.mustSucceed(c.sign(alice, freeze))
	c.answerAll(worker, wire.OutboxMessage{To: dev(t, "Bob").AccountID(), Asset: usdtAsset, Amount: scale.U128From(5_000)})
	machine := developmentPlatform(0)
	c.mustGovern(rootCall(wire.PalletConfidential, allowPlatform, machine[:], no))
	c.mustGovern(rootCall(wire.PalletPrivateAssets, setPaused, yes))
	c.mustSucceed(c.sign(alice, thaw))
	c.mustSucceed(c.sign(dev(t, "Bob"), wire.CallClaim(usdtAsset, scale.None[scale.AccountID]())))
}

// TestI10UpgradeBlocksNobodyFromLeaving: while one is scheduled, up to its last block, and
// when it is cancelled; and whatever else governance can set.
func TestI10UpgradeBlocksNobodyFromLeaving(t *testing.T) {
	c, worker := inThePool(t)
	c.mustGovern(scheduleUpgrade(2, c.head.Number+60))
	c.leave(worker, "an upgrade is scheduled")
	c.mustGovern(rootCall(0, 21))
	c.leave(worker, "an upgrade is cancelled")
	c.mustGovern(rootCall(wire.PalletConfidential, setEpochDuration, scale.U64.Marshal(1_000)))
	c.leave(worker, "epochs are short")
	c.mustGovern(rootCall(wire.PalletGovernance, setDelay, scale.U64.Marshal(30*24*3_600_000)))
	c.mustSucceed(c.sign(dev(t, "Alice"), wire.CallPropose(rootCall(wire.PalletPrivateAssets, setPaused, yes))))
	c.leave(worker, "a proposal waits for a month")
}
