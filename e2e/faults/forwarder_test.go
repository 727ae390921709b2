package faults

import (
	"io"
	"net"
	"sync"
	"testing"
)

// forwarder is an address that stays while the process behind it comes and goes, each time on a port of its own.
type forwarder struct {
	listener net.Listener

	mutex  sync.Mutex
	target string
}

func newForwarder(t *testing.T) *forwarder {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &forwarder{listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go f.serve()
	return f
}

// to sends connections to another address from now on; "" refuses them.
func (f *forwarder) to(address string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.target = address
}

func (f *forwarder) address() string { return f.listener.Addr().String() }

func (f *forwarder) serve() {
	for {
		connection, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mutex.Lock()
		target := f.target
		f.mutex.Unlock()
		go forward(connection, target)
	}
}

// forward copies both ways until either side ends.
func forward(near net.Conn, target string) {
	defer near.Close()
	if target == "" {
		return
	}
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer far.Close()
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1]) // its end is all that matters
			ended <- struct{}{}
		}()
	}
	<-ended
}
