package app

import (
	"sync"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
)

// implicitData is what extrinsics sign without sending it, but for the era's block.
type implicitData struct {
	chain *chain.Chain
	base  extrinsic.Implicit
}

func newImplicitData(c *chain.Chain) implicitData {
	version := c.Version()
	return implicitData{chain: c, base: extrinsic.Implicit{
		SpecVersion: version.SpecVersion, TransactionVersion: version.TransactionVersion, Genesis: c.Genesis(), Mortality: c.Genesis()}}
}

// minPreverify is how many transactions are worth more than one goroutine.
const minPreverify = 8

// preverify checks the signatures of a block on all cores before it is executed on one. Those that are wrong are found
// again by the execution; here they are only not remembered.
func (a *App) preverify(transactions [][]byte) {
	if len(transactions) < minPreverify {
		return
	}
	var group sync.WaitGroup
	share := (len(transactions) + a.options.Workers - 1) / a.options.Workers
	for start := 0; start < len(transactions); start += share {
		part := transactions[start:min(start+share, len(transactions))]
		group.Go(func() { a.chain.Preverify(a.signed(part)) })
	}
	group.Wait()
}

// signed lists the signatures of transactions with what they sign. What cannot be read is left out.
func (a *App) signed(transactions [][]byte) []keys.Signed {
	items := make([]keys.Signed, 0, len(transactions))
	number := uint64(a.chain.Head().Number) + 1
	for _, transaction := range transactions {
		x, err := extrinsic.Decode(transaction)
		if err != nil || !x.Signed {
			continue
		}
		signature, short := x.Signature.Short()
		account, known := x.Address.Account()
		implicit, born := a.implicit.at(x.Era, number)
		if !short || !known || !born {
			continue
		}
		kind := keys.Ed25519
		if x.Signature.Kind == extrinsic.SignatureSr25519 {
			kind = keys.Sr25519
		}
		items = append(items, keys.Signed{Kind: kind, Public: account, Message: x.SigningPayload(nil, &implicit), Signature: signature})
	}
	return items
}

// at is the implicit data of an era in the block with this number.
func (d *implicitData) at(era extrinsic.Era, number uint64) (extrinsic.Implicit, bool) {
	implicit := d.base
	if era.IsImmortal() {
		return implicit, true
	}
	hash, err := d.chain.Store().HashAt(uint32(era.Birth(number)))
	implicit.Mortality = hash
	return implicit, err == nil
}
