package clients

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the addresses of reverse proxies in front of a server. What they say of a
// request's origin is believed; what anybody else says is not.
type Proxies []netip.Prefix

func (p Proxies) trusts(ip netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// Client is whom a request's limits count for: who connects, or, behind trusted proxies,
// the last address in X-Forwarded-For that is not one of theirs. Each proxy appends whom
// it serves, so what lies before that is the client's own claim. What cannot be read
// counts for the proxy.
func (p Proxies) Client(r *http.Request) netip.Addr {
	ip := remoteIP(r.RemoteAddr)
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
