package api

import (
	"net"
	"net/netip"
	"sync"
)

// boundedListener closes connections beyond the limits before they cost anything.
type boundedListener struct {
	net.Listener
	limits  Limits
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
		ip := remoteIP(connection.RemoteAddr().String())
		if !l.admit(ip) {
			l.refused()
			_ = connection.Close()
			continue
		}
		return &boundedConnection{Conn: connection, release: func() { l.release(ip) }}, nil
	}
}

func (l *boundedListener) admit(ip netip.Addr) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.total >= l.limits.MaxConnections || l.byIP[ip] >= l.limits.MaxConnectionsPerIP && !ip.IsLoopback() {
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

// remoteIP is the address of a client without its port. All of an IPv6 customer's
// addresses, a /64, count as one.
func remoteIP(address string) netip.Addr {
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Addr{}
	}
	ip := parsed.Addr().Unmap().WithZone("")
	if ip.Is6() && !ip.IsLoopback() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return ip
}
