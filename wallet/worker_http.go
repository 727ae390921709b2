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

	"github.com/coder/websocket"

	"github.com/bitcloak/bitcloak/wire"
)

// Bounds of a worker's plain answers.
const (
	maximumStatus  = 64 << 10 // bytes of JSON
	maximumRefusal = 512      // bytes of its own words
	workerTimeout  = 20 * time.Second
	workerPause    = 100 * time.Millisecond // before a busy worker is asked again
	workerTries    = 20
)

// WorkerClient is a Worker behind the HTTP interface of spec/worker-api.md.
type WorkerClient struct {
	base   string
	client *http.Client
}

// DialWorker is the worker at http://HOST:PORT or https://HOST:PORT. It is asked when it is needed.
func DialWorker(base string) (*WorkerClient, error) {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, refusedf("write http:// or https:// and a host", "%q is not a worker's address", base)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &WorkerClient{base: strings.TrimRight(base, "/"), client: &http.Client{
		Transport: transport,
		Timeout:   workerTimeout,
		// A worker that sends us elsewhere is not the one that was named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close ends idle connections.
func (w *WorkerClient) Close() { w.client.CloseIdleConnections() }

// Query implements Worker. A worker that is busy or catching up is asked again for a while.
func (w *WorkerClient) Query(ctx context.Context, request []byte) ([]byte, error) {
	for try := 1; ; try++ {
		answer, err := w.post(ctx, request)
		if !errors.Is(err, errWorkerBusy) || try == workerTries {
			return answer, err
		}
		select {
		case <-time.After(workerPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// errWorkerBusy marks refusals that pass by themselves.
var errWorkerBusy = errors.New("the worker is busy")

func (w *WorkerClient) post(ctx context.Context, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.base+"/v1/query", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/octet-stream")
	response, err := w.client.Do(request)
	if err != nil {
		return nil, w.unreachable(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, w.refusal(response)
	}
	largest := int64(wire.AnswerSizes[len(wire.AnswerSizes)-1])
	answer, err := io.ReadAll(io.LimitReader(response.Body, largest+1))
	if err != nil {
		return nil, w.unreachable(ctx, err)
	}
	if int64(len(answer)) > largest {
		return nil, refusedf("use another worker", "the worker's answer exceeds every class of answers")
	}
	return answer, nil
}

func (w *WorkerClient) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	return refusedBy(err, "check --worker and that the worker runs ('bitcloak wallet status'); what was sent to the chain is not lost",
		"the worker at %s does not answer", w.base)
}

// refusal is what a status code and the worker's own words mean.
func (w *WorkerClient) refusal(response *http.Response) error {
	var words struct {
		Error string `json:"error"`
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maximumRefusal)) // a shorter text is as good
	if json.Unmarshal(text, &words) != nil {
		words.Error = fmt.Sprintf("%q", text)
	}
	err := refusedf("try again, or use another worker", "the worker refuses (HTTP %d): %q", response.StatusCode, words.Error)
	if response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusServiceUnavailable {
		return refusedBy(errWorkerBusy, "try again later, or use another worker", "the worker at %s cannot answer now (HTTP %d: %q)",
			w.base, response.StatusCode, words.Error)
	}
	return err
}

// Subscribe implements Worker.
func (w *WorkerClient) Subscribe(ctx context.Context, request []byte) (Frames, error) {
	connection, response, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(w.base, "http")+"/v1/stream",
		&websocket.DialOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		if response != nil && response.Body != nil {
			return nil, w.refusal(response)
		}
		return nil, w.unreachable(ctx, err)
	}
	connection.SetReadLimit(wire.FrameSize)
	if err := connection.Write(ctx, websocket.MessageBinary, request); err != nil {
		_ = connection.CloseNow()
		return nil, w.unreachable(ctx, err)
	}
	return &socketFrames{connection}, nil
}

type socketFrames struct{ connection *websocket.Conn }

// Next implements Frames.
func (s *socketFrames) Next(ctx context.Context) ([]byte, error) {
	kind, frame, err := s.connection.Read(ctx)
	var closed websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return nil, refusedf("subscribe again; if that is refused, open a session ('bitcloak wallet session open')",
			"the worker ended the stream: %q", closed.Reason)
	case err != nil:
		return nil, err
	case kind != websocket.MessageBinary:
		return nil, refusedf("use another worker", "the worker sent text on a stream of sealed frames")
	}
	return frame, nil
}

// Close implements Frames.
func (s *socketFrames) Close() { _ = s.connection.CloseNow() }

// WorkerStatus is what a worker says of itself, unproven: it is shown beside what was proven.
type WorkerStatus struct {
	Worker     string            `json:"worker"`
	Epoch      uint32            `json:"epoch"`
	Checkpoint *WorkerCheckpoint `json:"checkpoint"`
	Committed  *WorkerCheckpoint `json:"committed"`
	Ready      bool              `json:"ready"`
}

// WorkerCheckpoint is a checkpoint as a worker tells it.
type WorkerCheckpoint struct {
	Index     uint64 `json:"index"`
	Number    uint32 `json:"number"`
	StateRoot string `json:"stateRoot"`
}

// Status asks a worker about itself.
func (w *WorkerClient) Status(ctx context.Context) (status WorkerStatus, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/v1/status", nil)
	if err != nil {
		return status, err
	}
	response, err := w.client.Do(request)
	if err != nil {
		return status, w.unreachable(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return status, w.refusal(response)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maximumStatus)).Decode(&status); err != nil {
		return status, refusedBy(err, "check --worker", "%s is not a worker", w.base)
	}
	return status, nil
}
