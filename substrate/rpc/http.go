package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
)

// httpTransport sends each call as a POST request.
type httpTransport struct {
	endpoint string
	options  Options
	client   *http.Client
	lastID   atomic.Uint64
	closed   chan struct{}
	once     sync.Once
}

func newHTTP(endpoint string, options Options) *httpTransport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &httpTransport{
		endpoint: endpoint,
		options:  options,
		closed:   make(chan struct{}),
		client: &http.Client{
			Transport: transport,
			// An endpoint that sends us elsewhere is not the one that was named.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (t *httpTransport) call(ctx context.Context, method string, params []any) (json.RawMessage, error) {
	if t.err() != nil {
		return nil, ErrClosed
	}
	id := t.lastID.Add(1)
	body, err := encodeRequest(id, method, params)
	if err != nil {
		return nil, err
	}
	answer, err := t.post(ctx, body)
	if err != nil {
		return nil, err
	}
	m, err := decodeMessage(answer)
	if err != nil {
		return nil, err
	}
	// A server that could not read the request answers with a null id.
	if m.Error != nil && string(m.ID) == "null" {
		return nil, m.Error
	}
	if answered, err := m.id(); err != nil {
		return nil, err
	} else if answered != id {
		return nil, fmt.Errorf("%w: an answer to call %d instead of %d", ErrMalformed, answered, id)
	}
	return m.outcome()
}

// post returns the body of the answer to a POST request.
func (t *httpTransport) post(ctx context.Context, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, ErrURL
	}
	for name, values := range t.options.Header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := t.client.Do(request)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err // the URL may hold a password
		}
		return nil, fmt.Errorf("%w: %w", ErrConnect, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, t.options.MaxResponse+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDisconnected, err)
	case int64(len(answer)) > t.options.MaxResponse:
		return nil, fmt.Errorf("%w of %d bytes", ErrTooLarge, t.options.MaxResponse)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: HTTP %d: %s", ErrStatus, response.StatusCode, clip(string(answer)))
	}
	return answer, nil
}

func (t *httpTransport) subscribe(context.Context, string, string, []any) (*Subscription, error) {
	return nil, ErrNoSubscriptions
}

func (t *httpTransport) close() error {
	t.once.Do(func() {
		close(t.closed)
		t.client.CloseIdleConnections()
	})
	return nil
}

func (t *httpTransport) done() <-chan struct{} { return t.closed }

func (t *httpTransport) err() error {
	select {
	case <-t.closed:
		return ErrClosed
	default:
		return nil
	}
}
