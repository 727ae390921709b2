package balances

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Pallet is the pallet as a runtime composes it.
func Pallet() frame.Pallet {
	return frame.Pallet{
		Module: module,
		Calls: []frame.Call{
			frame.NewCall(0, "transfer_allow_death", "Transfer some free balance to another account; the sender's may be removed.",
				sendCodec, weightTransfer, transferAllowDeath),
			frame.NewCall(2, "force_transfer", "Root: transfer some free balance from any account to another.",
				forceCodec, weightTransfer, forceTransfer),
			frame.NewCall(3, "transfer_keep_alive", "Transfer some free balance to another account; the sender's lives on.",
				sendCodec, weightTransfer, transferKeepAlive),
			frame.NewCall(4, "transfer_all", "Transfer all that can be transferred to another account.",
				sendAllCodec, weightTransfer, transferAll),
		},
		TryState: tryState,
	}
}

type send struct {
	Dest  extrinsic.MultiAddress
	Value scale.U128
}

type force struct {
	Source extrinsic.MultiAddress
	send
}

type sendAll struct {
	Dest      extrinsic.MultiAddress
	KeepAlive bool
}

func addressField[S any](name string, get func(*S) *extrinsic.MultiAddress) scale.FieldOf[S] {
	return scale.Field(name, extrinsic.AddressCodec, get).TypeNamed("AccountIdLookupOf<T>")
}

var (
	sendCodec = scale.Struct("", "",
		addressField("dest", func(s *send) *extrinsic.MultiAddress { return &s.Dest }),
		scale.Field("value", scale.CompactU128, func(s *send) *scale.U128 { return &s.Value }).TypeNamed("T::Balance"))
	forceCodec = scale.Struct("", "",
		addressField("source", func(f *force) *extrinsic.MultiAddress { return &f.Source }),
		addressField("dest", func(f *force) *extrinsic.MultiAddress { return &f.Dest }),
		scale.Field("value", scale.CompactU128, func(f *force) *scale.U128 { return &f.Value }).TypeNamed("T::Balance"))
	sendAllCodec = scale.Struct("", "",
		addressField("dest", func(s *sendAll) *extrinsic.MultiAddress { return &s.Dest }),
		scale.Field("keep_alive", scale.Bool, func(s *sendAll) *bool { return &s.KeepAlive }).TypeNamed("bool"))
)

func transferAllowDeath(c *frame.Context, origin frame.Origin, args *send) error {
	return transferSigned(c, origin, args, AllowDeath)
}

func transferKeepAlive(c *frame.Context, origin frame.Origin, args *send) error {
	return transferSigned(c, origin, args, KeepAlive)
}

func transferSigned(c *frame.Context, origin frame.Origin, args *send, existence Existence) error {
	from, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	to, err := frame.Lookup(&args.Dest)
	if err != nil {
		return err
	}
	return Transfer(c, from, to, args.Value, existence)
}

func forceTransfer(c *frame.Context, origin frame.Origin, args *force) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	from, err := frame.Lookup(&args.Source)
	if err != nil {
		return err
	}
	if from == wire.CustodyAccount {
		return ErrCustody
	}
	to, err := frame.Lookup(&args.Dest)
	if err != nil {
		return err
	}
	return Transfer(c, from, to, args.Value, AllowDeath)
}

func transferAll(c *frame.Context, origin frame.Origin, args *sendAll) error {
	from, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	to, err := frame.Lookup(&args.Dest)
	if err != nil {
		return err
	}
	account := system.Account(c, from)
	existence := Existence(args.KeepAlive)
	return Transfer(c, from, to, spendable(&account, existence), existence)
}
