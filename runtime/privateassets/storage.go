package privateassets

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Index of the pallet.
const Index = wire.PalletPrivateAssets

var module = frame.NewModule("PrivateAssets", Index, "bitcloak_private_assets")

// blockDeposits counts the deposits of one block.
type blockDeposits struct {
	Number uint32
	Count  uint32
}

var blockDepositsCodec = scale.Struct("bitcloak_private_assets::BlockDeposits", "",
	scale.Field("number", scale.U32, func(b *blockDeposits) *uint32 { return &b.Number }),
	scale.Field("count", scale.U32, func(b *blockDeposits) *uint32 { return &b.Count }))

var (
	counters = frame.NewMap(module, "Counters", frame.Twox64Concat(scale.U32), wire.CountersCodec, frame.Default,
		"What backs the contract's ledger, by asset (I2).")
	deposits = frame.NewMap(module, "Deposits", frame.Twox64Concat(scale.U64), wire.PendingDepositCodec, frame.Optional,
		"Deposits that no commit has passed yet, by identifier.")
	nextDeposit = frame.NewValue(module, "NextDeposit", scale.U64, frame.Default,
		"The identifier of the next deposit.")
	firstDeposit = frame.NewValue(module, "FirstDeposit", scale.U64, frame.Default,
		"The identifier of the first deposit that no commit has passed.")
	depositsOfBlock = frame.NewValue(module, "BlockDeposits", blockDepositsCodec, frame.Default,
		"How many deposits the last block with one has.")
	claimable = frame.NewDoubleMap(module, "Claimable", frame.Blake2_128Concat(scale.AccountIDCodec), frame.Twox64Concat(scale.U32),
		scale.U128Codec, frame.Default, "Payouts that could not be made, by owner and asset.")
	paused = frame.NewValue(module, "Paused", scale.Bool, frame.Default,
		"Whether deposits are refused. Withdrawals and claims never are.")
	suspended = frame.NewMap(module, "Suspended", frame.Twox64Concat(scale.U32), scale.Bool, frame.Default,
		"Assets of which custody was seen to hold less than its counter.")
)

// maxBlockDeposits bounds what one commit has to pass: its checkpoint is one block.
var maxBlockDeposits = frame.NewConstant(module, "MaxBlockDeposits", scale.U32, 1024,
	"Deposits that one block takes at most.")
