package jsonrpc

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

// Access says which web pages may call and under which names the server answers.
//
// A browser sends the Origin of the page and the Host it believes to talk to. Checking both keeps a page that the
// operator happens to visit from using the node: by cross-origin requests, or by DNS names that point to 127.0.0.1.
type Access struct {
	// Origins are patterns such as "https://polkadot.js.org" or "http://localhost:*"; "*" allows every page.
	// Requests without an Origin do not come from a page and are allowed.
	Origins []string
	// Hosts are names besides localhost and IP addresses; "*" allows every name.
	Hosts []string
}

// DefaultAccess allows pages served from this machine and polkadot.js' own, as Substrate does.
func DefaultAccess() Access {
	return Access{Origins: []string{"http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*",
		"https://localhost:*", "https://127.0.0.1:*", "https://polkadot.js.org"}}
}

// allowsOrigin reports whether a page of this origin may call; "" is a caller that is no page.
func (a *Access) allowsOrigin(origin string) bool {
	if origin == "" {
		return true
	}
	for _, pattern := range a.Origins {
		if pattern == "*" || originMatches(pattern, origin) {
			return true
		}
	}
	return false
}

// originMatches compares scheme, host name and port; a port of "*" matches any, the default one too.
func originMatches(pattern, origin string) bool {
	if strings.EqualFold(pattern, origin) {
		return true
	}
	base, any := strings.CutSuffix(pattern, ":*")
	if !any {
		return false
	}
	parsed, err := url.Parse(origin)
	if err != nil {
		return false
	}
	host := parsed.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return strings.EqualFold(base, parsed.Scheme+"://"+host)
}

// allowsHost reports whether the Host header names this server.
func (a *Access) allowsHost(host string) bool {
	name := host
	if bare, _, err := net.SplitHostPort(host); err == nil {
		name = bare
	}
	name = strings.Trim(name, "[]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true // an address cannot be rebound
	}
	for _, allowed := range a.Hosts {
		if matched, err := path.Match(strings.ToLower(allowed), strings.ToLower(name)); err == nil && matched {
			return true
		}
	}
	return false
}

// check answers a request that must not go on, and otherwise sets the headers that let a page read the answer.
func (a *Access) check(w http.ResponseWriter, r *http.Request) bool {
	if !a.allowsHost(r.Host) {
		http.Error(w, "this host name is not served; add it to the node's allowed RPC hosts", http.StatusForbidden)
		return false
	}
	origin := r.Header.Get("Origin")
	if !a.allowsOrigin(origin) {
		http.Error(w, "pages of this origin may not call; add it to the node's allowed RPC origins", http.StatusForbidden)
		return false
	}
	if origin != "" {
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", origin)
		header.Add("Vary", "Origin")
	}
	return true
}
