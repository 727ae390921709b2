package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/wire"
)

// fakeService answers with what its functions say.
type fakeService struct {
	status api.Status
	take   func(envelopes [][]byte) ([]api.Taken, error)
	ticket func(id api.TicketID) (api.Ticket, <-chan struct{}, error)
}

func (f *fakeService) Status() api.Status { return f.status }

func (f *fakeService) Take(envelopes [][]byte) ([]api.Taken, error) { return f.take(envelopes) }

func (f *fakeService) Ticket(id api.TicketID) (api.Ticket, <-chan struct{}, error) {
	return f.ticket(id)
}

func serve(t *testing.T, service api.Service, change func(*api.Config)) string {
	t.Helper()
	metrics, err := api.NewMetrics(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	config := api.Config{Service: service, Limits: api.DefaultLimits(), Origins: []string{"*"}, Log: slog.New(slog.DiscardHandler), Metrics: metrics}
	if change != nil {
		change(&config)
	}
	server, err := api.New(config)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := errors.Join(server.Close(ctx), <-done); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}

func envelope(class byte, size int) []byte {
	e := make([]byte, size)
	e[0] = class
	return e
}

var (
	commandEnvelope = envelope(wire.ClassCommand, wire.CommandEnvelopeSize)
	openingEnvelope = envelope(wire.ClassOpening, wire.OpeningEnvelopeSize)
)

func post(t *testing.T, base string, body []byte, header ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/envelopes", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range header {
		request.Header.Add("X-Forwarded-For", value)
	}
	return do(t, request)
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, request)
}

