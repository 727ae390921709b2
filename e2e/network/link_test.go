package network

import (
	"errors"
	"net"
	"sync"
	"testing"
)

// link carries the connections of one peer to another. While it is cut, nothing arrives, and nobody is told.
type link struct {
	listener net.Listener
	to       string

	mutex       sync.Mutex
	open        chan struct{} // closed while bytes pass
	connections []net.Conn
	ended       bool
}

func newLink(t *testing.T, to string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, to: to, open: make(chan struct{})}
	close(l.open)
	go l.accept()
	t.Cleanup(l.end)
	return l
}

func (l *link) address() string { return l.listener.Addr().String() }

// cut holds everything back from now on.
func (l *link) cut() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.open = make(chan struct{})
}

// heal lets everything pass again, what was held back first.
func (l *link) heal() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	close(l.open)
}

func (l *link) gate() <-chan struct{} {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.open
}

func (l *link) accept() {
	for {
		from, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.join(from)
	}
}

// join connects on and copies both ways. A peer that is not there looks as it would without the link.
func (l *link) join(from net.Conn) {
	<-l.gate()
	to, err := net.Dial("tcp", l.to)
	if err != nil {
		_ = from.Close()
		return
	}
	l.mutex.Lock()
	if l.ended {
		_, _ = from.Close(), to.Close()
	}
	l.connections = append(l.connections, from, to)
	l.mutex.Unlock()
	go l.carry(from, to)
	l.carry(to, from)
}

func (l *link) carry(from, to net.Conn) {
	defer func() { _ = errors.Join(from.Close(), to.Close()) }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		<-l.gate()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (l *link) end() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.ended = true
	_ = l.listener.Close()
	for _, c := range l.connections {
		_ = c.Close()
	}
}
