package sim

import (
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// mischief is what somebody hostile does in a moment.
func (w *World) mischief() {
	c := w.chance
	running := w.alive()
	if len(running) == 0 || !c.in(w.plan.garbage, 1000) {
		return
	}
	n := pick(c, running)
	w.count("mischief")
	switch c.IntN(9) {
	case 0: // bytes that are no extrinsic
		w.send("mallory", n.index, c.bytes(c.between(0, 400)))
	case 1: // envelopes that do not open, of any class and length
		var envelopes [][]byte
		for range c.between(1, 6) {
			envelope := c.bytes(pick(c, []int{wire.CommandEnvelopeSize, wire.OpeningEnvelopeSize, 0, 1, 255, 257, 3000}))
			if len(envelope) > 0 && c.in(4, 5) {
				envelope[0] = pick(c, []byte{wire.ClassCommand, wire.ClassOpening, 0, 3})
			}
			envelopes = append(envelopes, envelope)
		}
		w.submitAs(&w.mallory, envelopes)
	case 2: // what others have sent, once more
		if past := w.pastEnvelope(); past != nil {
			w.submitAs(&w.mallory, [][]byte{past, past})
		}
	case 3: // a tag that was seen, with other bytes behind it
		if past := w.pastEnvelope(); past != nil {
			altered := append([]byte(nil), past...)
			altered[len(altered)-1-c.IntN(60)] ^= 1
			w.submitAs(&w.mallory, [][]byte{altered})
		}
	case 4: // a forged commit of the checkpoint that is due, or of one ahead
		w.sendBare("mallory", n, w.forgedCommit(uint64(c.IntN(3)), w.mallory.pair, c.in(1, 2)))
	case 5: // a transaction of a block, once more
		if past := w.pastTransaction(); past != nil {
			w.send("mallory", n.index, past)
		}
	case 6: // a contract key that nobody holds
		key := wire.ContractKey{Epoch: w.epoch() + uint32(c.IntN(3)), Public: [wire.PublicKeySize]byte(c.bytes(wire.PublicKeySize))}
		digest := key.Digest(w.instance)
		call, err := wire.CallAnnounceKey(&key, []wire.Vote{{Worker: w.someWorker(), Signature: w.mallory.pair.Sign(digest[:])}})
		w.must(err)
		w.sendBare("mallory", n, call)
	case 7: // a worker without evidence
		call, err := wire.CallRegisterWorker([32]byte(c.bytes(32)), wire.Evidence{Bytes: c.bytes(c.between(0, 200))})
		w.must(err)
		w.mallory.submit(call)
	default:
		w.strangerOpens()
	}
}

func (w *World) submitAs(p *party, envelopes [][]byte) {
	call, err := wire.CallSubmit(envelopes)
	w.must(err)
	p.submit(call)
}

func (w *World) sendBare(from string, n *node, call []byte) {
	bare := extrinsic.Bare(call)
	encoded, err := bare.Encode()
	w.must(err)
	w.send(from, n.index, encoded)
}

// someWorker is a registered worker's key.
func (w *World) someWorker() [32]byte {
	if all := w.registered(); len(all) > 0 {
		return pick(w.chance, all)
	}
	return [32]byte{}
}

// forgedCommit is a commit of the checkpoint that is due, or of one beyond it, with another outcome. It pays its signer.
func (w *World) forgedCommit(ahead uint64, by keys.Pair, asAnother bool) []byte {
	c := w.chance
	k := w.dueCommit(ahead)
	k.StateRoot = scale.Hash(c.bytes(32))
	if c.in(1, 2) {
		amount := scale.U128From(c.amount(1_000_000_000))
		k.Outbox = []wire.OutboxMessage{{To: by.AccountID(), Asset: ksm, Amount: amount}}
		k.Payouts = []wire.Payout{{First: ksm, Second: amount}}
	}
	digest := k.Digest()
	vote := wire.Vote{Worker: by.Public(), Signature: by.Sign(digest[:])}
	if asAnother {
		vote.Worker = w.someWorker()
	}
	call, err := wire.CallCommit(&k, []wire.Vote{vote})
	w.must(err)
	return call
}

// strangerOpens opens a session of an account that owns nothing.
func (w *World) strangerOpens() {
	key := w.sealingKey()
	if key == nil {
		return
	}
	w.reseed()
	pair := mustPair(keys.Ed25519, [32]byte(w.chance.bytes(32)))
	session := seal.NewSession(w.instance, pair.AccountID(), seal.NewSecret(), uint64(w.now().Add(time.Minute).UnixMilli()), key.Epoch())
	envelope, err := session.Open(key, wire.SessionSignature{Scheme: wire.SchemeEd25519, Bytes: pair.Sign(session.Message())})
	w.must(err)
	w.submitAs(&w.mallory, [][]byte{envelope})
}
