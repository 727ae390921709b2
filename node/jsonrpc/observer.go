package jsonrpc

import "time"

// Observer is told what the server does, for metrics.
type Observer interface {
	// CallDone reports a call: its method ("unknown" and "unreadable" stand for what is none), its error code (0: none).
	CallDone(method string, code int, took time.Duration)
	// ConnectionsChanged and SubscriptionsChanged report one more (1) or one fewer (-1).
	ConnectionsChanged(delta int)
	SubscriptionsChanged(delta int)
	// ConnectionRefused reports a connection closed because of a limit.
	ConnectionRefused(reason string)
}

// Unobserved is the Observer that listens to nothing.
type Unobserved struct{}

// CallDone does nothing.
func (Unobserved) CallDone(string, int, time.Duration) {}

// ConnectionsChanged does nothing.
func (Unobserved) ConnectionsChanged(int) {}

// SubscriptionsChanged does nothing.
func (Unobserved) SubscriptionsChanged(int) {}

// ConnectionRefused does nothing.
func (Unobserved) ConnectionRefused(string) {}
