package trie

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// What is referred to, from the root on, is what a store that had nothing was given: as often as there are places.
func TestReferencesReachEveryPlace(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	for _, keys := range []int{1, 2, 40, 1_000} {
		tr := Open(nil, EmptyRoot, Options{Layout: Layout1})
		for i := range keys {
			value := bytes.Repeat([]byte{byte(random.IntN(3))}, random.IntN(80)) // inline nodes, detached and repeated values
			if err := tr.Put(fmt.Appendf(nil, "%d/%d", random.IntN(40), i), value); err != nil {
				t.Fatal(err)
			}
		}
		set := tr.Commit()
		data, want, got := map[scale.Hash][]byte{}, map[scale.Hash]int{}, map[scale.Hash]int{}
		for _, record := range set.Inserted {
			data[record.Hash] = record.Data
			want[record.Hash]++
		}
		for pending := []Reference{{Hash: set.NewRoot}}; len(pending) > 0; {
			next := pending[len(pending)-1]
			pending = pending[:len(pending)-1]
			got[next.Hash]++
			if next.Value {
				continue
			}
			references, err := References(data[next.Hash])
			if err != nil {
				t.Fatal(err)
			}
			pending = append(pending, references...)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d keys: %d records are reached, %d were inserted", keys, len(got), len(want))
		}
	}
	for _, bad := range [][]byte{nil, {emptyNode}, {headerBranch}, bytes.Repeat([]byte{0xff}, 100)} {
		if _, err := References(bad); !errors.Is(err, ErrNode) {
			t.Errorf("%x: %v", bad, err)
		}
	}
}
