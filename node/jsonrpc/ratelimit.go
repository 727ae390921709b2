package jsonrpc

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds how many addresses are remembered; beyond it, the ones that are full again are forgotten, and if
// none is, newcomers share one bucket.
const maxBuckets = 16_384

// buckets hold one token bucket for each remote address.
type buckets struct {
	mutex  sync.Mutex
	limit  rate.Limit
	burst  int
	byHost map[string]*rate.Limiter
	shared *rate.Limiter
}

func newBuckets(perSecond float64, burst int) *buckets {
	return &buckets{limit: rate.Limit(perSecond), burst: burst, byHost: map[string]*rate.Limiter{},
		shared: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// ofSession is the bucket of a new WebSocket connection: its address's, or its own if it comes from this machine.
func (b *buckets) ofSession(host string) *rate.Limiter {
	if isLoopback(host) {
		return rate.NewLimiter(b.limit, b.burst)
	}
	return b.of(host)
}

func (b *buckets) of(host string) *rate.Limiter {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if limiter, ok := b.byHost[host]; ok {
		return limiter
	}
	if len(b.byHost) >= maxBuckets {
		b.forgetFull(time.Now())
	}
	if len(b.byHost) >= maxBuckets {
		return b.shared
	}
	limiter := rate.NewLimiter(b.limit, b.burst)
	b.byHost[host] = limiter
	return limiter
}

// forgetFull drops buckets that have refilled: a new one would be the same.
func (b *buckets) forgetFull(now time.Time) {
	for host, limiter := range b.byHost {
		if limiter.TokensAt(now) >= float64(b.burst) {
			delete(b.byHost, host)
		}
	}
}
