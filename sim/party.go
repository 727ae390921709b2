package sim

import (
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// party is somebody with an account on the chain.
type party struct {
	world *World
	name  string
	pair  keys.Pair
}

func (p *party) account() scale.AccountID { return p.pair.AccountID() }

func (p *party) signWith(n *node, call []byte, nonce uint32, era extrinsic.Era) []byte {
	p.world.reseed() // workers may have drawn meanwhile, more or less: a signature must not show it
	version := n.chain.Version()
	implicit := extrinsic.Implicit{SpecVersion: version.SpecVersion, TransactionVersion: version.TransactionVersion,
		Genesis: p.world.instance.Genesis, Mortality: p.world.instance.Genesis}
	if !era.IsImmortal() {
		implicit.Mortality = n.chain.Head().Hash
	}
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce, Era: era}, implicit, extrinsic.SignerOf(p.pair))
	p.world.must(err)
	return signed
}

// submit signs a call and sends it to a node that runs. It may get lost.
func (p *party) submit(call []byte) {
	w := p.world
	running := w.alive()
	if len(running) == 0 {
		return
	}
	n := pick(w.chance, running)
	era := extrinsic.Immortal
	if !w.calm && w.chance.in(1, 6) {
		era = extrinsic.Mortal(4, uint64(n.chain.Head().Number))
	}
	state, err := n.chain.Nonce(p.account())
	w.must(err)
	nonce := n.pool.NextNonce(p.account(), state)
	if !w.calm && w.chance.in(w.plan.garbage, 8000) {
		nonce += uint32(w.chance.between(1, 3)) // leaves a gap
	}
	w.send(p.name, n.index, p.signWith(n, call, nonce, era))
}
