package engine

import "testing"

// TestIndexAgreesWithMap enters and removes ids of several patterns, among them ones that share slots of the ring.
func TestIndexAgreesWithMap(t *testing.T) {
	patterns := map[string]func(choose func(uint64) uint64, i uint64) OrderID{
		"counted up":  func(_ func(uint64) uint64, i uint64) OrderID { return OrderID(i) },
		"random":      func(choose func(uint64) uint64, _ uint64) OrderID { return OrderID(choose(1<<64 - 1)) },
		"multiples":   func(_ func(uint64) uint64, i uint64) OrderID { return OrderID(i << 20) },
		"high halves": func(choose func(uint64) uint64, i uint64) OrderID { return OrderID(choose(50)<<32 | i/50) },
		"few":         func(choose func(uint64) uint64, _ uint64) OrderID { return OrderID(choose(300)) },
	}
	for name, pattern := range patterns {
		t.Run(name, func(t *testing.T) {
			choose := chooser(2)
			records, index := newOrders(), newOrderIndex()
			open, ids := map[OrderID]uint32{}, []OrderID{}
			for i := range uint64(30_000) {
				if id := pattern(choose, i); open[id] == 0 {
					position := records.allocate()
					index.insert(id, position, &records)
					records.at(position).id, records.at(position).level = id, 1
					open[id], ids = position, append(ids, id)
				}
				// Take out as many in the second half as come in.
				for len(ids) > 0 && (choose(3) == 0 || i > 15_000 && choose(2) == 0) {
					at := choose(uint64(len(ids)))
					id := ids[at]
					ids[at] = ids[len(ids)-1]
					ids = ids[:len(ids)-1]
					index.remove(id, open[id])
					records.release(open[id])
					delete(open, id)
					if index.find(id, &records) != 0 {
						t.Fatalf("step %d: removed id %d is found", i, id)
					}
				}
				if i%1000 == 0 {
					checkIndex(t, &index, &records, open)
				}
			}
			checkIndex(t, &index, &records, open)
		})
	}
}

func checkIndex(t *testing.T, index *orderIndex, records *orders, open map[OrderID]uint32) {
	t.Helper()
	inRing := 0
	for _, position := range index.ring {
		if position != 0 {
			inRing++
		}
	}
	if inRing+int(index.overflow.used) != len(open) {
		t.Fatalf("%d orders in the ring and %d in the overflow, %d are open", inRing, index.overflow.used, len(open))
	}
	for id, position := range open {
		if index.find(id, records) != position {
			t.Fatalf("id %d is not found", id)
		}
		if index.find(id+1<<40, records) != open[id+1<<40] {
			t.Fatalf("an id that shares the slot of %d is found wrongly", id)
		}
	}
}
