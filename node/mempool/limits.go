package mempool

import (
	"errors"
	"time"
)

// Limits bounds the pool.
type Limits struct {
	MaxTransactions     int // signed, in all
	MaxBytes            int // signed, in all
	MaxPerSender        int
	MaxBytesPerSender   int
	MaxFuturePerSender  int
	MaxBare             int // 32 workers, each with the commits that may lie ahead, are fewer
	MaxBareBytes        int
	MaxTransactionBytes int
	MaxBans             int
	BanTime             time.Duration
}

// DefaultLimits take a burst of some seconds at full speed.
func DefaultLimits() Limits {
	return Limits{
		MaxTransactions:     65_536,
		MaxBytes:            128 << 20,
		MaxPerSender:        4_096,
		MaxBytesPerSender:   32 << 20,
		MaxFuturePerSender:  64,
		MaxBare:             8_192,
		MaxBareBytes:        16 << 20,
		MaxTransactionBytes: 4 << 20,
		MaxBans:             65_536,
		BanTime:             10 * time.Minute,
	}
}

// bumpDivisor: a replacement's priority must exceed the old one by 1/10 of it, and by 1 at least.
const bumpDivisor = 10

// evictDivisor: a full pool makes room for 1/20 of its limits.
const evictDivisor = 20

// leastShare is how many transactions a sender may always have before it counts as taking more than its share: somebody
// with many accounts must not make everybody else's share tiny.
const leastShare = 16

// ErrLimits refuses limits that cannot work.
var ErrLimits = errors.New("mempool: every limit must be positive, a sender's no larger than the pool's, and a transaction no larger than a sender's share; start from DefaultLimits")

func (l *Limits) validate() error {
	for _, limit := range []int{l.MaxTransactions, l.MaxBytes, l.MaxPerSender, l.MaxBytesPerSender, l.MaxFuturePerSender,
		l.MaxBare, l.MaxBareBytes, l.MaxTransactionBytes, l.MaxBans, int(l.BanTime)} {
		if limit <= 0 {
			return ErrLimits
		}
	}
	if l.MaxPerSender > l.MaxTransactions || l.MaxBytesPerSender > l.MaxBytes ||
		l.MaxTransactionBytes > l.MaxBytesPerSender || l.MaxTransactionBytes > l.MaxBareBytes {
		return ErrLimits
	}
	return nil
}
