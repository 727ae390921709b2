// Package clients tells the clients of an HTTP server apart and bounds what each may
// have: connections, and requests a second.
//
// A client is an address; all of an IPv6 customer's, a /64, are one. Behind trusted
// reverse proxies it is whom their X-Forwarded-For names.
package clients
