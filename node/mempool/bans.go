package mempool

import (
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// bans are hashes not to look at until some time.
type bans struct {
	maximum int
	until   map[scale.Hash]time.Time
}

func newBans(maximum int) bans { return bans{maximum: maximum, until: map[scale.Hash]time.Time{}} }

func (b *bans) banned(hash scale.Hash, now time.Time) bool {
	until, ok := b.until[hash]
	if ok && !now.Before(until) {
		delete(b.until, hash)
		ok = false
	}
	return ok
}

// add bans a hash. When there are too many, those whose time is over go, or, if there are none, all: a ban saves work,
// it does not keep anything safe.
func (b *bans) add(hash scale.Hash, until, now time.Time) {
	if len(b.until) >= b.maximum {
		for banned, end := range b.until {
			if !now.Before(end) {
				delete(b.until, banned)
			}
		}
	}
	if len(b.until) >= b.maximum {
		clear(b.until)
	}
	b.until[hash] = until
}
