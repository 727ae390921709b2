package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/consensus"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/governance"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// DevelopmentAccount is a well-known account: everybody can derive its key.
type DevelopmentAccount struct {
	Name    string // its SURI is "//" and the name
	Address frame.Address
}

// DevelopmentAccounts are the sr25519 accounts that the development genesis funds.
func DevelopmentAccounts() []DevelopmentAccount {
	keys := []struct{ name, public string }{
		{"Alice", "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
		{"Bob", "0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"},
		{"Charlie", "0x90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22"},
		{"Dave", "0x306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20"},
		{"Eve", "0xe659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e"},
		{"Ferdie", "0x1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c"},
	}
	accounts := make([]DevelopmentAccount, len(keys))
	for i, key := range keys {
		public, err := scale.ParseHash(key.public)
		if err != nil {
			panic(err) // the table above is wrong
		}
		accounts[i] = DevelopmentAccount{Name: key.name, Address: frame.Address(public)}
	}
	return accounts
}

// developmentEndowment is a million CLOAK.
var developmentEndowment = scale.U128From(1_000_000_000_000_000_000)

// developmentDelay is how long an approved call of governance waits: a second.
const developmentDelay = 1_000 // ms

// DevelopmentGenesis is the genesis of a network for trying things out: anyone can
// derive the keys of its accounts, of governance and of the vendor that vouches for
// its workers. Whoever starts it fills in what CometBFT is given.
func DevelopmentGenesis() Genesis {
	accounts := DevelopmentAccounts()
	genesis := Genesis{
		SpecVersion:  specVersion,
		Consensus:    consensus.Genesis{ChainID: "bitcloak-development"},
		Assets:       developmentAssets(accounts),
		Confidential: developmentContract(),
		Governance:   governance.Genesis{Members: []frame.Address{accounts[0].Address}, Threshold: 1, Delay: developmentDelay},
	}
	for _, account := range accounts {
		genesis.Balances.Balances = append(genesis.Balances.Balances,
			balances.Endowment{Account: account.Address, Free: developmentEndowment})
	}
	// The treasury exists from the start, so that it can take the first fees, and
	// custody, so that it can pay out its last unit.
	for _, account := range []scale.AccountID{payment.Treasury, wire.CustodyAccount} {
		genesis.Balances.Balances = append(genesis.Balances.Balances,
			balances.Endowment{Account: frame.Address(account), Free: balances.ExistentialDeposit})
	}
	return genesis
}
