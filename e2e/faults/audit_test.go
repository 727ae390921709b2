package faults

import (
	"context"
	"math/big"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// assets of the development genesis.
var assets = []uint32{0, 1, 2, 1000}

// custody is the account that holds what the pool owes.
var custody = scale.AccountID([]byte("modlbtc/cust" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))

// audit recounts the state of the last block that was looked at.
func (a *auditor) audit(ctx context.Context) error {
	for _, asset := range assets {
		if err := a.auditAsset(ctx, asset); err != nil {
			return err
		}
	}
	if err := a.auditPending(ctx); err != nil {
		return err
	}
	if err := a.auditInbox(ctx); err != nil {
		return err
	}
	return a.stillThere(ctx)
}

// auditAsset checks I1 and I2 of one asset, and its counters against the events.
func (a *auditor) auditAsset(ctx context.Context, asset uint32) error {
	holders, issuanceKey := holdersPrefix(asset), assetKey(asset)
	if asset == 0 {
		holders, issuanceKey = item("System", "Account"), item("Balances", "TotalIssuance")
	}
	sum, held := new(big.Int), new(big.Int)
	err := a.each(ctx, holders, func(key, value []byte) {
		balance := u128At(value, 0)
		if asset == 0 { // free and reserved, behind four u32
			balance = new(big.Int).Add(u128At(value, 16), u128At(value, 32))
		}
		sum.Add(sum, balance)
		if scale.AccountID(key[len(key)-32:]) == custody {
			held = balance
		}
	})
	if err != nil {
		return err
	}
	values, err := a.chain.Read(ctx, a.scanned, issuanceKey, countersKey(asset))
	if err != nil {
		return err
	}
	issuance := supplyIn(values[0])
	if asset == 0 {
		issuance = u128At(values[0], 0)
	}
	if issuance.Cmp(sum) != 0 {
		a.problem("I1: asset %d has an issuance of %v, accounts hold %v", asset, issuance, sum)
	}
	a.auditCounters(asset, values[1], held)
	return nil
}

// auditCounters checks D, D[c0], L, Q, S and custody of PrivateAssets.Counters.
func (a *auditor) auditCounters(asset uint32, counters []byte, held *big.Int) {
	part := func(i int) *big.Int { return u128At(counters, 16*i) }
	owed := new(big.Int).Add(part(2), part(0))
	owed.Sub(owed, part(1)).Add(owed, part(3)).Add(owed, part(4))
	if owed.Cmp(part(5)) != 0 || held.Cmp(part(5)) < 0 {
		a.problem("I2: of asset %d, %v is owed, custody counts %v and holds %v", asset, owed, part(5), held)
	}
	deposited, committed, queued, kept := new(big.Int), new(big.Int), new(big.Int), new(big.Int)
	for _, d := range a.deposits {
		if d.asset != asset {
			continue
		}
		deposited.Add(deposited, d.amount)
		if d.committed {
			committed.Add(committed, d.amount)
		}
	}
	kept.Add(kept, deposited)
	liable := new(big.Int).Set(committed)
	for _, p := range a.payouts {
		switch {
		case p.asset != asset:
			continue
		case p.paid:
			kept.Sub(kept, p.amount)
		default:
			queued.Add(queued, p.amount)
		}
		liable.Sub(liable, p.amount)
	}
	queued.Sub(queued, a.claimed.of(asset))
	kept.Sub(kept, a.claimed.of(asset))
	for i, want := range []*big.Int{deposited, committed, liable, queued, new(big.Int), kept} {
		if part(i).Cmp(want) != 0 {
			a.problem("I2: counter %d of asset %d is %v, by the events %v", i, asset, part(i), want)
		}
	}
}

// auditPending checks I9: a deposit that no commit has passed is in storage, and no other is.
func (a *auditor) auditPending(ctx context.Context) error {
	waiting := map[uint64]bool{}
	err := a.each(ctx, item("PrivateAssets", "Deposits"), func(key, value []byte) {
		id := u64At(key, len(key)-8)
		waiting[id] = true
		d := a.deposits[id]
		if d == nil || d.committed || accountAt(value, 0) != d.depositor || u32At(value, 32) != d.asset || u128At(value, 36).Cmp(d.amount) != 0 {
			a.problem("I9: deposit %d waits in storage, which no event explains", id)
		}
	})
	if err != nil {
		return err
	}
	for id, d := range a.deposits {
		if !d.committed && !waiting[id] {
			a.problem("I9: deposit %d is neither committed nor in storage", id)
		}
	}
	claimable := amounts{}
	err = a.each(ctx, item("PrivateAssets", "Claimable"), func(key, value []byte) {
		claimable.add(u32At(key, len(key)-4), u128At(value, 0))
	})
	if err != nil {
		return err
	}
	for _, p := range a.payouts {
		if !p.paid {
			claimable.sub(p.asset, p.amount)
		}
	}
	for _, asset := range assets {
		if claimable.add(asset, a.claimed.of(asset)); claimable.of(asset).Sign() != 0 {
			a.problem("I9: of asset %d, %v more is claimable than payouts have failed", asset, claimable.of(asset))
		}
	}
	return nil
}

// inboxBook is the inbox as folded here.
type inboxBook struct {
	next      uint64 // checkpoint
	count     uint64 // messages
	hash      [32]byte
	hashes    [][32]byte          // by count
	envelopes map[[32]byte]uint64 // which checkpoint holds an envelope, by its hash
	deposits  uint64
}

// auditInbox folds the bodies that the node serves and compares with the chain's own inbox and its last commit. I4: no message
// twice.
func (a *auditor) auditInbox(ctx context.Context) error {
	values, err := a.chain.Read(ctx, a.scanned, item("Confidential", "Inbox"), item("Confidential", "LastCommit"))
	if err != nil {
		return err
	}
	last := values[1] // checkpoint u64, number u32, block hash, state root, inbox {count, hash}, outbox u64
	committedAt, committedHash := u64At(last, 76), [32]byte(window(last, 84, 32))
	if last != nil && u64At(last, 116) != uint64(len(a.payouts)) {
		a.problem("I4: the last commit's outbox ends at %d, %d messages are executed", u64At(last, 116), len(a.payouts))
	}
	for want := u64At(values[0], 0); a.inbox.count < want; {
		bodies, err := a.node.Checkpoints(ctx, a.inbox.next, 64)
		if err != nil {
			return err
		}
		for i := range bodies {
			if bodies[i].Number > a.scanned.Number {
				break
			}
			if bodies[i].Index != a.inbox.next {
				a.problem("checkpoint %d comes after %d", bodies[i].Index, a.inbox.next)
			}
			for _, message := range bodies[i].Messages {
				a.takeMessage(message)
			}
			a.inbox.next++
		}
		if len(bodies) == 0 || bodies[0].Number > a.scanned.Number {
			break
		}
	}
	if a.inbox.count != u64At(values[0], 0) || a.inbox.hash != [32]byte(window(values[0], 8, 32)) {
		a.problem("the served inbox has %d messages, the chain's %d, or others", a.inbox.count, u64At(values[0], 0))
	} else if last != nil && (committedAt > a.inbox.count || a.inbox.hashes[committedAt] != committedHash) {
		a.problem("the last commit is about another inbox than the chain's at message %d", committedAt)
	}
	return nil
}

// takeMessage folds one message. An envelope ends its message, and has one of two lengths.
func (a *auditor) takeMessage(message []byte) {
	a.inbox.count++
	a.inbox.hash = fold(a.inbox.hash, message)
	a.inbox.hashes = append(a.inbox.hashes, a.inbox.hash)
	switch message[0] {
	case 1:
		size := 256
		if len(message) > 1_536 {
			size = 1_536
		}
		envelope := hashing.Blake2_256(message[max(0, len(message)-size):])
		if before, seen := a.inbox.envelopes[envelope]; seen {
			a.problem("I4: one envelope is in checkpoints %d and %d", before, a.inbox.next)
		}
		a.inbox.envelopes[envelope] = a.inbox.next
	case 2:
		id := u64At(message, 1)
		if d := a.deposits[id]; d == nil || accountAt(message, 9) != d.depositor || u32At(message, 41) != d.asset || u128At(message, 45).Cmp(d.amount) != 0 {
			a.problem("the inbox has deposit %d, which no event explains", id)
		}
		a.inbox.deposits++
		if a.inbox.deposits > uint64(len(a.deposits)) {
			a.problem("I4: the inbox has more deposits than were made")
		}
	}
}

// each visits a map of the audited state. The node names the keys; the values are proven, and the sums would not meet if it
// had left some out.
func (a *auditor) each(ctx context.Context, prefix []byte, visit func(key, value []byte)) error {
	var after []byte
	for {
		keys, err := a.node.Keys(ctx, a.scanned.Hash, prefix, after)
		if err != nil || len(keys) == 0 {
			return err
		}
		values, err := a.chain.Read(ctx, a.scanned, keys...)
		if err != nil {
			return err
		}
		for i, key := range keys {
			visit(key, values[i])
		}
		after = keys[len(keys)-1]
	}
}
