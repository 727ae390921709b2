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
	proxies proxies // carry many clients: no limit for one address holds for them
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
		var ip netip.Addr
		if parsed, err := netip.ParseAddrPort(connection.RemoteAddr().String()); err == nil {
			ip = plainIP(parsed.Addr())
		}
		proxy := ip.IsLoopback() || l.proxies.trusts(ip)
		ip = customer(ip)
		if !l.admit(ip, proxy) {
			l.refused()
			_ = connection.Close()
			continue
		}
		return &boundedConnection{Conn: connection, release: func() { l.release(ip) }}, nil
	}
}

func (l *boundedListener) admit(ip netip.Addr, proxy bool) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.total >= l.limits.MaxConnections || l.byIP[ip] >= l.limits.MaxConnectionsPerIP && !proxy {
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
