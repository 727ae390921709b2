package api

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds how many addresses are remembered. Beyond it those whose
// bucket is full again are forgotten; if none is, newcomers share one.
const maxBuckets = 16_384

// rates limit requests by address.
type rates struct {
	limit rate.Limit
	burst int

	mutex  sync.Mutex
	byIP   map[netip.Addr]*rate.Limiter
	shared *rate.Limiter
}

func newRates(l *Limits) *rates {
	limit := rate.Limit(l.RequestsPerSecond)
	return &rates{limit: limit, burst: l.RequestBurst, byIP: map[netip.Addr]*rate.Limiter{}, shared: rate.NewLimiter(limit, l.RequestBurst)}
}

// allow counts a request of ip and tells whether it is within the limit.
func (r *rates) allow(ip netip.Addr, now time.Time) bool { return r.of(ip, now).AllowN(now, 1) }

func (r *rates) of(ip netip.Addr, now time.Time) *rate.Limiter {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if limiter, ok := r.byIP[ip]; ok {
		return limiter
	}
	if len(r.byIP) >= maxBuckets {
		for other, limiter := range r.byIP {
			if limiter.TokensAt(now) >= float64(r.burst) {
				delete(r.byIP, other)
			}
		}
	}
	if len(r.byIP) >= maxBuckets {
		return r.shared
	}
	limiter := rate.NewLimiter(r.limit, r.burst)
	r.byIP[ip] = limiter
	return limiter
}
