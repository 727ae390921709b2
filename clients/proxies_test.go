package clients

import (
	"net/http"
	"net/netip"
	"testing"
)

// TestClientBehindProxies: only what a trusted proxy says counts, and of that only what it
// has seen itself.
func TestClientBehindProxies(t *testing.T) {
	trusted := Proxies{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::1/128")}
	for name, test := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":                        {"192.0.2.1:5", nil, "192.0.2.1"},
		"a claim without a proxy":         {"192.0.2.1:5", []string{"198.51.100.9"}, "192.0.2.1"},
		"behind a proxy":                  {"10.0.0.7:5", []string{"198.51.100.9"}, "198.51.100.9"},
		"a claim behind a proxy":          {"10.0.0.7:5", []string{"203.0.113.5, 198.51.100.9"}, "198.51.100.9"},
		"a claim in a header of its own":  {"10.0.0.7:5", []string{"203.0.113.5", "198.51.100.9"}, "198.51.100.9"},
		"two proxies":                     {"10.0.0.7:5", []string{"198.51.100.9, 10.0.0.8"}, "198.51.100.9"},
		"a claimed proxy before a client": {"10.0.0.7:5", []string{"10.0.0.9, 198.51.100.9"}, "198.51.100.9"},
		"a proxy that says nothing":       {"10.0.0.7:5", nil, "10.0.0.7"},
		"a proxy that says nonsense":      {"10.0.0.7:5", []string{"198.51.100.9, unknown"}, "10.0.0.7"},
		"its neighbour is none":           {"[fd00::2]:5", []string{"2001:db8:1:2:3::4"}, "fd00::"},
		"IPv6 behind IPv6":                {"[fd00::1]:5", []string{"2001:db8:1:2:3::4"}, "2001:db8:1:2::"},
		"IPv4 in IPv6":                    {"[::ffff:10.0.0.7]:5", []string{"::ffff:198.51.100.9"}, "198.51.100.9"},
	} {
		r := &http.Request{RemoteAddr: test.remote, Header: http.Header{"X-Forwarded-For": test.forwarded}}
		if got := trusted.Client(r); got != netip.MustParseAddr(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
