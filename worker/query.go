package worker

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker/api"
)

// Query answers a sealed request from the state after the last finished
// checkpoint (api.Service). I8: the contract answers for the asking account alone.
func (w *Worker) Query(_ context.Context, request []byte) ([]byte, error) {
	question, err := w.question(request)
	if err != nil {
		return nil, err
	}
	body, last := w.answer(question)
	answer := wire.Answer{AnswerStatement: wire.AnswerStatement{
		Instance: w.config.Instance, Request: question.Hash(), Checkpoint: last.Checkpoint, Number: last.Number,
		BlockHash: last.BlockHash, StateRoot: last.StateRoot, Body: body,
	}, Worker: w.public}
	answer.Signature = w.secrets.sign(answer.Digest())
	sealed, err := question.SealAnswer(&answer)
	if err != nil {
		return nil, fmt.Errorf("worker: seal an answer: %w", err)
	}
	return sealed, nil
}

// question opens a request.
func (w *Worker) question(request []byte) (*seal.Question, error) {
	if !w.serving() {
		return nil, api.ErrNotReady
	}
	question, err := w.keyring.Query(request)
	if err != nil {
		return nil, api.ErrUnreadable
	}
	return question, nil
}

// answer holds the contract's lock while it collects the answer.
func (w *Worker) answer(question *seal.Question) (wire.AnswerBody, contract.LastCommit) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	last, _ := w.contract.Last()
	viewer, authentic := w.contract.Authenticate(question.Account, question.Authentic)
	if !authentic {
		return wire.AnswerBody{Kind: wire.AnswerRefused, Reason: contract.RefusedViewer}, last
	}
	return w.contract.Answer(viewer, &question.Query), last
}

// Subscribe starts the stream that a sealed request asks for (api.Service).
func (w *Worker) Subscribe(_ context.Context, request []byte) (api.Stream, error) {
	question, err := w.question(request)
	if err != nil {
		return nil, err
	}
	if question.Query.Kind != wire.QueryBalances {
		return nil, api.ErrRefused
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	viewer, authentic := w.contract.Authenticate(question.Account, question.Authentic)
	if !authentic {
		return nil, api.ErrRefused
	}
	return w.streams.add(viewer, question), nil
}
