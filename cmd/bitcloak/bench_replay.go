package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/app"
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// replayBenchmark is what a node does that has blocks and not their state: after a crash, or when it syncs.
func replayBenchmark() benchmark {
	return benchmark{name: "replay", run: measureReplay, rows: []rowSpec{
		{name: "replay", unit: "tx/s", about: "stored blocks of signed transfers executed again into an empty store, as CometBFT's handshake has it done: signatures checked, " +
			"state and header recomputed and compared, every height synced to disk"},
		{name: "replay-blocks", unit: "blocks/s", about: "blocks of the same (as large as the validator made them under load)"},
	}}
}

func measureReplay(ctx context.Context, b *bencher) error {
	load, err := newTransferLoad(b)
	if err != nil {
		return err
	}
	b.say("making blocks")
	recorded, err := record(ctx, b, load)
	if err != nil {
		return err
	}
	for range b.runs {
		b.say("replaying %d transactions in %d blocks", recorded.transactions, len(recorded.blocks))
		took, err := recorded.replay(ctx, b)
		if err != nil {
			return err
		}
		b.record("replay", float64(recorded.transactions)/took.Seconds())
		b.record("replay-blocks", float64(len(recorded.blocks))/took.Seconds())
	}
	return nil
}

// recording is a chain as CometBFT would give it to the application again.
type recording struct {
	spec         *chainspec.Spec
	blocks       []recordedBlock
	transactions int
}

type recordedBlock struct {
	hash   scale.Hash
	height uint64
	time   uint64 // ms
	body   [][]byte
}

// record makes a chain under load and reads its blocks from the store.
func record(ctx context.Context, b *bencher, load *transferLoad) (*recording, error) {
	n, err := load.crowd.start(ctx, b)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	transactions, err := load.sign()
	if err != nil {
		return nil, err
	}
	if _, err := drive(ctx, n, transactions); err != nil {
		return nil, err
	}
	r := &recording{spec: load.crowd.network}
	for number := uint32(1); number <= n.Chain().Head().Finalized(); number++ {
		block, err := readBlock(n, number)
		if err != nil {
			return nil, err
		}
		r.blocks = append(r.blocks, block)
		r.transactions += len(block.body) - 1
	}
	return r, nil
}

func readBlock(n *node.Node, number uint32) (block recordedBlock, err error) {
	stored := n.Chain().Store()
	if block.hash, err = stored.HashAt(number); err != nil {
		return block, err
	}
	if block.body, err = stored.Body(block.hash); err != nil {
		return block, err
	}
	head, err := stored.Header(block.hash)
	if err != nil {
		return block, err
	}
	data, found := head.PreRuntimeData(chain.Engine)
	if !found {
		return block, fmt.Errorf("block %d does not name its height", number)
	}
	if block.height, err = scale.U64.Unmarshal(data); err != nil {
		return block, err
	}
	inherent, err := extrinsic.Decode(block.body[0])
	if err != nil {
		return block, err
	}
	d := scale.NewDecoder(inherent.Call)
	d.U8() // pallet Timestamp
	d.U8() // call set
	block.time = d.Compact64()
	return block, d.Finish()
}

// replay executes the recorded heights through the application and compares every block's hash.
func (r *recording) replay(ctx context.Context, b *bencher) (took time.Duration, err error) {
	folder, err := b.folder()
	if err != nil {
		return 0, err
	}
	s, err := store.Open(filepath.Join(folder, "chain"), store.Options{Log: b.log})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	empty, err := chain.Open(s, r.spec.Genesis, uint64(r.spec.CometBFT.GenesisTime.UnixMilli()), chain.Options{Log: b.log})
	if err != nil {
		return 0, err
	}
	pool, err := mempool.New(mempool.Options{Validator: empty})
	if err != nil {
		return 0, err
	}
	consensus := r.spec.Genesis.Consensus
	application, err := app.New(app.Options{Chain: empty, Pool: pool, Log: b.log, Genesis: app.Genesis{
		ChainID: consensus.ChainID, ValidatorsHash: consensus.ValidatorsHash, ParamsHash: consensus.ParamsHash}})
	if err != nil {
		return 0, err
	}
	started := time.Now()
	height, at := uint64(0), uint64(0)
	for i := range r.blocks {
		block := &r.blocks[i]
		for height++; height < block.height; height++ { // heights that made no Substrate block
			if err := replayHeight(ctx, application, height, at, nil); err != nil {
				return 0, err
			}
		}
		at = block.time
		proposed := append([][]byte{wire.BlockClaim(block.hash)}, block.body[1:]...)
		if err := replayHeight(ctx, application, height, at, proposed); err != nil {
			return 0, err
		}
		if head := empty.Head(); head.Hash != block.hash {
			return 0, fmt.Errorf("block %d became %s, it was %s", head.Number, head.Hash, block.hash)
		}
	}
	return time.Since(started), nil
}

func replayHeight(ctx context.Context, application *app.App, height, at uint64, proposed [][]byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	name := scale.Hash{} // CometBFT's own, by which proposals would be known
	request := &abci.RequestFinalizeBlock{Hash: name[:], Height: int64(height), Time: time.UnixMilli(int64(at)), Txs: proposed}
	if _, err := application.FinalizeBlock(ctx, request); err != nil {
		return err
	}
	_, err := application.Commit(ctx, &abci.RequestCommit{})
	return err
}
