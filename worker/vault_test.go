package worker

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

func testVault(t testing.TB, machine uint32, instance wire.Instance) *vault {
	t.Helper()
	backend, err := simulated.New(machine, filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVault(context.Background(), backend, instance)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVault(t *testing.T) {
	instance := wire.Instance{Genesis: wire.Hash{1}}
	v := testVault(t, 0, instance)
	binding := bindSnapshot(7, wire.Hash{9})
	file := v.seal(kindSnapshot, binding, []byte("plaintext"))
	open := func(v *vault, kind byte, file []byte) error {
		got, plaintext, err := v.open(kind, bytes.Clone(file))
		if err == nil && (got != binding || string(plaintext) != "plaintext") {
			t.Errorf("opened to %q, bound to %x", plaintext, got)
		}
		return err
	}
	if err := open(v, kindSnapshot, file); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file, []byte("plaintext")) {
		t.Error("the plaintext shows")
	}
	for i := range file {
		altered := bytes.Clone(file)
		altered[i] ^= 0x10
		if err := open(v, kindSnapshot, altered); !errors.Is(err, errDamaged) {
			t.Errorf("byte %d altered: %v", i, err)
		}
		if err := open(v, kindSnapshot, file[:i]); !errors.Is(err, errDamaged) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	if err := open(v, kindKeys, file); err == nil {
		t.Error("a snapshot was opened as keys")
	}
	if err := open(testVault(t, 0, instance), kindSnapshot, file); !errors.Is(err, errSealed) {
		t.Errorf("another machine: %v", err)
	}
	other := *v
	other.instance.Contract = 1
	if err := open(&other, kindSnapshot, file); !errors.Is(err, errForeign) {
		t.Errorf("another contract: %v", err)
	}
}

// FuzzVault: no contents of a file make it panic, and none opens but what was sealed.
func FuzzVault(f *testing.F) {
	v := testVault(f, 0, wire.Instance{})
	file := v.seal(kindKeys, [bindingSize]byte{}, []byte("keys"))
	f.Add(file)
	f.Add(file[:100])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, contents []byte) {
		same := bytes.Equal(contents, file)
		if _, _, err := v.open(kindKeys, bytes.Clone(contents)); (err == nil) != same {
			t.Fatalf("open of %d bytes: %v", len(contents), err)
		}
	})
}

// offline is a worker that can encode and decode states, and nothing else.
func offline() *Worker {
	instance := wire.Instance{Genesis: wire.Hash{1}}
	limits := contract.DefaultLimits()
	limits.Accounts, limits.Orders = 1<<10, 1<<10
	return &Worker{config: Config{Instance: instance, Contract: limits}, secrets: &secrets{state: [32]byte{5}}}
}

// stateAfter is the state after some checkpoints without trading.
func stateAfter(t testing.TB, w *Worker, checkpoints uint32) *state {
	t.Helper()
	s, err := w.newState(0, seal.Seed{1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range checkpoints {
		block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: i + 1, Timestamp: uint64(i + 1)}}
		deposit := wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{ID: uint64(i), Asset: 1,
			Amount: scale.U128From(5), Beneficiary: wire.PlainBeneficiary(wire.AccountID{byte(i)})}}
		if err := errors.Join(s.contract.Apply(&block), s.contract.Apply(&deposit)); err != nil {
			t.Fatal(err)
		}
		commit, err := s.contract.EndCheckpoint(wire.Hash{byte(i)})
		if err != nil {
			t.Fatal(err)
		}
		s.pending = append(s.pending, signedCommit{Commit: *commit})
	}
	return s
}

// TestState: a state survives its encoding, and goes on to the same root.
func TestState(t *testing.T) {
	w := offline()
	s := stateAfter(t, w, 3)
	encoded, err := encodeState(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	restored, err := w.decodeState(encoded)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := s.contract.Last()
	after, ok := restored.contract.Last()
	if !ok || before != after || len(restored.pending) != 3 || restored.pending[2].Commit.Digest() != s.pending[2].Commit.Digest() {
		t.Errorf("restored %+v with %d commits", after, len(restored.pending))
	}
	w.secrets.state[0] ^= 1
	if _, err := w.decodeState(encoded); !errors.Is(err, ErrSnapshotState) {
		t.Errorf("with another state key: %v", err)
	}
}

// FuzzState: what lies in a snapshot is authenticated, yet no bytes may make its
// decoder panic, and none makes another state than it claims.
func FuzzState(f *testing.F) {
	w := offline()
	encoded, err := encodeState(stateAfter(f, w, 2), 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Add(encoded[:len(encoded)-3])
	f.Add(binary.LittleEndian.AppendUint32(nil, 1<<31))
	f.Fuzz(func(t *testing.T, contents []byte) {
		if s, err := w.decodeState(contents); err == nil {
			if _, ok := s.contract.Last(); !ok {
				t.Fatal("a state without a last commit")
			}
			s.keyring.Wipe()
		}
	})
}

func TestCommitQueue(t *testing.T) {
	commit := func(checkpoint uint64) *wire.Commit {
		return &wire.Commit{Checkpoint: checkpoint, StateRoot: wire.Hash{byte(checkpoint)}}
	}
	var q commitQueue
	for i := range uint64(5) {
		if due, err := q.due(commit(i)); !due || err != nil {
			t.Fatalf("commit %d: due %v, %v", i, due, err)
		}
		q.add(signedCommit{Commit: *commit(i)})
	}
	if err := q.settle(scale.None[wire.LastCommit]()); err != nil || q.length() != 5 {
		t.Errorf("no commit on the chain: %d left, %v", q.length(), err)
	}
	if err := q.settle(scale.Some(commit(2).Next())); err != nil || q.length() != 2 || q.first(9)[0].Commit.Checkpoint != 3 {
		t.Errorf("three accepted: %d left, %v", q.length(), err)
	}
	if err := q.settle(scale.Some(commit(2).Next())); err != nil || q.length() != 2 {
		t.Errorf("the same again: %d left, %v", q.length(), err)
	}
	if due, err := q.due(commit(1)); due || err != nil {
		t.Errorf("an old commit: due %v, %v", due, err)
	}
	if due, err := q.due(commit(2)); due || err != nil {
		t.Errorf("the last commit: due %v, %v", due, err)
	}
	other := commit(2)
	other.Inbox.Count++
	if _, err := q.due(other); !errors.Is(err, ErrDiscrepancy) {
		t.Errorf("another commit of the last checkpoint: %v", err)
	}
	forged := commit(4).Next()
	forged.Outbox++
	if err := q.settle(scale.Some(forged)); !errors.Is(err, ErrDiscrepancy) {
		t.Errorf("another commit of a pending checkpoint: %v", err)
	}
	if err := q.settle(scale.Some(commit(9).Next())); err != nil || q.length() != 0 {
		t.Errorf("the chain is ahead: %d left, %v", q.length(), err)
	}
	for range maxPending {
		q.add(signedCommit{})
	}
	if !q.full() {
		t.Error("the queue has no end")
	}
	stuck := &Worker{commits: commitQueue{pending: q.all()}}
	if err := stuck.apply(&light.Checkpoint{}); !errors.Is(err, errBacklog) || isFatal(err) {
		t.Errorf("apply with a full queue: %v", err)
	}
}
