package wire

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/crypto/blake2b"
)

func exampleCommit() Commit {
	return Commit{
		Instance: Instance{Genesis: Hash{1}, Contract: 2}, Epoch: 3, Checkpoint: 4, Number: 5, BlockHash: Hash{6},
		PreviousRoot: Hash{7}, Inbox: Inbox{Count: 8, Hash: Hash{9}}, StateRoot: Hash{10}, OutboxStart: 11,
		Outbox: []OutboxMessage{{To: AccountID{12}, Asset: 13, Amount: U128{Lo: 14}}, {To: AccountID{15}, Asset: 2, Amount: U128{Hi: 1}},
			{To: AccountID{16}, Asset: 13, Amount: U128{Lo: 17}}},
		Payouts: []Payout{{First: 2, Second: U128{Hi: 1}}, {First: 13, Second: U128{Lo: 31}}},
	}
}

// blake is the specification's hash, apart from the code under test.
func blake(parts ...string) Hash { return blake2b.Sum256([]byte(strings.Join(parts, ""))) }

func TestHashesAreTheSpecifications(t *testing.T) {
	message := InboxMessageCodec.Marshal(InboxMessage{Kind: MessageEnvelope, Envelope: Envelope{Bytes: []byte("x")}})
	leaf := blake(string(message))
	inbox := Inbox{Count: 4, Hash: Hash{5}}
	if got, want := inbox.Fold(message), (Inbox{Count: 5, Hash: blake("bitcloak/inbox/v1", string(inbox.Hash[:]), string(leaf[:]))}); got != want {
		t.Errorf("inbox %v, want %v", got, want)
	}
	ledgerLeaf := Leaf{Version: 1, Account: AccountID{1}, Asset: 2, Available: U128{Lo: 3}, Held: U128{Hi: 4}, Blinding: [32]byte{5}}
	if got, want := ledgerLeaf.Hash(), blake("bitcloak/leaf/v1", string(LeafCodec.Marshal(ledgerLeaf))); got != want {
		t.Errorf("leaf %v, want %v", got, want)
	}
	a, b := Hash{1}, Hash{2}
	if got, want := NodeHash(&a, &b), blake("bitcloak/node/v1", string(a[:]), string(b[:])); got != want {
		t.Errorf("node %v, want %v", got, want)
	}
	if got, want := StateRoot(a, b), blake("bitcloak/state/v1", string(a[:]), string(b[:])); got != want {
		t.Errorf("root %v, want %v", got, want)
	}
	commit := exampleCommit()
	if got, want := commit.Digest(), blake("bitcloak/commit/v1", string(CommitCodec.Marshal(commit))); got != want {
		t.Errorf("commit %v, want %v", got, want)
	}
	instance := string(InstanceCodec.Marshal(commit.Instance))
	key := ContractKey{Epoch: 1}
	if got, want := key.Digest(commit.Instance), blake("bitcloak/key/v1", instance, string(ContractKeyCodec.Marshal(key))); got != want {
		t.Errorf("key %v, want %v", got, want)
	}
	report, worker := ReportData(commit.Instance, [32]byte{7}), [32]byte{7}
	if want := blake("bitcloak/worker/v1", instance, string(worker[:])); !bytes.Equal(report[:32], want[:]) || !bytes.Equal(report[32:], make([]byte, 32)) {
		t.Errorf("report data %x, want %x and zeros", report, want)
	}
	if got, want := SessionID(worker), blake("bitcloak/session-id/v1", string(worker[:])); got != want {
		t.Errorf("session id %v, want %v", got, want)
	}
}

func TestSessionText(t *testing.T) {
	text := string(WrapBytes(SessionText(Instance{Genesis: Hash{0xab}, Contract: 7}, "EXAMPLE", Hash{0xcd}, 1234)))
	zeros := strings.Repeat("00", 31)
	want := "<Bytes>Bitcloak: open a trading session\nnetwork: 0xab" + zeros + "\ncontract: 7\naccount: EXAMPLE\nsession: 0xcd" +
		zeros + "\nexpires: 1234\n</Bytes>"
	if text != want {
		t.Errorf("got %q, want %q", text, want)
	}
}

