package node

// watchFigures adds what is read from the parts when metrics are asked for.
func (n *Node) watchFigures() {
	watch := n.metrics.Watch
	watch("block_best", "Number of the best block.", func() float64 { return float64(n.chain.Head().Number) })
	watch("block_finalized", "Number of the latest finalised block.", func() float64 { return float64(n.chain.Head().Finalized()) })
	watch("height", "CometBFT height committed last.", func() float64 { return float64(n.chain.Head().Height) })
	watch("pool_signed", "Signed transactions in the pool.", func() float64 { return float64(n.pool.Usage().Signed) })
	watch("pool_future", "Transactions in the pool that wait for an earlier nonce.", func() float64 { return float64(n.pool.Usage().Future) })
	watch("pool_bare", "Bare transactions in the pool.", func() float64 { return float64(n.pool.Usage().Bare) })
	watch("pool_bytes", "Bytes of the transactions in the pool.", func() float64 { return float64(n.pool.Usage().Bytes) })
	watch("pool_senders", "Senders with transactions in the pool.", func() float64 { return float64(n.pool.Usage().Senders) })
	watch("peers", "Connected peers.", func() float64 { return float64(len(n.comet.Network().Peers)) })
	watch("syncing", "1 while the node catches up with its network, by state or by blocks.", func() float64 {
		if n.comet.Network().Syncing {
			return 1
		}
		return 0
	})
	watch("snapshot_height", "CometBFT height of the latest snapshot offered to nodes that join, 0 if there is none.", func() float64 {
		if n.snapshots == nil {
			return 0
		}
		return float64(n.snapshots.Latest())
	})
	watch("database_bytes", "Bytes of the store on the disk.", func() float64 { return float64(n.store.Metrics().DiskSpaceUsage()) })
	watch("database_compactions", "Compactions of the store since the start.", func() float64 { return float64(n.store.Metrics().Compact.Count) })
	watch("database_cache_misses", "Misses of the store's block cache since the start.",
		func() float64 { return float64(n.store.Metrics().BlockCache.Misses) })
}
