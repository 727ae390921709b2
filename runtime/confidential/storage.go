package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Index of the pallet.
const Index = wire.PalletConfidential

var module = frame.NewModule("Confidential", Index, "bitcloak_confidential")

// Bounds.
var (
	maxWorkers = frame.NewConstant(module, "MaxWorkers", scale.U32, 32,
		"Workers that may be registered at once.")
	maxMarkets = frame.NewConstant(module, "MaxMarkets", scale.U32, 1024,
		"Markets that may be listed.")
	dissentWindow = frame.NewConstant(module, "DissentWindow", scale.U64, 256,
		"For how many of the last commits a vote against them is still heard.")
)

// opened is a block with messages. Counting them by the inbox, not by the list, keeps
// the list from being read as a whole.
type opened struct {
	Number uint32
	Before uint64 // the inbox's count at the block's start
}

var openedCodec = scale.Struct("bitcloak_confidential::OpenBlock", "",
	scale.Field("number", scale.U32, func(o *opened) *uint32 { return &o.Number }),
	scale.Field("before", scale.U64, func(o *opened) *uint64 { return &o.Before }))

// The inbox and its checkpoints.
var (
	inbox = frame.NewValue(module, "Inbox", wire.InboxCodec, frame.Default,
		"All messages so far: how many, and their rolling hash.")
	blockMessages = frame.NewList(module, "BlockMessages", wire.InboxMessageCodec, wire.MaxBlockMessages,
		"The messages of the current block.")
	openBlock = frame.NewValue(module, "OpenBlock", openedCodec, frame.Optional,
		"The block that BlockMessages belong to, and how many messages came before it; absent if there are none.")
	checkpoints = frame.NewMap(module, "Checkpoints", frame.Twox64Concat(scale.U64), wire.CheckpointCodec, frame.Optional,
		"Checkpoints that no commit has answered, by index. One is entered when the next block starts, because it holds the block's hash.")
	checkpointCount = frame.NewValue(module, "CheckpointCount", scale.U64, frame.Default,
		"Checkpoints of the blocks before this one; the index of this block's, if it is one.")
	lastCheckpointTime = frame.NewValue(module, "LastCheckpointTime", scale.U64, frame.Default,
		"The time of the last Block message, in milliseconds since 1970.")
	heartbeat = frame.NewValue(module, "Heartbeat", scale.U64, frame.Default,
		"After how many milliseconds without a checkpoint a block becomes one.")
)

// accepted is a commit that was accepted, and in which block.
type accepted struct {
	Commit scale.Hash
	Number uint32
}

var acceptedCodec = scale.Struct("bitcloak_confidential::AcceptedCommit", "",
	scale.Field("commit", scale.HashCodec, func(a *accepted) *scale.Hash { return &a.Commit }),
	scale.Field("number", scale.U32, func(a *accepted) *uint32 { return &a.Number }))

// Commits.
var (
	lastCommit = frame.NewValue(module, "LastCommit", wire.LastCommitCodec, frame.Optional,
		"The last accepted commit.")
	commitVotes = frame.NewValue(module, "CommitVotes", castVotesCodec, frame.Default,
		"Votes for commits of the checkpoint that is due.")
	commitHashes = frame.NewMap(module, "CommitHashes", frame.Twox64Concat(scale.U64), acceptedCodec, frame.Optional,
		"The last DissentWindow accepted commits, by checkpoint.")
	discrepancies = frame.NewValue(module, "Discrepancy", discrepancyCodec, frame.Optional,
		"Why commits have stopped; absent while they have not.")
	chosenCommit = frame.NewValue(module, "ChosenCommit", scale.HashCodec, frame.Optional,
		"The only commit that is taken for the checkpoint that is due, as governance resolved a discrepancy.")
)

// Workers.
var (
	workers = frame.NewMap(module, "Workers", frame.Blake2_128Concat(scale.Bytes32), wire.WorkerCodec, frame.Optional,
		"Registered workers, by ed25519 key.")
	retired = frame.NewMap(module, "Retired", frame.Blake2_128Concat(scale.Bytes32), scale.HashCodec, frame.Optional,
		"Keys of workers that were removed or replaced, and their platforms: they never register again.")
	threshold = frame.NewValue(module, "Threshold", scale.U32, frame.Default,
		"How many workers must vote for the same bytes.")
	measurements = frame.NewMap(module, "AllowedMeasurements", frame.Identity(scale.HashCodec), scale.Bool, frame.Default,
		"Programs that workers may run.")
	platforms = frame.NewMap(module, "AllowedPlatforms", frame.Identity(scale.HashCodec), scale.Bool, frame.Default,
		"Machines that workers may run on.")
	simulatedVendor = frame.NewValue(module, "SimulatedVendor", scale.Bytes32, frame.Optional,
		"The key that signs simulated evidence; absent on a chain that refuses it.")
)

// Epochs, keys, snapshots, markets.
var (
	epochs = frame.NewValue(module, "Epoch", wire.EpochCodec, frame.Default,
		"The current epoch.")
	epochDuration = frame.NewValue(module, "EpochDuration", scale.U64, frame.Default,
		"How long an epoch lasts, in milliseconds; it goes on until the next one's key is announced.")
	epochStarts = frame.NewMap(module, "EpochStarts", frame.Twox64Concat(scale.U32), scale.U64, frame.Optional,
		"The first checkpoint of each epoch that has checkpoints without a commit, and of the current one.")
	contractKeys = frame.NewMap(module, "ContractKeys", frame.Twox64Concat(scale.U32), scale.Bytes(wire.PublicKeySize), frame.Optional,
		"The contract's public keys of the previous, the current and the next epoch.")
	keyVotes = frame.NewMap(module, "KeyVotes", frame.Twox64Concat(scale.U32), castVotesCodec, frame.Default,
		"Votes for the contract key of an epoch that has none.")
	snapshots = frame.NewValue(module, "Snapshot", wire.SnapshotCodec, frame.Optional,
		"The last published snapshot of the contract.")
	snapshotVotes = frame.NewMap(module, "SnapshotVotes", frame.Twox64Concat(scale.U32), castVotesCodec, frame.Default,
		"Votes for the snapshot of an epoch that has none.")
	markets = frame.NewMap(module, "Markets", frame.Twox64Concat(scale.U32), wire.MarketCodec, frame.Optional,
		"Listed markets.")
	marketCount = frame.NewValue(module, "MarketCount", scale.U32, frame.Default,
		"How many markets are listed.")
	genesisMarkets = frame.NewValue(module, "GenesisMarkets", scale.Vec(scale.U32, int(maxMarkets)), frame.Default,
		"Markets of genesis that wait for the first checkpoint, which tells the contract.")
)