func do(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// takeAll takes everything and remembers how much that was.
func takeAll(counts *[]int) func([][]byte) ([]api.Taken, error) {
	return func(envelopes [][]byte) ([]api.Taken, error) {
		*counts = append(*counts, len(envelopes))
		return make([]api.Taken, len(envelopes)), nil
	}
}

func TestPost(t *testing.T) {
	var counts []int
	base := serve(t, &fakeService{take: takeAll(&counts)}, nil)
	row := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	many := bytes.Repeat(commandEnvelope, api.DefaultLimits().MaxPostEnvelopes+1)
	for _, test := range []struct {
		name   string
		body   []byte
		status int
		count  int
	}{
		{"one", commandEnvelope, 202, 1},
		{"a row", row(commandEnvelope, openingEnvelope, commandEnvelope), 202, 3},
		{"empty", nil, 400, 0},
		{"short", commandEnvelope[1:], 400, 0},
		{"class without length", envelope(wire.ClassOpening, wire.CommandEnvelopeSize), 400, 0},
		{"unknown class", envelope(3, wire.CommandEnvelopeSize), 400, 0},
		{"rest", row(commandEnvelope, []byte{1}), 400, 0},
		{"too many", many, 413, 0},
		{"too long", bytes.Repeat(openingEnvelope, 65), 413, 0},
	} {
		counts = nil
		status, answer := post(t, base, test.body)
		if status != test.status || test.count > 0 && (len(counts) != 1 || counts[0] != test.count) || test.count == 0 && counts != nil {
			t.Errorf("%s: %d %s, the service got %v", test.name, status, answer, counts)
		}
		var refusal map[string]string
		if status != 202 && (json.Unmarshal([]byte(answer), &refusal) != nil || len(refusal) != 1 || refusal["error"] == "") {
			t.Errorf("%s: the refusal has another shape: %s", test.name, answer)
		}
	}
}

func TestRefusals(t *testing.T) {
	service := &fakeService{}
	base := serve(t, service, nil)
	for err, status := range map[error]int{api.ErrBusy: 503, api.ErrFunds: 503, api.ErrChain: 503, api.ErrClosing: 503, errors.New("other"): 500} {
		service.take = func([][]byte) ([]api.Taken, error) { return nil, err }
		if got, answer := post(t, base, commandEnvelope); got != status || !strings.Contains(answer, err.Error()) {
			t.Errorf("%v: %d %s", err, got, answer)
		}
	}
	service.take = func([][]byte) ([]api.Taken, error) {
		return []api.Taken{{Ticket: api.TicketID{1}, Refused: api.ErrKnown}}, nil
	}
	if got, answer := post(t, base, commandEnvelope); got != 409 || !strings.Contains(answer, `"ticket":"0x0100`) {
		t.Errorf("known: %d %s", got, answer)
	}
	service.take = func([][]byte) ([]api.Taken, error) {
		return []api.Taken{{Refused: api.ErrOpening}, {Ticket: api.TicketID{2}}}, nil
	}
	if got, answer := post(t, base, append(append([]byte(nil), openingEnvelope...), commandEnvelope...)); got != 202 || !strings.Contains(answer, "refused") {
		t.Errorf("one of two: %d %s", got, answer)
	}
}

// TestRates: envelopes are counted by address, openings as six; behind a trusted proxy the client's own address counts.
func TestRates(t *testing.T) {
	var counts []int
	limits := func(c *api.Config) {
		c.Limits.EnvelopesPerSecond, c.Limits.EnvelopeBurst, c.Limits.MaxPostEnvelopes = 0.001, 12, 2
	}
	base := serve(t, &fakeService{take: takeAll(&counts)}, limits)
	for i, want := range []int{202, 202, 429} {
		if status, answer := post(t, base, openingEnvelope); status != want {
			t.Errorf("opening %d: %d %s", i, status, answer)
		}
	}
	if status, _ := post(t, base, commandEnvelope, "192.0.2.1"); status != 429 {
		t.Errorf("an invented X-Forwarded-For was believed: %d", status)
	}
	base = serve(t, &fakeService{take: takeAll(&counts)}, func(c *api.Config) {
		limits(c)
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	})
	for i, test := range []struct {
		forwarded []string
		status    int
	}{
		{[]string{"192.0.2.1"}, 202}, {[]string{"192.0.2.1, 10.0.0.1"}, 202}, {[]string{"192.0.2.1"}, 429},
		{[]string{"198.51.100.9", "192.0.2.1"}, 429}, // who stands before can have been written by the client
		{[]string{"192.0.2.2"}, 202},
		{[]string{"2001:db8::1"}, 202}, {[]string{"2001:db8::2"}, 202}, {[]string{"2001:db8::3"}, 429}, // one customer
	} {
		if status, answer := post(t, base, openingEnvelope, test.forwarded...); status != test.status {
			t.Errorf("request %d: %d %s", i, status, answer)
		}
	}
}

func TestRequestsAreLimited(t *testing.T) {
	base := serve(t, &fakeService{}, func(c *api.Config) { c.Limits.RequestsPerSecond, c.Limits.RequestBurst = 0.001, 3 })
	for i, want := range []int{200, 200, 200, 429} {
		if status, _ := get(t, base+"/v1/status"); status != want {
			t.Errorf("request %d: %d", i, status)
		}
	}
}

func TestTickets(t *testing.T) {
	ended := make(chan struct{})
	service := &fakeService{ticket: func(id api.TicketID) (api.Ticket, <-chan struct{}, error) {
		switch id[0] {
		case 0:
			return api.Ticket{}, nil, api.ErrTicket
		case 1:
			return api.Ticket{State: api.Failed, Reason: "because"}, ended, nil
		}
		select {
		case <-ended:
			return api.Ticket{State: api.Included, Block: "0xab", Number: 7}, ended, nil
		default:
			return api.Ticket{State: api.Sent}, ended, nil
		}
	}}
	base := serve(t, service, func(c *api.Config) { c.Limits.MaxWaiting = 1 }) + "/v1/tickets/"
	for path, want := range map[string]string{
		api.TicketID{}.String():                     `404 {"error":"` + api.ErrTicket.Error() + `"}`,
		"0x12":                                      `404 {"error":"` + api.ErrTicket.Error() + `"}`,
		api.TicketID{1}.String():                    `200 {"ticket":"` + api.TicketID{1}.String() + `","status":"failed","reason":"because"}`,
		api.TicketID{2}.String():                    `200 {"ticket":"` + api.TicketID{2}.String() + `","status":"sent"}`,
		api.TicketID{2}.String() + "?wait=10ms":     `200 {"ticket":"` + api.TicketID{2}.String() + `","status":"sent"}`,
		api.TicketID{2}.String() + "?wait=sometime": `400 {"error":"wait=\"sometime\" is not a time such as 20s"}`,
	} {
		status, answer := get(t, base+path)
		if got := http.StatusText(status); got == "" || strings.TrimSpace(answer) != want[4:] || status != int(want[0]-'0')*100+int(want[2]-'0') {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
	waiting := make(chan string, 1)
	go func() {
		status, answer := get(t, base+api.TicketID{2}.String()+"?wait=20s")
		waiting <- http.StatusText(status) + " " + answer
	}()
	time.Sleep(50 * time.Millisecond)
	if status, _ := get(t, base+api.TicketID{2}.String()+"?wait=20s"); status != 503 {
		t.Errorf("one too many waits: %d", status)
	}
	close(ended)
	if answer := <-waiting; !strings.Contains(answer, `"status":"included","block":{"hash":"0xab","number":7}`) {
		t.Errorf("after the end: %s", answer)
	}
}

func TestStatusAndHealth(t *testing.T) {
	service := &fakeService{status: api.Status{Account: "0x01", Accepting: true, Head: &api.Block{Number: 3}}}
	base := serve(t, service, func(c *api.Config) { c.Origins = []string{"https://trade.example"} })
	if status, answer := get(t, base+"/v1/status"); status != 200 || !strings.Contains(answer, `"account":"0x01"`) {
		t.Errorf("status: %d %s", status, answer)
	}
	if status, _ := get(t, base+"/healthz"); status != 200 {
		t.Errorf("health: %d", status)
	}
	service.status.Accepting, service.status.Reason = false, "out of funds"
	if status, answer := get(t, base+"/healthz"); status != 503 || !strings.Contains(answer, "out of funds") {
		t.Errorf("ill: %d %s", status, answer)
	}
	if status, _ := get(t, base+"/v2/status"); status != 404 {
		t.Errorf("unknown path: %d", status)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://elsewhere.example")
	if status, _ := do(t, request); status != 403 {
		t.Errorf("a foreign page: %d", status)
	}
}

func TestLimitsProtect(t *testing.T) {
	for name, change := range map[string]func(*api.Limits){
		"no connections": func(l *api.Limits) { l.MaxConnections = 0 },
		"no timeout":     func(l *api.Limits) { l.BodyTimeout = 0 },
		"no rate":        func(l *api.Limits) { l.EnvelopesPerSecond = 0 },
		"small burst":    func(l *api.Limits) { l.EnvelopeBurst = l.MaxPostEnvelopes },
	} {
		limits := api.DefaultLimits()
		change(&limits)
		if err := limits.Validate(); !errors.Is(err, api.ErrLimits) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConnectionsAreBounded: beyond the bound they are closed before they cost anything.
func TestConnectionsAreBounded(t *testing.T) {
	base := serve(t, &fakeService{}, func(c *api.Config) { c.Limits.MaxConnections = 2 })
	host := strings.TrimPrefix(base, "http://")
	for range 2 {
		connection, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
	}
	time.Sleep(20 * time.Millisecond)
	third, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	_ = third.SetReadDeadline(time.Now().Add(2 * time.Second))
	if _, err := third.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("a connection too many: %v", err)
	}
}

func FuzzPost(f *testing.F) {
	f.Add(commandEnvelope)
	f.Add(append(append([]byte(nil), openingEnvelope...), 1, 2, 3))
	f.Fuzz(func(t *testing.T, body []byte) {
		envelopes, err := api.Split(body)
		if err != nil {
			return
		}
		total := 0
		for _, e := range envelopes {
			if wire.CheckEnvelope(e) != nil {
				t.Fatal("not an envelope")
			}
			total += len(e)
		}
		if total != len(body) || len(envelopes) == 0 {
			t.Fatalf("%d of %d bytes", total, len(body))
		}
	})
}
