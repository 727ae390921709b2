package engine

import (
	"cmp"
	"math"
	"slices"
	"testing"
)

// chooser returns choices from a seed (splitmix64).
func chooser(seed uint64) func(n uint64) uint64 {
	return func(n uint64) uint64 {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return (z ^ z>>31) % n
	}
}

// TestLadderAgreesWithSortedList inserts and removes prices near and far on both sides of two markets that share a pool.
func TestLadderAgreesWithSortedList(t *testing.T) {
	choose := chooser(1)
	prices := []func() Price{
		func() Price { return Price(1 + choose(200)) },
		func() Price { return Price(100_000 + choose(5000)) },
		func() Price { return Price(1+choose(15)) << choose(61) },
		func() Price { return Price(math.MaxUint64 - choose(70)) },
		func() Price { return Price(choose(math.MaxUint64)) },
	}
	pool := newLadders()
	var sides [4]ladder
	var sorted [4][]uint64
	for i := range 60_000 {
		which := int(choose(4))
		side, keys := &sides[which], &sorted[which]
		key := keyOf(Side(which%2), prices[choose(5)]())
		if len(*keys) > 0 && choose(2) == 0 {
			key = (*keys)[choose(uint64(len(*keys)))]
		}
		place, there := slices.BinarySearch(*keys, key)
		at := pool.find(side.root, key)
		if (at != 0) != there || there && pool.levels.at(at).key != key {
			t.Fatalf("step %d: key %x is found: %v", i, key, at != 0)
		}
		if there {
			pool.remove(side, at)
			*keys = slices.Delete(*keys, place, place+1)
		} else {
			pool.insert(side, key)
			*keys = slices.Insert(*keys, place, key)
		}
		if i%50 == 0 || i < 500 {
			checkLadder(t, &pool, side, *keys)
		}
	}
	for which := range sides {
		for _, key := range sorted[which] {
			pool.remove(&sides[which], pool.find(sides[which].root, key))
		}
		checkLadder(t, &pool, &sides[which], nil)
	}
	free := uint32(0)
	for at := pool.freeNode; at != 0; at = pool.nodes.at(at).parent {
		free++
	}
	if free+1 != pool.nodes.used {
		t.Fatalf("%d nodes of %d are free", free, pool.nodes.used-1)
	}
}

func checkLadder(t *testing.T, pool *ladders, side *ladder, keys []uint64) {
	t.Helper()
	if err := pool.checkNodes(side); err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for at := side.best; at != 0; at = pool.after(at) {
		got = append(got, pool.levels.at(at).key)
	}
	if !slices.Equal(got, keys) || int(side.count) != len(keys) {
		t.Fatalf("levels are\n%x\nshould be\n%x", got, keys)
	}
}

func TestKeysRankPrices(t *testing.T) {
	prices := []Price{1, 2, 99, 100, 1 << 40, math.MaxUint64}
	for i, a := range prices {
		if Price(keyOf(Buy, Price(keyOf(Buy, a)))) != a || Price(keyOf(Sell, a)) != a {
			t.Errorf("price %d does not come back", a)
		}
		for _, b := range prices[:i] {
			if cmp.Compare(keyOf(Sell, b), keyOf(Sell, a)) >= 0 || cmp.Compare(keyOf(Buy, a), keyOf(Buy, b)) >= 0 {
				t.Errorf("prices %d and %d are ranked wrongly", a, b)
			}
		}
	}
}
