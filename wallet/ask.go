package wallet

import (
	"context"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

const (
	// askTimeout bounds a question with all its repetitions.
	askTimeout = 60 * time.Second
	// askPause is the time before a question is asked again.
	askPause = 20 * time.Millisecond
)

// ask asks the contract about the account and proves the answer. It repeats the question while the worker lags behind the
// checkpoint that the caller knows to be committed.
func (c *Client) ask(ctx context.Context, session *seal.Session, query wire.Query, atLeast uint64) (*wire.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	started := time.Now()
	for {
		answer, err := c.askOnce(ctx, session, &query)
		if err != nil {
			return nil, err
		}
		known := false
		if answer.Checkpoint >= atLeast {
			if known, err = c.prove(ctx, answer); err != nil {
				return nil, err
			}
		}
		if known {
			return answer, c.checkBody(&query, answer)
		}
		if time.Since(started) > c.patience {
			return nil, fmt.Errorf("%w (it answers about checkpoint %d, committed is %d)", ErrAnswerBehind, answer.Checkpoint, atLeast)
		}
		select {
		case <-time.After(askPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// askOnce seals a question, carries it and opens what comes back: an answer to it, by whomever.
func (c *Client) askOnce(ctx context.Context, session *seal.Session, query *wire.Query) (*wire.Answer, error) {
	view := c.chain.View()
	key, err := c.contractKey(ctx, view.Epoch.Index)
	if err != nil {
		return nil, err
	}
	request, opener, err := key.Query(c.account, session.QueryKey(), query)
	if err != nil {
		return nil, err
	}
	sealed, err := c.worker.Query(ctx, request)
	if err != nil {
		return nil, err
	}
	answer, err := opener.OpenAnswer(sealed)
	if err != nil {
		return nil, refusedBy(err, "use another worker", "the worker's answer is not one to the question")
	}
	return &answer, nil
}
