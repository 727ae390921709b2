package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cometbft/cometbft/light/provider"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// maxServerAnswer bounds a server's answer, in bytes: a light block of 1,000 validators has some 400 kB, twice that in
	// hexadecimal.
	maxServerAnswer = 8 << 20
	// serverPatience is how long a server may take to answer.
	serverPatience = 10 * time.Second
	// behindPatience is how long a server may be behind the trusted header.
	behindPatience = 3 * time.Second
)

// server is a node that CometBFT's light client asks for light blocks, over Substrate's JSON-RPC.
type server struct {
	endpoint string
	chainID  string
	log      *slog.Logger

	mutex  sync.Mutex
	client *rpc.Client
	closed bool
}

var _ provider.Provider = (*server)(nil)

func newServer(endpoint, chainID string, log *slog.Logger) *server {
	return &server{endpoint: endpoint, chainID: chainID, log: log}
}

// ChainID implements provider.Provider.
func (s *server) ChainID() string { return s.chainID }

func (s *server) String() string { return s.endpoint }

// connected is the connection, made anew if it was lost.
func (s *server) connected(ctx context.Context) (*rpc.Client, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.closed:
		return nil, rpc.ErrClosed
	case s.client != nil && s.client.Err() == nil:
		return s.client, nil
	case s.client != nil:
		_ = s.client.Close()
		s.client = nil
	}
	client, err := rpc.Dial(ctx, s.endpoint, rpc.Options{Timeout: serverPatience, MaxResponse: maxServerAnswer})
	if err == nil {
		s.client = client
	}
	return client, err
}

func (s *server) close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.closed = true
	if s.client == nil {
		return nil
	}
	return s.client.Close()
}

// LightBlock implements provider.Provider.
func (s *server) LightBlock(ctx context.Context, height int64) (*types.LightBlock, error) {
	block, err := s.fetch(ctx, height)
	var refused *rpc.Error
	switch {
	case err == nil:
		return block, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused) && height > 0: // too high, or not kept any more
		latest, lastError := s.fetch(ctx, 0)
		switch {
		case lastError == nil && latest.Height < height:
			return nil, fmt.Errorf("%w (%s: %w)", provider.ErrHeightTooHigh, s.endpoint, err)
		case lastError == nil:
			return nil, fmt.Errorf("%w (%s: %w)", provider.ErrLightBlockNotFound, s.endpoint, err)
		}
	case errors.As(err, &provider.ErrBadLightBlock{}):
		return nil, err
	}
	return nil, fmt.Errorf("%w (%s: %w)", provider.ErrNoResponse, s.endpoint, err)
}

// lightBlockSoon is LightBlock of a height that the server may be a moment behind.
func (s *server) lightBlockSoon(ctx context.Context, height int64) (*types.LightBlock, error) {
	for deadline := time.Now().Add(behindPatience); ; {
		block, err := s.LightBlock(ctx, height)
		if !errors.Is(err, provider.ErrHeightTooHigh) || time.Now().After(deadline) {
			return block, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(newsInterval):
		}
	}
}

// fetch asks for a light block, 0 for the latest, and checks what needs no trust.
func (s *server) fetch(ctx context.Context, height int64) (*types.LightBlock, error) {
	client, err := s.connected(ctx)
	if err != nil {
		return nil, err
	}
	var wanted any
	if height > 0 {
		wanted = height
	}
	var answer struct {
		LightBlock scale.HexBytes `json:"lightBlock"`
	}
	if err := client.Call(ctx, "cometbft_lightBlock", []any{wanted}, &answer); err != nil {
		return nil, err
	}
	block, err := decodeLightBlock(answer.LightBlock, s.chainID)
	if err == nil && height > 0 && block.Height != height {
		err = fmt.Errorf("it is of height %d instead of %d", block.Height, height)
	}
	if err != nil {
		return nil, provider.ErrBadLightBlock{Reason: fmt.Errorf("%s: %w", s.endpoint, err)}
	}
	return block, nil
}

// decodeLightBlock reads an encoded light block. What follows CometBFT's own fields is passed over.
func decodeLightBlock(encoded []byte, chainID string) (*types.LightBlock, error) {
	var message cmtproto.LightBlock
	if err := message.Unmarshal(encoded); err != nil {
		return nil, err
	}
	block, err := types.LightBlockFromProto(&message)
	if err != nil {
		return nil, err
	}
	return block, block.ValidateBasic(chainID)
}

// ReportEvidence implements provider.Provider. Nodes take no evidence over JSON-RPC; the operator is told.
func (s *server) ReportEvidence(_ context.Context, evidence types.Evidence) error {
	s.log.Error("the servers for state sync contradict each other: validators may have signed two histories", "evidence", evidence.String())
	return nil
}

// LatestHeader is the height and hash of the latest header that a node shows at a JSON-RPC endpoint. Nothing vouches for it
// but that node.
func LatestHeader(ctx context.Context, endpoint, chainID string) (height uint64, hash scale.Hash, err error) {
	s := newServer(endpoint, chainID, slog.New(slog.DiscardHandler))
	defer func() { err = errors.Join(err, s.close()) }()
	block, err := s.fetch(ctx, 0)
	if err != nil {
		return 0, hash, err
	}
	return uint64(block.Height), scale.Hash(block.Hash()), nil
}
