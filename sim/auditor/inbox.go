package auditor

import (
	"fmt"
	"math/big"
)

// received is a deposit as the inbox has it.
type received struct {
	id      uint64
	deposit deposit
}

// found is what matters of a block's messages.
type found struct {
	deposits []received
	costs    map[Account]*big.Int // what envelopes say they cost, by sender
}

// fold folds the block's messages, compares with the chain's inbox, and gives the deposits among them.
func (a *Auditor) fold(s *state) (*found, error) {
	all := &found{costs: map[Account]*big.Int{}}
	if len(s.messages) == 0 {
		if s.inbox != a.inbox {
			return nil, fmt.Errorf("I4: the inbox changed in a block without messages")
		}
		return all, nil
	}
	r := &reader{rest: s.messages}
	count := r.length()
	for i := range count {
		before := r.rest
		kind := r.u8()
		if (kind == messageBlock) != (i == 0) {
			return nil, fmt.Errorf("I4: message %d of the block is of kind %d", i, kind)
		}
		all.message(r, kind, a.inbox.count+1)
		if r.err != nil {
			return nil, fmt.Errorf("auditor: message %d of the block: %w", i, r.err)
		}
		leaf := blake(before[:len(before)-len(r.rest)])
		a.inbox = inbox{a.inbox.count + 1, blake([]byte("bitcloak/inbox/v1"), a.inbox.hash[:], leaf[:])}
	}
	if len(r.rest) != 0 || s.inbox != a.inbox {
		return nil, fmt.Errorf("I4: the block's messages fold to %x after %d, the chain says %x after %d",
			a.inbox.hash, a.inbox.count, s.inbox.hash, s.inbox.count)
	}
	a.checkpoints = append(a.checkpoints, checkpoint{a.number, a.inbox, count == 1})
	return all, nil
}

// Kinds of messages.
const (
	messageBlock = iota
	messageEnvelope
	messageDeposit
	messageMarket
	messageFees
)

// message reads one behind its kind.
func (f *found) message(r *reader, kind byte, number uint64) {
	switch kind {
	case messageBlock:
		r.take(4 + 32 + 8 + 4)
	case messageEnvelope:
		sender, fee := r.hash(), new(big.Int).SetUint64(r.u64())
		f.costs[sender] = fee.Add(fee, orZero(f.costs[sender]))
		r.bytes()
	case messageDeposit:
		d := received{id: r.u64(), deposit: deposit{depositor: r.hash(), asset: r.u32(), amount: r.u128(), message: number}}
		if r.u8() == 0 {
			r.hash()
		} else {
			r.bytes()
		}
		f.deposits = append(f.deposits, d)
	case messageMarket:
		r.take(4 + 4 + 4 + 16 + 4*8 + 4 + 4 + 1)
	case messageFees:
		r.take(4 + 32)
	default:
		r.err = fmt.Errorf("of unknown kind %d", kind)
	}
}

// commit is what matters of one in a block's body.
type commit struct {
	checkpoint  uint64
	number      uint32
	inbox       inbox
	root        [32]byte
	outboxStart uint64
	outbox      []payout
}

// commitsOf finds the commits among a body's bare extrinsics.
func commitsOf(body [][]byte) []commit {
	var out []commit
	for _, extrinsic := range body {
		r := &reader{rest: extrinsic}
		r.compact() // length
		if version := r.u8(); version != 4 && version != 5 {
			continue
		}
		if pallet, call := r.u8(), r.u8(); pallet != 21 || call != 1 {
			continue
		}
		if k := r.commit(); r.err == nil {
			out = append(out, k)
		}
	}
	return out
}

func (r *reader) commit() (k commit) {
	r.take(32 + 4 + 4) // instance, epoch
	k.checkpoint, k.number = r.u64(), r.u32()
	r.take(32 + 32) // block hash, previous root
	k.inbox = inbox{r.u64(), r.hash()}
	k.root, k.outboxStart = r.hash(), r.u64()
	for range r.length() {
		if kind := r.u8(); kind != 0 {
			r.err = fmt.Errorf("auditor: an outbox message of kind %d", kind)
		}
		k.outbox = append(k.outbox, payout{to: r.hash(), asset: r.u32(), amount: r.u128()})
	}
	return k
}

// total adds up payouts by asset.
func total(payouts []payout) map[uint32]*big.Int {
	out := map[uint32]*big.Int{}
	for _, p := range payouts {
		add(out, p.asset, p.amount)
	}
	return out
}
