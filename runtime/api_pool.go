package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// validation is the arguments of validate_transaction.
type validation struct {
	Source    uint8
	Extrinsic []byte
	Block     scale.Hash
}

var sourceCodec = scale.Choice[uint8]("sp_runtime::transaction_validity::TransactionSource", "",
	scale.Case{Index: SourceInBlock, Name: "InBlock"}, scale.Case{Index: SourceLocal, Name: "Local"},
	scale.Case{Index: SourceExternal, Name: "External"})

var validityCodec = frame.ResultCodec(frame.ValidTransactionCodec, frame.TransactionValidityErrorCodec)

func transactionQueueAPI(call *scale.Type) api {
	args := scale.Struct("", "",
		scale.Field("source", sourceCodec, func(v *validation) *uint8 { return &v.Source }),
		scale.Field("tx", extrinsicCodec(call), func(v *validation) *[]byte { return &v.Extrinsic }),
		scale.Field("block_hash", scale.HashCodec, func(v *validation) *scale.Hash { return &v.Block }))
	return api{
		name: "TaggedTransactionQueue", version: 3, docs: "The API that the transaction pool asks.",
		methods: []method{
			newMethod("validate_transaction", "Validate the transaction for the block after block_hash.", args, validityCodec,
				func(r *Runtime, v *validation) (frame.Result[frame.ValidTransaction, frame.TransactionValidityError], error) {
					valid, invalid := r.ValidateTransaction(v.Source, v.Extrinsic, v.Block)
					if invalid != nil {
						return frame.Err[frame.ValidTransaction](*invalid), nil
					}
					return frame.Ok[frame.ValidTransaction, frame.TransactionValidityError](valid), nil
				}),
		},
	}
}

func accountNonceAPI() api {
	accountArg := scale.Struct("", "",
		scale.Field("account", scale.AccountIDCodec, func(a *scale.AccountID) *scale.AccountID { return a }))
	return api{
		name: "AccountNonceApi", version: 1, docs: "The API to query an account's nonce.",
		methods: []method{
			newMethod("account_nonce", "Get the current nonce of the account.", accountArg, scale.U32,
				func(r *Runtime, who *scale.AccountID) (uint32, error) {
					return system.Account(r.context, *who).Nonce, nil
				}),
		},
	}
}
