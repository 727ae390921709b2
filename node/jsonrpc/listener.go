package jsonrpc

import (
	"net"
	"net/netip"
	"sync"
)

// limitedListener closes connections beyond the limits at once, before they can cost anything.
type limitedListener struct {
	net.Listener
	server *Server

	mutex sync.Mutex
	total int
	perIP map[string]int
}

func newLimitedListener(inner net.Listener, server *Server) *limitedListener {
	return &limitedListener{Listener: inner, server: server, perIP: map[string]int{}}
}

// Accept waits for a connection that is within the limits.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := remoteHost(connection.RemoteAddr().String())
		if reason := l.admit(host); reason != "" {
			l.server.observer.ConnectionRefused(reason)
			_ = connection.Close()
			continue
		}
		l.server.observer.ConnectionsChanged(1)
		return &countedConnection{Conn: connection, listener: l, host: host}, nil
	}
}

// admit counts a connection in, or names the limit that it exceeds.
func (l *limitedListener) admit(host string) string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.total >= l.server.limits.MaxConnections {
		return "connections"
	}
	if l.perIP[host] >= l.server.limits.MaxConnectionsPerIP && !isLoopback(host) {
		return "connections_per_ip"
	}
	l.total++
	l.perIP[host]++
	return ""
}

func (l *limitedListener) release(host string) {
	l.mutex.Lock()
	l.total--
	l.perIP[host]--
	if l.perIP[host] == 0 {
		delete(l.perIP, host)
	}
	l.mutex.Unlock()
	l.server.observer.ConnectionsChanged(-1)
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// countedConnection gives its place back when it closes.
type countedConnection struct {
	net.Conn
	listener *limitedListener
	host     string
	once     sync.Once
}

// Close closes the connection and releases its place once.
func (c *countedConnection) Close() error {
	c.once.Do(func() { c.listener.release(c.host) })
	return c.Conn.Close()
}
