package wire

import "github.com/bitcloak/bitcloak/substrate/hashing"

// Storage keys of spec/interface.md. Each function gives a key of its own memory.

// StorageAccount is System.Account of an account.
func StorageAccount(account AccountID) []byte {
	return hashing.AppendBlake2_128Concat(storageItem("System", "Account"), account[:])
}

// StorageAsset is Assets.Asset of an asset.
func StorageAsset(asset uint32) []byte {
	return hashing.AppendBlake2_128Concat(storageItem("Assets", "Asset"), appendU32(nil, asset))
}

// StorageAssetAccount is Assets.Account of an asset and an account.
func StorageAssetAccount(asset uint32, account AccountID) []byte {
	key := hashing.AppendBlake2_128Concat(storageItem("Assets", "Account"), appendU32(nil, asset))
	return hashing.AppendBlake2_128Concat(key, account[:])
}

// StorageAssetMetadata is Assets.Metadata of an asset.
func StorageAssetMetadata(asset uint32) []byte {
	return hashing.AppendBlake2_128Concat(storageItem("Assets", "Metadata"), appendU32(nil, asset))
}

// StorageCounters is PrivateAssets.Counters of an asset: Counters.
func StorageCounters(asset uint32) []byte {
	return hashing.AppendTwox64Concat(storageItem("PrivateAssets", "Counters"), appendU32(nil, asset))
}

// StorageDeposit is PrivateAssets.Deposits of a deposit: PendingDeposit.
func StorageDeposit(id uint64) []byte {
	return hashing.AppendTwox64Concat(storageItem("PrivateAssets", "Deposits"), appendU64(nil, id))
}

// StorageClaimable is PrivateAssets.Claimable of an account and an asset: u128.
func StorageClaimable(account AccountID, asset uint32) []byte {
	key := hashing.AppendBlake2_128Concat(storageItem("PrivateAssets", "Claimable"), account[:])
	return hashing.AppendTwox64Concat(key, appendU32(nil, asset))
}

// StoragePaused is PrivateAssets.Paused: bool.
func StoragePaused() []byte { return storageItem("PrivateAssets", "Paused") }

// StorageInbox is Confidential.Inbox: Inbox.
func StorageInbox() []byte { return storageItem("Confidential", "Inbox") }

// StorageBlockMessages is Confidential.BlockMessages: the current block's InboxMessages.
func StorageBlockMessages() []byte { return storageItem("Confidential", "BlockMessages") }

// StorageCheckpoint is Confidential.Checkpoints of an index: Checkpoint, until committed.
func StorageCheckpoint(index uint64) []byte {
	return hashing.AppendTwox64Concat(storageItem("Confidential", "Checkpoints"), appendU64(nil, index))
}

// StorageCheckpointCount is Confidential.CheckpointCount: u64.
func StorageCheckpointCount() []byte { return storageItem("Confidential", "CheckpointCount") }

// StorageLastCommit is Confidential.LastCommit: LastCommit, absent before the first.
func StorageLastCommit() []byte { return storageItem("Confidential", "LastCommit") }

// StorageWorker is Confidential.Workers of a worker's key: Worker.
func StorageWorker(worker [32]byte) []byte {
	return hashing.AppendBlake2_128Concat(StorageWorkers(), worker[:])
}

// StorageWorkers is the prefix of Confidential.Workers.
func StorageWorkers() []byte { return storageItem("Confidential", "Workers") }

// StorageThreshold is Confidential.Threshold: u32.
func StorageThreshold() []byte { return storageItem("Confidential", "Threshold") }

// StorageEpoch is Confidential.Epoch: Epoch.
func StorageEpoch() []byte { return storageItem("Confidential", "Epoch") }

// StorageContractKey is Confidential.ContractKeys of an epoch: Bytes.
func StorageContractKey(epoch uint32) []byte {
	return hashing.AppendTwox64Concat(storageItem("Confidential", "ContractKeys"), appendU32(nil, epoch))
}

// StorageMarket is Confidential.Markets of a market's id: Market.
func StorageMarket(id uint32) []byte {
	return hashing.AppendTwox64Concat(StorageMarkets(), appendU32(nil, id))
}

// StorageMarkets is the prefix of Confidential.Markets.
func StorageMarkets() []byte { return storageItem("Confidential", "Markets") }

// StorageDiscrepancy is Confidential.Discrepancy, absent when there is none.
func StorageDiscrepancy() []byte { return storageItem("Confidential", "Discrepancy") }

// StorageCommitVotes is Confidential.CommitVotes: Vec<(worker, commit hash)> of
// the checkpoint that is due.
func StorageCommitVotes() []byte { return storageItem("Confidential", "CommitVotes") }

func storageItem(pallet, item string) []byte {
	prefix := hashing.StoragePrefix(pallet, item)
	return prefix[:]
}

// StorageSnapshot is Confidential.Snapshot: Snapshot, absent before the first.
func StorageSnapshot() []byte { return storageItem("Confidential", "Snapshot") }
