package wallet

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// Stream is the account's frames, one for each checkpoint.
type Stream struct {
	client *Client
	frames Frames
	opener *seal.AnswerOpener
	number uint64 // of the next frame
	last   *wire.Frame
}

// Subscribe starts the stream. It shows what is finished from now on; for what was before, ask.
func (c *Client) Subscribe(ctx context.Context) (*Stream, error) {
	session, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Wipe()
	view := c.chain.View()
	key, err := c.contractKey(ctx, view.Epoch.Index)
	if err != nil {
		return nil, err
	}
	request, opener, err := key.Query(c.account, session.QueryKey(), &wire.Query{Kind: wire.QueryBalances, Limit: 1})
	if err != nil {
		return nil, err
	}
	frames, err := c.worker.Subscribe(ctx, request)
	if err != nil {
		return nil, err
	}
	return &Stream{client: c, frames: frames, opener: opener}, nil
}

// Next waits for the next frame. It comes when the worker has finished a checkpoint, before the chain has committed it: what it tells
// is final once Confirm says so. Frames that are lost, repeated or out of order are refused.
func (s *Stream) Next(ctx context.Context) (*wire.Frame, error) {
	sealed, err := s.frames.Next(ctx)
	if err != nil {
		return nil, err
	}
	frame, err := s.opener.OpenFrame(s.number, sealed)
	if err != nil {
		return nil, fmt.Errorf("%w (frame %d: %w)", ErrFrame, s.number, err)
	}
	if s.last != nil && (frame.Checkpoint != s.last.Checkpoint+1 || frame.Number <= s.last.Number) {
		return nil, fmt.Errorf("%w (checkpoint %d after %d)", ErrFrame, frame.Checkpoint, s.last.Checkpoint)
	}
	s.number++
	s.last = &frame
	return &frame, nil
}

// Confirm waits until the chain has committed a frame's state, proven at a finalised head, and refuses the frame if that is another
// or too old. confirmed is false if another commit followed in the same block: the next frame's state then covers this one. A
// frame's fills are as the contract says; a receipt proves them to others.
func (s *Stream) Confirm(ctx context.Context, frame *wire.Frame) (confirmed bool, err error) {
	waiting, cancel := context.WithTimeout(ctx, s.client.patience)
	defer cancel()
	commit, known, err := s.client.chain.CommitOf(waiting, frame.Checkpoint)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w (the chain has not committed checkpoint %d)", ErrFrame, frame.Checkpoint)
	}
	if err != nil || !known {
		return false, err
	}
	if commit.StateRoot != frame.StateRoot || commit.Number != frame.Number || commit.BlockHash != frame.BlockHash {
		return false, fmt.Errorf("%w (checkpoint %d: %s, committed is %s)", ErrFrame, frame.Checkpoint, frame.StateRoot, commit.StateRoot)
	}
	return true, s.client.checkAge(ctx, light.BlockID{Number: commit.Number, Hash: commit.BlockHash})
}

// Close ends the stream.
func (s *Stream) Close() { s.frames.Close() }
