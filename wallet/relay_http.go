package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Bounds of a relay's answers.
const (
	maximumRelayAnswer = 16 << 10         // bytes of JSON
	relayWait          = 20 * time.Second // for news of a ticket in one request
	relayPause         = time.Second      // before a relay that cannot answer is asked again
)

// RelayClient is a Relay behind the HTTP interface of spec/relay.md.
type RelayClient struct {
	base   string
	client *http.Client
}

var _ Relay = (*RelayClient)(nil)

// DialRelay is the relay at http://HOST:PORT or https://HOST:PORT. It is asked when it is needed.
func DialRelay(base string) (*RelayClient, error) {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, refusedf("write http:// or https:// and a host", "%q is not a relay's address", base)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &RelayClient{base: strings.TrimRight(base, "/"), client: &http.Client{
		Transport:     transport,
		Timeout:       relayWait + relayTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close ends idle connections.
func (r *RelayClient) Close() { r.client.CloseIdleConnections() }

// Name implements Relay.
func (r *RelayClient) Name() string { return r.base }

// Info implements Relay.
func (r *RelayClient) Info(ctx context.Context) (info RelayInfo, err error) {
	var status struct {
		Instance struct {
			Genesis  string `json:"genesis"`
			Contract uint32 `json:"contract"`
		} `json:"instance"`
		Account   string `json:"account"`
		Accepting bool   `json:"accepting"`
		Reason    string `json:"reason"`
		Openings  bool   `json:"openings"`
	}
	if _, err := r.do(ctx, http.MethodGet, "/v1/status", nil, &status, http.StatusOK); err != nil {
		return info, err
	}
	genesis, err := scale.ParseHash(status.Instance.Genesis)
	account, accountErr := scale.ParseHash(status.Account)
	if err = errors.Join(err, accountErr); err != nil {
		return info, refusedBy(err, "check --relay", "%s is not a relay", r.base)
	}
	return RelayInfo{Instance: wire.Instance{Genesis: genesis, Contract: status.Instance.Contract}, Account: scale.AccountID(account),
		Accepting: status.Accepting, Reason: fmt.Sprintf("%q", status.Reason), Openings: status.Openings}, nil
}

// Post implements Relay.
func (r *RelayClient) Post(ctx context.Context, envelope []byte) (ticket string, err error) {
	var taken struct {
		Tickets []struct {
			Ticket  string `json:"ticket"`
			Refused string `json:"refused"`
		} `json:"tickets"`
	}
	status, err := r.do(ctx, http.MethodPost, "/v1/envelopes", envelope, &taken, http.StatusAccepted, http.StatusConflict)
	if err != nil {
		return "", err
	}
	if len(taken.Tickets) != 1 || taken.Tickets[0].Refused != "" && status != http.StatusConflict {
		return "", refusedf("use another relay", "the relay at %s answered something else than was asked", r.base)
	}
	return taken.Tickets[0].Ticket, nil
}

// Failed implements Relay.
func (r *RelayClient) Failed(ctx context.Context, ticket string) (reason string, err error) {
	path := fmt.Sprintf("/v1/tickets/%s?wait=%s", url.PathEscape(ticket), relayWait)
	for {
		var answer struct {
			Status string `json:"status"`
			Reason string `json:"reason"`
		}
		_, err := r.do(ctx, http.MethodGet, path, nil, &answer, http.StatusOK)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err == nil && answer.Status == "failed":
			return fmt.Sprintf("%q", answer.Reason), nil
		case err == nil && answer.Status == "included":
			return "", nil
		}
		select {
		case <-time.After(relayPause):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// do makes a request whose answer has one of some status codes, and decodes it.
func (r *RelayClient) do(ctx context.Context, method, path string, body []byte, into any, wanted ...int) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/octet-stream")
	}
	response, err := r.client.Do(request)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err
		}
		return 0, refusedBy(err, "check --relay, or use another relay", "the relay at %s does not answer", r.base)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maximumRelayAnswer))
	if err != nil {
		return 0, refusedBy(err, "try again, or use another relay", "the relay at %s does not answer", r.base)
	}
	for _, status := range wanted {
		if response.StatusCode != status {
			continue
		}
		if err := json.Unmarshal(content, into); err != nil {
			return 0, refusedBy(err, "check --relay", "%s is not a relay", r.base)
		}
		return status, nil
	}
	var refusal struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(content, &refusal) != nil || refusal.Error == "" {
		refusal.Error = string(content[:min(len(content), maximumRefusal)])
	}
	return 0, refusedf("try again later, or use another relay", "the relay at %s refuses (HTTP %d): %q", r.base, response.StatusCode, refusal.Error)
}
