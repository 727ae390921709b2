package trie

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// smoldotVectors were made by smoldot, a client that shares no code with
// polkadot-sdk, through @acala-network/chopsticks-executor 1.5.1:
// calculate_state_root of each state in both layouts; create_proof of some
// states in layout 0, and decode_proof of the result.
type smoldotVectors struct {
	States []smoldotState
	Proofs []struct {
		Root    scale.Hash
		Nodes   []hexBytes
		Entries [][2]hexBytes
	}
}

type smoldotState struct {
	Entries []smoldotEntry
	Root0   scale.Hash
	Root1   scale.Hash
}

type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(strings.TrimPrefix(string(text), "0x"))
	return err
}

// smoldotEntry is written as [key, size of the value, byte that fills it].
type smoldotEntry struct {
	key   hexBytes
	value []byte
}

func (e *smoldotEntry) UnmarshalJSON(data []byte) error {
	var size int
	var fill byte
	if err := json.Unmarshal(data, &[]any{&e.key, &size, &fill}); err != nil {
		return err
	}
	e.value = bytes.Repeat([]byte{fill}, size)
	return nil
}

func (s smoldotState) changes() (changes []Change) {
	for _, entry := range s.Entries {
		changes = append(changes, Change{Key: entry.key, Value: entry.value})
	}
	sortChanges(changes)
	return changes
}

func loadSmoldot(t testing.TB) (vectors smoldotVectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/smoldot.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.States) < 20 || len(vectors.Proofs) < 6 {
		t.Fatal("testdata/smoldot.json is incomplete")
	}
	return vectors
}

func TestRootsAgreeWithSmoldot(t *testing.T) {
	for i, state := range loadSmoldot(t).States {
		for layout, want := range map[Layout]scale.Hash{Layout0: state.Root0, Layout1: state.Root1} {
			batch := Open(nil, EmptyRoot, Options{Layout: layout})
			if err := batch.Apply(state.changes()); err != nil {
				t.Fatal(err)
			}
			if got := batch.Root(); got != want {
				t.Errorf("state %d, layout %d: root %s, smoldot has %s", i, layout, got, want)
			}
			single := Open(nil, EmptyRoot, Options{Layout: layout})
			for _, entry := range state.Entries {
				if err := single.Put(entry.key, entry.value); err != nil {
					t.Fatal(err)
				}
			}
			if got := single.Root(); got != want {
				t.Errorf("state %d, layout %d, key by key: root %s, smoldot has %s", i, layout, got, want)
			}
		}
	}
}

func TestProofsOfSmoldotVerify(t *testing.T) {
	for i, vector := range loadSmoldot(t).Proofs {
		proof := make([][]byte, len(vector.Nodes))
		for i, node := range vector.Nodes {
			proof[i] = node
		}
		for _, entry := range vector.Entries {
			value, found, err := Verify(vector.Root, proof, entry[0])
			if err != nil || !found || !bytes.Equal(value, entry[1]) {
				t.Errorf("proof %d: key %x has %x, %v, %v; smoldot has %x", i, entry[0], value, found, err, entry[1])
			}
			absent := append(bytes.Clone(entry[0]), 0x5a)
			if _, found, err := Verify(vector.Root, proof, absent); err != nil || found {
				t.Errorf("proof %d: absent key %x: found %v, %v", i, absent, found, err)
			}
		}
	}
}

// testdata/accepted_proofs.json holds proofs of this package that smoldot's
// decode_proof accepted and read the right values from.
func TestProofsAreThoseThatSmoldotAccepts(t *testing.T) {
	raw, err := os.ReadFile("testdata/accepted_proofs.json")
	if err != nil {
		t.Fatal(err)
	}
	var accepted []struct {
		State  int
		Layout Layout
		Proof  []hexBytes
	}
	if err := json.Unmarshal(raw, &accepted); err != nil || len(accepted) < 10 {
		t.Fatal(len(accepted), err)
	}
	states := loadSmoldot(t).States
	for _, vector := range accepted {
		changes := states[vector.State].changes()
		tr := Open(nil, EmptyRoot, Options{Layout: vector.Layout})
		if err := tr.Apply(changes); err != nil {
			t.Fatal(err)
		}
		keys := [][]byte{{1, 2, 3}, {}}
		for i := 0; i < len(changes); i += 3 {
			keys = append(keys, changes[i].Key)
		}
		proof, err := tr.Prove(keys...)
		if err != nil {
			t.Fatal(err)
		}
		if len(proof) != len(vector.Proof) {
			t.Fatalf("state %d: %d records, smoldot accepted %d", vector.State, len(proof), len(vector.Proof))
		}
		for i := range proof {
			if !bytes.Equal(proof[i], vector.Proof[i]) {
				t.Errorf("state %d: record %d is %x, smoldot accepted %x", vector.State, i, proof[i], vector.Proof[i])
			}
		}
	}
}
