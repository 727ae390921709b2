package api

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the addresses of reverse proxies in front of the worker. What they say of
// a request's origin is believed; what anybody else says is not.
type proxies []netip.Prefix

func (p proxies) trusts(ip netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// client is whom a request's limits count for: who connects, or, behind trusted proxies,
// the last address in X-Forwarded-For that is not one of theirs. Each proxy appends whom
// it serves, so what lies before that is the client's own claim. What cannot be read
// counts for the proxy.
func (p proxies) client(r *http.Request) netip.Addr {
	parsed, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip := plainIP(parsed.Addr())
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = plainIP(hop)
	}
	return customer(ip)
}

func plainIP(ip netip.Addr) netip.Addr { return ip.Unmap().WithZone("") }

// customer is what a limit counts for: all of an IPv6 customer's addresses, a /64, are one.
func customer(ip netip.Addr) netip.Addr {
	if ip.Is6() && !ip.IsLoopback() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return ip
}
