package light

import (
	"sync"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// recentHeaders bounds the headers of heads that are remembered.
const recentHeaders = 64

// recent remembers the headers of the last heads, so that the way from one head to
// the next seldom has to be fetched.
type recent struct {
	mutex  sync.Mutex
	byHash map[scale.Hash]*header.Header
	order  []scale.Hash // oldest first
}

func (r *recent) add(hash scale.Hash, h *header.Header) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if _, known := r.byHash[hash]; known {
		return
	}
	if r.byHash == nil {
		r.byHash = map[scale.Hash]*header.Header{}
	}
	if len(r.order) == recentHeaders {
		delete(r.byHash, r.order[0])
		r.order = append(r.order[:0], r.order[1:]...)
	}
	r.byHash[hash] = h
	r.order = append(r.order, hash)
}

// link is a header and its name.
type link struct {
	id     BlockID
	header *header.Header
}

// path is the headers above from up to to, oldest first, if all are remembered and
// lead there.
func (r *recent) path(from, to BlockID) ([]link, bool) {
	if to.Number-from.Number > recentHeaders {
		return nil, false
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	path := make([]link, to.Number-from.Number)
	for at := to; at.Number > from.Number; {
		h := r.byHash[at.Hash]
		if h == nil || h.Number != at.Number {
			return nil, false
		}
		path[at.Number-from.Number-1] = link{id: at, header: h}
		at = BlockID{Number: at.Number - 1, Hash: h.ParentHash}
		if at.Number == from.Number && at.Hash != from.Hash {
			return nil, false // fetching will tell what is wrong
		}
	}
	return path, true
}
