package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/confidential"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Assets of the development genesis.
const (
	developmentCLOAK uint32 = 0
	developmentKSM   uint32 = 1
	developmentKAR   uint32 = 2
	developmentUSDT  uint32 = 1000
)

// developmentAssets gives every account 10,000 KSM, 100,000 KAR and 1,000,000 USDT.
func developmentAssets(accounts []DevelopmentAccount) assets.Genesis {
	registered := []assets.Registration{
		{ID: developmentCLOAK, Kind: "native", Name: "Bitcloak", Symbol: "CLOAK", Decimals: 12},
		{ID: developmentKSM, Kind: "relay", Name: "Kusama", Symbol: "KSM", Decimals: 12,
			MinBalance: scale.U128From(1_000_000)}, // a millionth KSM
		{ID: developmentKAR, Kind: "parachain", Para: 2000, Key: scale.HexBytes{0x00, 0x80}, Name: "Karura", Symbol: "KAR", Decimals: 12,
			MinBalance: scale.U128From(100_000_000)}, // a ten-thousandth KAR
		{ID: developmentUSDT, Kind: "userIssued", Owner: accounts[0].Address, Name: "Test Tether USD", Symbol: "USDT", Decimals: 6,
			MinBalance: scale.U128From(100)}, // a ten-thousandth USDT
	}
	amounts := []uint64{0, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000}
	for i, amount := range amounts {
		if amount == 0 {
			continue // CLOAK is endowed in balances
		}
		for _, account := range accounts {
			registered[i].Holdings = append(registered[i].Holdings,
				assets.Endowment{Account: account.Address, Balance: scale.U128From(amount)})
		}
	}
	return assets.Genesis{Assets: registered}
}

// developmentPlatforms is how many simulated machines are allowed.
const developmentPlatforms = 8

// developmentVendor is the public key of the ed25519 seed
// blake2_256("bitcloak/simulated-vendor/v1").
const developmentVendor = "0x4dfe4a5de656561b455a8bb87c600699362f798f302b476dae9b7d2d5e57a407"

// developmentContract allows simulated workers and lists three markets. The times
// are in milliseconds: a heartbeat of a second, an epoch of a day.
func developmentContract() confidential.Genesis {
	vendor, err := scale.ParseHex(developmentVendor)
	if err != nil {
		panic(err) // the constant above is wrong
	}
	genesis := confidential.Genesis{
		Threshold: 1, Heartbeat: 1_000, EpochDuration: 24 * 3_600_000, SimulatedVendor: vendor,
		Measurements: []scale.Hash{hashing.Blake2_256([]byte("bitcloak/development-measurement/v1"))},
		Markets:      developmentMarkets(),
	}
	for i := uint32(0); i < developmentPlatforms; i++ {
		number := scale.U32.Marshal(i)
		genesis.Platforms = append(genesis.Platforms, hashing.Blake2_256([]byte("bitcloak/development-platform/v1"), number))
	}
	return genesis
}

// developmentMarkets: makers pay nothing, takers 0.05 percent of the quote amount.
func developmentMarkets() []confidential.Market {
	market := confidential.Market{MinQuantity: 1, MaxQuantity: 1_000_000_000, MaxPrice: 1_000_000_000, TakerFeePPM: 500}
	ksmUSDT, karKSM, cloakKSM := market, market, market
	// Lots of 0.001 KSM, ticks of 0.01 USDT a KSM: 0.00001 USDT a lot.
	ksmUSDT.ID, ksmUSDT.Base, ksmUSDT.Quote = 1, developmentKSM, developmentUSDT
	ksmUSDT.LotSize, ksmUSDT.TickValue = scale.U128From(1_000_000_000), 10
	// Lots of 0.1 KAR, ticks of 0.000001 KSM a KAR: 0.0000001 KSM a lot.
	karKSM.ID, karKSM.Base, karKSM.Quote = 2, developmentKAR, developmentKSM
	karKSM.LotSize, karKSM.TickValue = scale.U128From(100_000_000_000), 100_000
	// Lots of 0.1 CLOAK, ticks of 0.000001 KSM a CLOAK: 0.0000001 KSM a lot.
	cloakKSM.ID, cloakKSM.Base, cloakKSM.Quote = 3, developmentCLOAK, developmentKSM
	cloakKSM.LotSize, cloakKSM.TickValue = scale.U128From(100_000_000_000), 100_000
	return []confidential.Market{ksmUSDT, karKSM, cloakKSM}
}
