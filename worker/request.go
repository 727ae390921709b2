package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const (
	// handoverTimeout bounds one request to a replica.
	handoverTimeout = 15 * time.Second
	// maxHandoverAnswer bounds its answer, or its refusal, in bytes.
	maxHandoverAnswer = 4 << 10
)

// requestHandover asks a live replica for the contract's seed. Whether it is the
// contract's, the chain must say.
func (w *Worker) requestHandover(ctx context.Context, replica string) (secrets wire.HandoverSecrets, err error) {
	key, err := seal.NewHandoverKey()
	if err != nil {
		return secrets, fmt.Errorf("worker: draw a key for the handover: %w", err)
	}
	request := w.handoverRequest(key)
	encoded, err := wire.HandoverRequestCodec.TryMarshal(request)
	if err != nil {
		return secrets, fmt.Errorf("worker: encode the handover's request: %w", err)
	}
	answer, err := postHandover(ctx, replica, encoded)
	if err != nil {
		return secrets, fmt.Errorf("worker: ask %s for a handover: %w", replica, err)
	}
	if secrets, err = key.Open(w.config.Instance, &request, answer); err != nil {
		return secrets, fmt.Errorf("worker: the handover of %s: %w", replica, err)
	}
	return secrets, nil
}

func postHandover(ctx context.Context, replica string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, handoverTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(replica, "/")+"/v1/handover", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/octet-stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxHandoverAnswer))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		var refusal struct{ Error string }
		if json.Unmarshal(answer, &refusal) != nil || refusal.Error == "" {
			refusal.Error = "no reason given"
		}
		return nil, fmt.Errorf("refused with status %d: %s", response.StatusCode, refusal.Error)
	}
	return answer, nil
}
