package wallet

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Refused is an error that says what was wrong and what to do about it.
type Refused struct {
	Cause  string
	Remedy string
	Err    error // what lies beneath, if anything
}

func (r *Refused) Error() string {
	text := r.Cause
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	if r.Remedy != "" {
		text += "; " + r.Remedy
	}
	return text
}

func (r *Refused) Unwrap() error { return r.Err }

func refusedf(remedy, cause string, args ...any) error {
	return &Refused{Cause: fmt.Sprintf(cause, args...), Remedy: remedy}
}

func refusedBy(err error, remedy, cause string, args ...any) error {
	return &Refused{Cause: fmt.Sprintf(cause, args...), Remedy: remedy, Err: err}
}

// Refusals of a worker's answer: what it said and why it is not believed.
var (
	// ErrAnswerSignature: not signed by the worker that it names.
	ErrAnswerSignature = errors.New("wallet: the answer is not signed by the worker it names; use another worker")
	// ErrAnswerWorker: signed by a key that the chain does not list.
	ErrAnswerWorker = errors.New("wallet: the answer is signed by a worker that is not registered on the chain; use another worker")
	// ErrAnswerRoot: about a state that is not the one committed.
	ErrAnswerRoot = errors.New("wallet: the answer's state is not the one that the chain has committed; use another worker")
	// ErrAnswerCommit: about a checkpoint that the chain has not committed in time.
	ErrAnswerCommit = errors.New("wallet: the chain has not committed the answer's state; try again, or use another worker")
	// ErrAnswerStale: older than MaximumAnswerAge.
	ErrAnswerStale = errors.New("wallet: the answer is too old: no commit has come since; wait for the workers, or use another one")
	// ErrAnswerBehind: older than what the wallet knows to be committed.
	ErrAnswerBehind = errors.New("wallet: the worker has not caught up with what the chain has committed; try again, or use another worker")
	// ErrAnswerKind: an answer to something else.
	ErrAnswerKind = errors.New("wallet: the worker answered something else than was asked; use another worker")
	// ErrAnswerPage: a page out of order, too long, or that does not go on.
	ErrAnswerPage = errors.New("wallet: the worker's page is out of order or repeats; use another worker")
	// ErrAnswerLeaf: a balance whose proof does not lead to the committed root.
	ErrAnswerLeaf = errors.New("wallet: a balance in the answer is not proven by the committed state; use another worker")
	// ErrAnswerAccount: about another account.
	ErrAnswerAccount = errors.New("wallet: the answer is about another account; use another worker")
	// ErrFrame: a frame of the stream that does not follow the last or is not of the committed state.
	ErrFrame = errors.New("wallet: the stream's frames do not follow each other or the chain; subscribe again, or use another worker")
)

// ErrNoSession says that the contract has no open session of the account by this wallet's secret.
var ErrNoSession = errors.New("wallet: the contract has no open session of this account from this wallet; open one: bitcloak wallet session open")

// Explain splits an error into its cause and what to do about it.
func Explain(err error) (cause, remedy string) {
	var refused *Refused
	if errors.As(err, &refused) {
		cause = refused.Cause
		if refused.Err != nil {
			cause += ": " + refused.Err.Error()
		}
		return plainText(cause), refused.Remedy
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "it took too long: " + err.Error(), "try again; see 'bitcloak wallet status' and 'history' for what has happened"
	}
	if errors.Is(err, context.Canceled) {
		return "stopped", "what was sent to the chain may still take effect: see 'bitcloak wallet history'"
	}
	text := plainText(err.Error())
	at := strings.LastIndex(text, "; ")
	if at < 0 {
		return text, ""
	}
	// Details in parentheses follow the remedy: they belong to the cause.
	cause, remedy = text[:at], text[at+2:]
	if details := strings.Index(remedy, " ("); details >= 0 && strings.HasSuffix(remedy, ")") {
		cause, remedy = cause+remedy[details:], remedy[:details]
	}
	return cause, remedy
}

// plainText leaves out the names of the packages that errors come from: they are for programmers.
func plainText(text string) string {
	for _, name := range []string{"wallet: ", "chain: ", "light: ", "seal: ", "rpc: "} {
		text = strings.ReplaceAll(strings.TrimPrefix(text, name), ": "+name, ": ")
	}
	return text
}
