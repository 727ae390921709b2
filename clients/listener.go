package clients

import (
	"net"
	"net/netip"
	"sync"
)

// Connections bounds those that are open at once.
type Connections struct {
	Max      int     // of all clients, idle ones included
	MaxPerIP int     // of one address, loopback and trusted proxies excepted: they carry many clients
	Proxies  Proxies // that are trusted
	Refused  func()  // told of each that is closed at once
}

// listener closes connections beyond the limits before they cost anything.
type listener struct {
	net.Listener
	limits Connections

	mutex sync.Mutex
	total int
	byIP  map[netip.Addr]int
}

// Listen bounds the connections that inner accepts.
func Listen(inner net.Listener, limits Connections) net.Listener {
	return &listener{Listener: inner, limits: limits, byIP: map[netip.Addr]int{}}
}

// Accept waits for a connection within the limits.
func (l *listener) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		plain := remoteIP(connection.RemoteAddr().String())
		ip := customer(plain)
		if !l.admit(ip, plain.IsLoopback() || l.limits.Proxies.trusts(plain)) {
			l.limits.Refused()
			_ = connection.Close()
			continue
		}
		return &boundedConnection{Conn: connection, release: func() { l.release(ip) }}, nil
	}
}

func (l *listener) admit(ip netip.Addr, exempt bool) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.total >= l.limits.Max || l.byIP[ip] >= l.limits.MaxPerIP && !exempt {
		return false
	}
	l.total++
	l.byIP[ip]++
	return true
}

func (l *listener) release(ip netip.Addr) {
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
