package clients

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds how many addresses are remembered. Beyond it those whose bucket is
// full again are forgotten; if none is, newcomers share one.
const maxBuckets = 16_384

// Rates limits something by address.
type Rates struct {
	limit rate.Limit
	burst int

	mutex  sync.Mutex
	byIP   map[netip.Addr]*rate.Limiter
	shared *rate.Limiter
}

// NewRates allows each address so much a second, and burst at once.
func NewRates(perSecond float64, burst int) *Rates {
	limit := rate.Limit(perSecond)
	return &Rates{limit: limit, burst: burst, byIP: map[netip.Addr]*rate.Limiter{}, shared: rate.NewLimiter(limit, burst)}
}

// Allow takes so many of ip's and tells whether they are within the limit.
func (r *Rates) Allow(ip netip.Addr, now time.Time, count int) bool {
	return r.of(ip, now).AllowN(now, count)
}

func (r *Rates) of(ip netip.Addr, now time.Time) *rate.Limiter {
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
