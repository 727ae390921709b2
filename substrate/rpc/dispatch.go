package rpc

import (
	"encoding/json"
	"fmt"
)

// handle acts on a message from the node. An error means that the peer does not
// speak JSON-RPC, so nothing it says can be attributed.
func (w *webSocket) handle(data []byte) error {
	m, err := decodeMessage(data)
	if err != nil {
		return err
	}
	if m.isNotification() {
		n, err := m.notification()
		if err == nil {
			w.notify(n)
		}
		return err
	}
	if m.Error != nil && string(m.ID) == "null" {
		return m.Error // a request of ours that the node could not read
	}
	id, err := m.id()
	if err != nil {
		return err
	}
	return w.settle(id, m)
}

// settle gives an answer to the call that waits for it. Calls that were given up
// are gone, so an answer may find nobody.
func (w *webSocket) settle(id uint64, m *message) error {
	result, outcome := m.outcome()
	w.lock.Lock()
	if id == 0 || id > w.lastID {
		w.lock.Unlock()
		return fmt.Errorf("%w: an answer to call %d, which was never made", ErrMalformed, id)
	}
	pending := w.calls[id]
	if pending == nil {
		w.lock.Unlock()
		return nil
	}
	s := pending.subscription
	var early []json.RawMessage
	if s != nil && outcome == nil {
		early, outcome = w.enter(s, result)
	}
	w.forgetLocked(id)
	// Under the lock, so that later notifications come after these.
	for _, result := range early {
		s.deliver(result)
	}
	w.lock.Unlock()
	pending.answer <- answer{result: result, err: outcome}
	if s != nil && outcome == nil && s.hasEnded() {
		w.abandon(s)
	}
	return nil
}

// enter makes a subscription known under the identifier that the node gave it,
// and returns what arrived for it before. The lock is held.
func (w *webSocket) enter(s *Subscription, id json.RawMessage) ([]json.RawMessage, error) {
	key, err := subscriptionKey(id)
	if err != nil {
		return nil, err
	}
	if w.subscriptions[key] != nil {
		return nil, fmt.Errorf("%w: subscription identifier %s is in use", ErrMalformed, clip(key))
	}
	s.key, s.id = key, id
	w.subscriptions[key] = s
	var first []json.RawMessage
	var others []notification
	for _, n := range w.early {
		if n.key == key {
			first = append(first, n.result)
		} else {
			others = append(others, n)
		}
	}
	w.early = others
	return first, nil
}

// notify gives a notification to its subscription. One for an unknown
// subscription is late, or early if an identifier is still to come.
func (w *webSocket) notify(n notification) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if s := w.subscriptions[n.key]; s != nil {
		s.deliver(n.result)
	} else if w.subscribing > 0 && len(w.early) < maxEarly {
		w.early = append(w.early, n)
	}
}

func (s *Subscription) hasEnded() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.ended
}
