package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker/api"
)

// TestHandoverOverHTTP: bodies up to the bound reach the service as they are, and its
// refusals have their codes.
func TestHandoverOverHTTP(t *testing.T) {
	secret := errors.New("a reason that is nobody's business")
	service := &fakeService{handover: func(_ context.Context, request []byte) ([]byte, error) {
		switch string(request[:1]) {
		case "m":
			return nil, api.ErrRequest
		case "u":
			return nil, api.ErrHandover
		case "p":
			return nil, api.ErrNoHandover
		case "o":
			return nil, api.ErrTooOften
		case "n":
			return nil, api.ErrNotReady
		case "s":
			return nil, secret
		}
		return append([]byte("for "), request...), nil
	}}
	address := serve(t, service, nil)
	for _, test := range []struct {
		body   []byte
		status int
		said   string
	}{
		{[]byte("x"), 200, "for x"},
		{bytes.Repeat([]byte("x"), wire.MaxHandoverRequest), 200, "for x"},
		{bytes.Repeat([]byte("x"), wire.MaxHandoverRequest+1), 400, "HandoverRequest"},
		{[]byte("m"), 400, "HandoverRequest"},
		{[]byte("u"), 403, "registered worker"},
		{[]byte("p"), 403, "simulated"},
		{[]byte("o"), 429, "try again"},
		{[]byte("n"), 503, "catching up"},
		{[]byte("s"), 500, "could not answer"},
	} {
		response, err := http.Post("http://"+address+"/v1/handover", "application/octet-stream", bytes.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != test.status || !strings.Contains(string(body), test.said) || strings.Contains(string(body), secret.Error()) {
			t.Errorf("%.20q of %d bytes: %d %.200s", test.body, len(test.body), response.StatusCode, body)
		}
	}
}

// TestRateLimitBehindAProxy: each client has its own, and makes itself no other.
func TestRateLimitBehindAProxy(t *testing.T) {
	address := serve(t, &fakeService{}, func(c *api.Config) {
		c.Limits.RequestBurst, c.Limits.RequestsPerSecond = 2, 0.001
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	get := func(forwarded string) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-For", forwarded)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	for i, forwarded := range []string{"192.0.2.1", "198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.2"} {
		want := 200
		if i == 2 || i == 5 { // the third of one client, whatever it claims
			want = 429
		}
		if got := get(forwarded); got != want {
			t.Errorf("request %d, of %q: %d, want %d", i, forwarded, got, want)
		}
	}
}