func TestPayouts(t *testing.T) {
	commit := exampleCommit()
	if err := commit.CheckPayouts(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Commit){
		"missing":      func(c *Commit) { c.Payouts = c.Payouts[:1] },
		"wrong amount": func(c *Commit) { c.Payouts[0].Second.Lo++ },
		"unsorted":     func(c *Commit) { c.Payouts[0], c.Payouts[1] = c.Payouts[1], c.Payouts[0] },
		"zero payout":  func(c *Commit) { c.Outbox[0].Amount = U128{} },
		"overflow":     func(c *Commit) { c.Outbox[0].Amount = U128{Lo: ^uint64(0), Hi: ^uint64(0)} },
		"invented":     func(c *Commit) { c.Payouts = append(c.Payouts, Payout{First: 99}) },
	} {
		bad := exampleCommit()
		spoil(&bad)
		if bad.CheckPayouts() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// plainRoot computes the root of a tree of 32 levels by the definition, without
// keeping anything.
func plainRoot(leaves []Hash, level int) Hash {
	if level == 0 {
		if len(leaves) == 0 {
			return Hash{}
		}
		return leaves[0]
	}
	if len(leaves) == 0 {
		return EmptySubtrees()[level]
	}
	half := min(len(leaves), 1<<(level-1))
	left, right := plainRoot(leaves[:half], level-1), plainRoot(leaves[half:], level-1)
	return NodeHash(&left, &right)
}

func TestLeafProof(t *testing.T) {
	const count = 5
	var leaves [count]Leaf
	var hashes [count]Hash
	for i := range leaves {
		leaves[i] = Leaf{Version: 1, Account: AccountID{byte(i)}, Available: U128{Lo: uint64(i)}}
		hashes[i] = leaves[i].Hash()
	}
	remainder := Hash{9}
	root := StateRoot(plainRoot(hashes[:], TreeDepth), remainder)
	empty := EmptySubtrees()
	pair := NodeHash(&hashes[0], &hashes[1])
	second := NodeHash(&hashes[2], &hashes[3])
	last := NodeHash(&hashes[4], &empty[0])
	right := NodeHash(&last, &empty[1])
	left := NodeHash(&pair, &second)
	proofs := []LeafProof{
		{Leaf: leaves[2], Index: 2, Siblings: []Hash{hashes[3], pair, right}, Remainder: remainder},
		{Leaf: leaves[4], Index: 4, Siblings: []Hash{empty[0], empty[1], left}, Remainder: remainder},
	}
	for i, proof := range proofs {
		if !proof.Verify(root) {
			t.Errorf("proof %d of a leaf is refused", i)
		}
	}
	for name, spoil := range map[string]func(*LeafProof){
		"more money":          func(p *LeafProof) { p.Leaf.Available.Lo++ },
		"another account":     func(p *LeafProof) { p.Leaf.Account[31]++ },
		"another index":       func(p *LeafProof) { p.Index = 3 },
		"index out of tree":   func(p *LeafProof) { p.Index |= 1 << 31 },
		"another version":     func(p *LeafProof) { p.Leaf.Version = 2 },
		"another remainder":   func(p *LeafProof) { p.Remainder[0]++ },
		"a sibling missing":   func(p *LeafProof) { p.Siblings = p.Siblings[:2] },
		"siblings swapped":    func(p *LeafProof) { p.Siblings[0], p.Siblings[1] = p.Siblings[1], p.Siblings[0] },
		"an empty sibling":    func(p *LeafProof) { p.Siblings = append(p.Siblings, empty[3]) },
		"too many siblings":   func(p *LeafProof) { p.Siblings = make([]Hash, TreeDepth+1) },
		"all siblings filled": func(p *LeafProof) { p.Siblings = append(p.Siblings, empty[3:TreeDepth]...) },
	} {
		bad := proofs[0]
		bad.Siblings = append([]Hash(nil), bad.Siblings...)
		spoil(&bad)
		if bad.Verify(root) {
			t.Errorf("%s: taken", name)
		}
	}
	single := LeafProof{Leaf: leaves[0], Remainder: remainder}
	if !single.Verify(StateRoot(plainRoot(hashes[:1], TreeDepth), remainder)) {
		t.Error("the only leaf of a tree has no proof")
	}
}

// TestStorageKeys compares with keys computed by polkadot.js's hashers.
func TestStorageKeys(t *testing.T) {
	// twox128("System") ++ twox128("Account"), as every Substrate chain has it.
	if got := hex.EncodeToString(StorageAccount(AccountID{})[:32]); got != "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9" {
		t.Errorf("System.Account at %s", got)
	}
	keys := map[string]string{}
	for name, key := range map[string][]byte{
		"account": StorageAccount(AccountID{1}), "asset": StorageAsset(1), "asset account": StorageAssetAccount(1, AccountID{1}),
		"metadata": StorageAssetMetadata(1), "counters": StorageCounters(1), "deposit": StorageDeposit(1),
		"claimable": StorageClaimable(AccountID{1}, 1), "paused": StoragePaused(), "inbox": StorageInbox(),
		"messages": StorageBlockMessages(), "checkpoint": StorageCheckpoint(1), "count": StorageCheckpointCount(),
		"last commit": StorageLastCommit(), "worker": StorageWorker([32]byte{1}), "workers": StorageWorkers(),
		"threshold": StorageThreshold(), "epoch": StorageEpoch(), "contract key": StorageContractKey(1),
		"market": StorageMarket(1), "markets": StorageMarkets(), "discrepancy": StorageDiscrepancy(), "commit votes": StorageCommitVotes(),
	} {
		if other, taken := keys[string(key)]; taken {
			t.Errorf("%s and %s share a key", name, other)
		}
		keys[string(key)] = name
	}
	if got, want := len(StorageAssetAccount(1, AccountID{})), 32+16+4+16+32; got != want {
		t.Errorf("a key of Assets.Account takes %d bytes, want %d", got, want)
	}
}
