package sim

import (
	"slices"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/worker"
)

// lie is a wrong answer to a question, in the way of a hostile node.
func (w *World) lie(fate chance, q *question, n *node, value any) (any, error) {
	w.count("lies")
	switch v := value.(type) {
	case []byte:
		if q.method == methodLightBlock && fate.in(1, 2) {
			return w.forgedLightBlock(fate, n), nil
		}
		return spoil(fate, v), nil
	case [][]byte:
		return spoilList(fate, v), nil
	case []light.Body:
		return spoilBodies(fate, v), nil
	case worker.RuntimeVersion:
		v.Spec += uint32(fate.IntN(2))
		return v, nil
	default:
		return value, nil
	}
}

// spoil changes, cuts or replaces bytes.
func spoil(fate chance, b []byte) []byte {
	out := slices.Clone(b)
	switch {
	case len(out) == 0 || fate.in(1, 6):
		return fate.bytes(fate.between(0, 300))
	case fate.in(1, 4):
		return out[:fate.IntN(len(out))]
	case fate.in(1, 6):
		return append(out, fate.bytes(fate.between(1, 8))...)
	default:
		out[fate.IntN(len(out))] ^= 1 << fate.IntN(8)
		return out
	}
}

// spoilList spoils one of the elements, or their number or order.
func spoilList(fate chance, list [][]byte) [][]byte {
	out := slices.Clone(list)
	if len(out) == 0 {
		return [][]byte{fate.bytes(8)}
	}
	at := fate.IntN(len(out))
	switch fate.IntN(5) {
	case 0:
		return slices.Delete(out, at, at+1)
	case 1:
		return slices.Insert(out, at, out[at])
	case 2:
		other := fate.IntN(len(out))
		out[at], out[other] = out[other], out[at]
	case 3:
		return nil
	default:
		out[at] = spoil(fate, out[at])
	}
	return out
}

// spoilBodies spoils checkpoints: as a list, or the messages of one.
func spoilBodies(fate chance, bodies []light.Body) []light.Body {
	out := slices.Clone(bodies)
	if len(out) == 0 {
		return []light.Body{{Index: fate.Uint64N(100), Number: fate.Uint32N(100), Messages: [][]byte{fate.bytes(40)}}}
	}
	at := fate.IntN(len(out))
	switch fate.IntN(6) {
	case 0:
		return slices.Delete(out, at, at+1)
	case 1:
		return slices.Insert(out, at, out[at])
	case 2:
		out[at].Number++
	case 3:
		out[at].Hash = scale.Hash(fate.bytes(32))
	default:
		out[at].Messages = spoilList(fate, out[at].Messages)
	}
	return out
}

// forgedLightBlock is a latest light block with another history in it, signed by too few or for something else.
func (w *World) forgedLightBlock(fate chance, n *node) []byte {
	d := w.consensus.decided[max(n.served(), 1)-1]
	switch fate.IntN(4) {
	case 0: // an honest one, older
		return w.consensus.decided[fate.IntN(int(d.height))].light
	case 1: // another outcome, under the signatures for the true one
		forged := slices.Clone(d.light)
		if at := slices.Index(forged, d.header.AppHash[0]); at >= 0 {
			forged[at] ^= 0xff
		}
		return forged
	case 2: // another outcome, signed by a minority
		header := d.header
		header.AppHash = fate.bytes(32)
		header.Height++
		return w.consensus.lightBlock(&header, []int{0}[:min(1, w.consensus.quorum()-1)])
	default: // a claim of another height
		if other := w.consensus.decided[fate.IntN(int(d.height))]; len(other.txs) > 0 {
			return append(w.consensus.lightBlock(&d.header, w.everyone()), claimOf(other.txs)...)
		}
		return nil
	}
}

// everyone is the places of all validators.
func (w *World) everyone() []int {
	out := make([]int, len(w.nodes))
	for i := range out {
		out[i] = i
	}
	return out
}
