package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"testing/cryptotest"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

var update = flag.Bool("update", false, "write spec/vectors again")

const (
	hashVectors = "../../spec/vectors/hashes.json"
	sealVectors = "../../spec/vectors/sealed.json"
)

type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return []byte("0x" + hex.EncodeToString(b)), nil }

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(bytes.TrimPrefix(text, []byte("0x"))))
	return err
}

// compareVectors holds got to the file, or writes the file.
func compareVectors(t *testing.T, file string, got map[string]hexBytes) {
	t.Helper()
	if *update {
		encoded, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(encoded, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	encoded, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]hexBytes
	if err := json.Unmarshal(encoded, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(got) {
		t.Errorf("%s has %d vectors, the test %d", file, len(want), len(got))
	}
	for name, value := range got {
		if !bytes.Equal(want[name], value) {
			t.Errorf("%s: %x, the file says %x", name, value, want[name])
		}
	}
}

func vectorCommit() wire.Commit {
	return wire.Commit{
		Instance: testInstance, Epoch: 3, Checkpoint: 4, Number: 5, BlockHash: wire.Hash{6}, PreviousRoot: wire.Hash{7},
		Inbox: wire.Inbox{Count: 8, Hash: wire.Hash{9}}, StateRoot: wire.Hash{10}, OutboxStart: 11,
		Outbox:  []wire.OutboxMessage{{To: wire.AccountID{12}, Asset: 13, Amount: wire.U128{Lo: 14}}},
		Payouts: []wire.Payout{{First: 13, Second: wire.U128{Lo: 14}}},
	}
}

func TestHashVectors(t *testing.T) {
	message := wire.InboxMessageCodec.Marshal(wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{
		ID: 1, Depositor: wire.AccountID{2}, Asset: 3, Amount: wire.U128{Lo: 4, Hi: 5}, Beneficiary: wire.PlainBeneficiary(wire.AccountID{6}),
	}})
	inbox := wire.Inbox{}.Fold(message)
	leaf := wire.Leaf{Version: 1, Account: wire.AccountID{1}, Asset: 2, Available: wire.U128{Lo: 3}, Held: wire.U128{Hi: 4}, Blinding: [32]byte{5}}
	leafHash, node := leaf.Hash(), wire.NodeHash(&wire.Hash{1}, &wire.Hash{2})
	empty := wire.EmptySubtrees()
	root := wire.StateRoot(wire.Hash{1}, wire.Hash{2})
	commit := vectorCommit()
	commitDigest := commit.Digest()
	key := wire.ContractKey{Epoch: 1, Public: [wire.PublicKeySize]byte{2}}
	keyDigest := key.Digest(testInstance)
	report := wire.ReportData(testInstance, [32]byte{1})
	answer := wire.AnswerStatement{Instance: testInstance, Body: wire.AnswerBody{Kind: wire.AnswerRefused, Reason: "no session"}}
	answerDigest := answer.Digest()
	session := wire.SessionID([32]byte{7})
	compareVectors(t, hashVectors, map[string]hexBytes{
		"instance":                    wire.InstanceCodec.Marshal(testInstance),
		"message":                     message,
		"inbox after message":         inbox.Hash[:],
		"leaf":                        wire.LeafCodec.Marshal(leaf),
		"leaf hash":                   leafHash[:],
		"node of 01.. and 02..":       node[:],
		"empty tree of 32 levels":     empty[wire.TreeDepth][:],
		"state root of 01.. and 02..": root[:],
		"commit":                      wire.CommitCodec.Marshal(commit),
		"commit digest":               commitDigest[:],
		"key digest":                  keyDigest[:],
		"report data":                 report[:],
		"answer statement":            wire.AnswerStatementCodec.Marshal(answer),
		"answer digest":               answerDigest[:],
		"session id of secret 07..":   session[:],
		"session message":             SessionMessage(testInstance, wire.AccountID{1}, session, 1000),
	})
}

// TestSealedVectors fixes what sealing makes under a fixed source of randomness,
// and opens what the file holds: another implementation opens the same bytes.
func TestSealedVectors(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	ring, public := newTestKeyring(t, 2)
	next, err := ring.Public(3)
	if err != nil {
		t.Fatal(err)
	}
	session, signature := newTestSession(t, keys.Ed25519, 2)
	opening, err := session.Open(public, signature)
	if err != nil {
		t.Fatal(err)
	}
	beneficiary, err := public.Beneficiary(wire.AccountID{1}, wire.AccountID{2}, 3, wire.U128{Lo: 4})
	if err != nil {
		t.Fatal(err)
	}
	command := wire.Command{Kind: wire.CommandPlace, Order: 1, Market: 2, Side: wire.Sell, Price: 3, Quantity: 4}
	first, err := session.Seal(2, 5, &command)
	if err != nil {
		t.Fatal(err)
	}
	second, err := session.Seal(3, 6, &command)
	if err != nil {
		t.Fatal(err)
	}
	queryKey, root, seed := session.QueryKey(), RootKey(session.secret, testInstance, session.account, 2), testSeed.Next(3)
	ratcheted := RatchetKey(root, 3)
	request, _, err := public.Query(session.account, queryKey, &wire.Query{Kind: wire.QueryBalances, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	question, err := ring.Query(request)
	if err != nil || !question.Authentic(queryKey) {
		t.Fatalf("the query of the vectors does not open: %v", err)
	}
	if _, err := ring.Opening(opening); err != nil {
		t.Fatal(err)
	}
	compareVectors(t, sealVectors, map[string]hexBytes{
		"seed of epoch 2": testSeed[:], "seed of epoch 3": seed[:],
		"public key of epoch 2": public.key.Bytes(), "public key of epoch 3": next.Public[:],
		"account": session.account[:], "secret": session.secret[:], "root of epoch 2": root[:], "root of epoch 3": ratcheted[:],
		"query key": queryKey[:], "opening": opening, "sealed beneficiary": beneficiary.Sealed,
		"command, epoch 2, sequence 5": first, "command, epoch 3, sequence 6": second, "query": request,
		"answer secret": question.channel.answer[:],
	})
}
