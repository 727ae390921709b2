package api

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// boundedListener closes connections beyond the limits before they cost anything.
type boundedListener struct {
	net.Listener
	limits  Limits
	exempt  func(netip.Addr) bool // from the bound of one address
	refused func()

	mutex sync.Mutex
	total int
	byIP  map[netip.Addr]int
}

// Accept waits for a connection within the limits.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		plain := remoteIP(connection.RemoteAddr().String())
		ip := customer(plain)
		if !l.admit(ip, l.exempt(plain)) {
			l.refused()
			_ = connection.Close()
			continue
		}
		return &boundedConnection{Conn: connection, release: func() { l.release(ip) }}, nil
	}
}

func (l *boundedListener) admit(ip netip.Addr, exempt bool) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.total >= l.limits.MaxConnections || l.byIP[ip] >= l.limits.MaxConnectionsPerIP && !exempt {
		return false
	}
	l.total++
	l.byIP[ip]++
	return true
}

func (l *boundedListener) release(ip netip.Addr) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.total--
	if l.byIP[ip]--; l.byIP[ip] == 0 {
		delete(l.byIP, ip)
	}
}

// boundedConnection gives its place back when it closes.
type boundedConnection struct {
	net.Conn
	once    sync.Once
	release func()
}

// Close closes the connection.
func (c *boundedConnection) Close() error {
	c.once.Do(c.release)
	return c.Conn.Close()
}

// remoteIP is the address of a client without its port.
func remoteIP(address string) netip.Addr {
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Addr{}
	}
	return plainIP(parsed.Addr())
}

func plainIP(ip netip.Addr) netip.Addr { return ip.Unmap().WithZone("") }

// customer makes all of an IPv6 customer's addresses, a /64, one.
func customer(ip netip.Addr) netip.Addr {
	if ip.Is6() && !ip.IsLoopback() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return ip
}

// trusted tells whether an address is one of the proxies before the relay.
func trusted(proxies []netip.Prefix, ip netip.Addr) bool {
	for _, proxy := range proxies {
		if proxy.Contains(ip) {
			return true
		}
	}
	return false
}

// clientIP is whose request it is: the connection's other end or, if that is a trusted proxy, the last address in its
// X-Forwarded-For that is not a trusted proxy itself. What stands before that, anybody can have written.
func clientIP(r *http.Request, proxies []netip.Prefix) netip.Addr {
	ip := remoteIP(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(proxies, ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = plainIP(hop)
	}
	return customer(ip)
}

// maxBuckets bounds how many addresses are remembered. Beyond it those whose bucket is full again are forgotten; if none is,
// newcomers share one.
const maxBuckets = 16_384

// rates limit something by address.
type rates struct {
	limit rate.Limit
	burst int

	mutex  sync.Mutex
	byIP   map[netip.Addr]*rate.Limiter
	shared *rate.Limiter
}

func newRates(perSecond float64, burst int) *rates {
	limit := rate.Limit(perSecond)
	return &rates{limit: limit, burst: burst, byIP: map[netip.Addr]*rate.Limiter{}, shared: rate.NewLimiter(limit, burst)}
}

// allow takes so many of ip's and tells whether they are within the limit.
func (r *rates) allow(ip netip.Addr, now time.Time, count int) bool {
	return r.of(ip, now).AllowN(now, count)
}

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
