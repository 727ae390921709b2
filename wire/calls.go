package wire

import "github.com/bitcloak/bitcloak/substrate/scale"

// Pallet indices of spec/interface.md.
const (
	PalletSystem             uint8 = 0
	PalletTimestamp          uint8 = 1
	PalletConsensus          uint8 = 2
	PalletBalances           uint8 = 10
	PalletTransactionPayment uint8 = 11
	PalletAssets             uint8 = 12
	PalletPrivateAssets      uint8 = 20
	PalletConfidential       uint8 = 21
	PalletGovernance         uint8 = 30
)

// Call indices within their pallets.
const (
	CallIndexTransferAllowDeath uint8 = 0 // Balances
	CallIndexTransferKeepAlive  uint8 = 3 // Balances
	CallIndexAssetTransfer      uint8 = 4 // Assets
	CallIndexDeposit            uint8 = 0 // PrivateAssets
	CallIndexClaim              uint8 = 1 // PrivateAssets
	CallIndexSubmit             uint8 = 0 // Confidential
	CallIndexCommit             uint8 = 1 // Confidential
	CallIndexAnnounceKey        uint8 = 2 // Confidential
	CallIndexRegisterWorker     uint8 = 3 // Confidential
	CallIndexAnnounceSnapshot   uint8 = 4 // Confidential
	CallIndexSetMarket          uint8 = 10
	CallIndexPropose            uint8 = 0 // Governance
	CallIndexApprove            uint8 = 1 // Governance
	CallIndexExecute            uint8 = 3 // Governance
)

// MaxSubmitEnvelopes bounds the envelopes of one submit call.
const MaxSubmitEnvelopes = 4096

// MaxSubmittedBytes bounds one of them, before the chain looks at its class. It is
// as much as a block takes, so that an oversized envelope is refused by itself and
// never spoils the batch it came in.
const MaxSubmittedBytes = 5 << 20

// EnvelopesCodec is the codec of submit's envelopes, of any class and length.
var EnvelopesCodec = scale.Vec(scale.Bytes(MaxSubmittedBytes), MaxSubmitEnvelopes)

func call(pallet, index uint8) *scale.Encoder {
	e := scale.NewEncoder(nil)
	e.U8(pallet)
	e.U8(index)
	return e
}

// address writes MultiAddress::Id.
func address(e *scale.Encoder, account AccountID) {
	e.U8(0)
	e.Raw(account[:])
}

// encoded is the call, or an error if a value of it has no encoding.
func encoded(e *scale.Encoder) ([]byte, error) {
	if e.Err() != nil {
		return nil, e.Err()
	}
	return e.Encoded(), nil
}

// CallTransferAllowDeath is Balances.transfer_allow_death.
func CallTransferAllowDeath(to AccountID, amount U128) []byte {
	return transfer(CallIndexTransferAllowDeath, to, amount)
}

// CallTransferKeepAlive is Balances.transfer_keep_alive.
func CallTransferKeepAlive(to AccountID, amount U128) []byte {
	return transfer(CallIndexTransferKeepAlive, to, amount)
}

func transfer(index uint8, to AccountID, amount U128) []byte {
	e := call(PalletBalances, index)
	address(e, to)
	e.Compact128(amount)
	return e.Encoded()
}

// CallAssetTransfer is Assets.transfer.
func CallAssetTransfer(asset uint32, to AccountID, amount U128) []byte {
	e := call(PalletAssets, CallIndexAssetTransfer)
	e.U32(asset)
	address(e, to)
	e.Compact128(amount)
	return e.Encoded()
}

// CallDeposit is PrivateAssets.deposit.
func CallDeposit(asset uint32, amount U128, beneficiary Beneficiary) ([]byte, error) {
	e := call(PalletPrivateAssets, CallIndexDeposit)
	e.U32(asset)
	e.Compact128(amount)
	BeneficiaryCodec.Encode(e, &beneficiary)
	return encoded(e)
}

// CallClaim is PrivateAssets.claim; to is where the amount goes, or none for the
// caller itself.
func CallClaim(asset uint32, to scale.Optional[AccountID]) []byte {
	e := call(PalletPrivateAssets, CallIndexClaim)
	e.U32(asset)
	e.Bool(to.Some)
	if to.Some {
		address(e, to.Value)
	}
	return e.Encoded()
}

// CallSubmit is Confidential.submit.
func CallSubmit(envelopes [][]byte) ([]byte, error) {
	e := call(PalletConfidential, CallIndexSubmit)
	EnvelopesCodec.Encode(e, &envelopes)
	return encoded(e)
}

// CallCommit is Confidential.commit, a bare extrinsic's call.
func CallCommit(commit *Commit, votes []Vote) ([]byte, error) {
	e := call(PalletConfidential, CallIndexCommit)
	CommitCodec.Encode(e, commit)
	VotesCodec.Encode(e, &votes)
	return encoded(e)
}

// CallAnnounceKey is Confidential.announce_key, a bare extrinsic's call.
func CallAnnounceKey(key *ContractKey, votes []Vote) ([]byte, error) {
	e := call(PalletConfidential, CallIndexAnnounceKey)
	ContractKeyCodec.Encode(e, key)
	VotesCodec.Encode(e, &votes)
	return encoded(e)
}

// CallAnnounceSnapshot is Confidential.announce_snapshot, a bare extrinsic's call.
func CallAnnounceSnapshot(snapshot *Snapshot, votes []Vote) ([]byte, error) {
	e := call(PalletConfidential, CallIndexAnnounceSnapshot)
	SnapshotCodec.Encode(e, snapshot)
	VotesCodec.Encode(e, &votes)
	return encoded(e)
}

// CallRegisterWorker is Confidential.register_worker.
func CallRegisterWorker(worker [32]byte, evidence Evidence) ([]byte, error) {
	e := call(PalletConfidential, CallIndexRegisterWorker)
	e.Raw(worker[:])
	EvidenceCodec.Encode(e, &evidence)
	return encoded(e)
}

// CallSetMarket is Confidential.set_market, which Root alone may call.
func CallSetMarket(market *Market) []byte {
	e := call(PalletConfidential, CallIndexSetMarket)
	MarketCodec.Encode(e, market)
	return e.Encoded()
}

// CallPropose is Governance.propose of another encoded call.
func CallPropose(proposed []byte) []byte {
	e := call(PalletGovernance, CallIndexPropose)
	e.Raw(proposed)
	return e.Encoded()
}

// CallApprove is Governance.approve.
func CallApprove(id uint32) []byte {
	e := call(PalletGovernance, CallIndexApprove)
	e.U32(id)
	return e.Encoded()
}

// CallExecute is Governance.execute.
func CallExecute(id uint32) []byte {
	e := call(PalletGovernance, CallIndexExecute)
	e.U32(id)
	return e.Encoded()
}
