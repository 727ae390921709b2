package balances

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Index of the pallet.
const Index = 10

// Decimals of the native currency.
const Decimals = 12

var module = frame.NewModule("Balances", Index, "pallet_balances")

var totalIssuance = frame.NewValue(module, "TotalIssuance", scale.U128Codec, frame.Default,
	"The total units issued in the system.")

// ExistentialDeposit is the least that an account may hold: 0.001 CLOAK.
var ExistentialDeposit = frame.NewConstant(module, "ExistentialDeposit", scale.U128Codec, scale.U128From(1_000_000_000),
	"The minimum amount required to keep an account open.")

// TotalIssuance is all CLOAK that exist.
func TotalIssuance(c *frame.Context) scale.U128 { return totalIssuance.Get(c) }

// Free is what who can spend if the account need not live on.
func Free(c *frame.Context, who scale.AccountID) scale.U128 { return system.Account(c, who).Data.Free }
