package chain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Inclusion is a finalised block that holds an extrinsic, and what the extrinsic did there.
type Inclusion struct {
	Block  light.Head
	Index  uint32 // of the extrinsic in the block
	Events []Event
}

// resendInterval is how often a transaction is handed in again of which the node tells nothing any more.
const resendInterval = time.Second

// Included waits until the extrinsic is in a finalised block and reads its events. If the call failed there, the error is a
// *DispatchError and the inclusion is given beside it.
func (s *Sent) Included(ctx context.Context) (*Inclusion, error) {
	block, err := s.find(ctx)
	if err != nil {
		s.client.nonces.of(s.signer).forget() // its nonce may be free
		return nil, err
	}
	index, err := s.indexIn(ctx, block)
	if err != nil {
		return nil, err
	}
	events, err := s.client.Events(ctx, block)
	if err != nil {
		return nil, err
	}
	inclusion := &Inclusion{Block: block, Index: index}
	for _, event := range events {
		if event.Extrinsic.Some && event.Extrinsic.Value == index {
			inclusion.Events = append(inclusion.Events, event)
		}
	}
	return inclusion, s.client.outcome(ctx, inclusion.Events)
}

// find follows what the node says of the extrinsic to a block and proves that block. If the node stops telling, the blocks since
// the extrinsic was signed are searched instead: whether a withdrawal went through must not depend on one connection. A node that
// has crashed has lost its pool, so the extrinsic is handed in again meanwhile: it can only apply once.
func (s *Sent) find(ctx context.Context) (light.Head, error) {
	if s.watch == nil {
		return s.search(ctx, s.death-1, true)
	}
	defer s.watch.Close()
	for {
		status, err := s.watch.Next(ctx)
		if ctx.Err() != nil {
			return light.Head{}, ctx.Err()
		}
		if err != nil {
			return s.search(ctx, s.death-1, true)
		}
		switch status.Stage {
		case StageFinalized:
			return s.client.finalised(ctx, status.Block)
		case StageDropped:
			block, err := s.search(ctx, min(s.client.View().Head.Number, s.death-1), false)
			if errors.Is(err, ErrExpired) {
				err = fmt.Errorf("%w (%s)", ErrDropped, status.Reason)
			}
			return block, err
		}
	}
}

// search looks through the finalised blocks in which the extrinsic can be, up to the last, and hands it in again while it waits
// for them if resend says so.
func (s *Sent) search(ctx context.Context, last uint32, resend bool) (light.Head, error) {
	if resend {
		resending, stop := context.WithCancel(ctx)
		defer stop()
		go s.resend(resending)
	}
	for number := s.after + 1; number <= last; number++ {
		if _, err := s.client.Wait(ctx, func(v *View) bool { return v.Head.Number >= number }); err != nil {
			return light.Head{}, err
		}
		block, known := s.client.Block(number)
		if !known {
			return light.Head{}, fmt.Errorf("%w (block %d)", ErrForgotten, number)
		}
		switch err := s.holds(ctx, block); {
		case err == nil:
			return block, nil
		case !errors.Is(err, ErrNotInBlock):
			return light.Head{}, err
		}
	}
	return light.Head{}, fmt.Errorf("%w (valid until block %d)", ErrExpired, s.death-1)
}

// holds looks whether the extrinsic is in a proven block, until the node has told what is in there.
func (s *Sent) holds(ctx context.Context, block light.Head) error {
	for {
		_, err := s.indexIn(ctx, block)
		if err == nil || errors.Is(err, ErrNotInBlock) || errors.Is(err, ErrBody) || light.Refused(err) {
			return err
		}
		select {
		case <-time.After(firstPause):
		case <-ctx.Done():
			return err
		}
	}
}

// resend hands the extrinsic in again and again. That the node refuses it says nothing: it has it, or it is in a block.
func (s *Sent) resend(ctx context.Context) {
	ticker := time.NewTicker(resendInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = s.client.node.Submit(ctx, s.extrinsic)
		case <-ctx.Done():
			return
		}
	}
}

// indexIn finds the extrinsic in a proven block, whose header names the root of its extrinsics.
func (s *Sent) indexIn(ctx context.Context, block light.Head) (uint32, error) {
	body, err := s.client.node.Body(ctx, block.Hash)
	if err != nil {
		return 0, fmt.Errorf("chain: fetch block %d: %w", block.Number, err)
	}
	if err := checkBody(body, block.Header.ExtrinsicsRoot); err != nil {
		return 0, fmt.Errorf("%w (block %d)", err, block.Number)
	}
	for i := range body {
		if bytes.Equal(body[i], s.extrinsic) {
			return uint32(i), nil
		}
	}
	return 0, fmt.Errorf("%w (block %d)", ErrNotInBlock, block.Number)
}

func checkBody(body [][]byte, root scale.Hash) error {
	size := 0
	for _, extrinsic := range body {
		size += len(extrinsic)
	}
	if size > MaxBody {
		return ErrBody
	}
	computed, err := trie.OrderedRoot(trie.Layout0, body)
	if err != nil || computed != root {
		return ErrBody
	}
	return nil
}
