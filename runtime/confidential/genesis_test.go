package confidential

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestGenesisIsStrict(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Genesis)
		want   error
	}{
		{"sound", func(*Genesis) {}, nil},
		{"without a simulated vendor", func(g *Genesis) { g.SimulatedVendor = nil }, nil},
		{"without markets", func(g *Genesis) { g.Markets = nil }, nil},
		{"no threshold", func(g *Genesis) { g.Threshold = 0 }, ErrGenesisThreshold},
		{"threshold beyond all workers", func(g *Genesis) { g.Threshold = maxWorkers + 1 }, ErrGenesisThreshold},
		{"heartbeat too short", func(g *Genesis) { g.Heartbeat = minHeartbeat - 1 }, ErrGenesisTimes},
		{"heartbeat too long", func(g *Genesis) { g.Heartbeat = maxHeartbeat + 1 }, ErrGenesisTimes},
		{"epoch too short", func(g *Genesis) { g.EpochDuration = 0 }, ErrGenesisTimes},
		{"epoch too long", func(g *Genesis) { g.EpochDuration = maxEpochDuration + 1 }, ErrGenesisTimes},
		{"vendor", func(g *Genesis) { g.SimulatedVendor = make([]byte, 31) }, ErrGenesisVendor},
		{"markets out of order", func(g *Genesis) { g.Markets[0], g.Markets[1] = g.Markets[1], g.Markets[0] }, ErrGenesisMarkets},
		{"a market twice", func(g *Genesis) { g.Markets[1].ID = g.Markets[0].ID }, ErrGenesisMarkets},
		{"too many markets", func(g *Genesis) { g.Markets = make([]Market, maxMarkets+1) }, ErrGenesisMarkets},
		{"an unsound market", func(g *Genesis) { g.Markets[1].TickValue = 0 }, ErrMarket},
		{"a market of no asset", func(g *Genesis) { g.Markets[1].Base = 99 }, ErrMarketAsset},
	}
	for _, test := range cases {
		c := emptyContext()
		registry := testAssets()
		if err := registry.Build(c); err != nil {
			t.Fatal(err)
		}
		genesis := testGenesis(t, 1)
		test.change(&genesis)
		if err := genesis.Build(c); err != test.want {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
		if test.want == nil {
			if err := tryState(c); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
	}
}

// TestTryStateSeesWhatIsBroken breaks each promise behind the pallet's back.
func TestTryStateSeesWhatIsBroken(t *testing.T) {
	cases := []struct {
		name   string
		damage func(c *frame.Context)
		want   error
	}{
		{"I5: the inbox hash", func(c *frame.Context) {
			i := inbox.Get(c)
			i.Hash[0]++
			inbox.Set(c, i)
		}, ErrFold},
		{"I5: two messages change places", func(c *frame.Context) {
			m := blockMessages.Get(c)
			m[1], m[2] = m[2], m[1]
			blockMessages.Set(c, m)
		}, ErrFold},
		{"I5: a message is lost", func(c *frame.Context) { blockMessages.Set(c, blockMessages.Get(c)[:2]) }, ErrFold},
		{"I5: no Block message first", func(c *frame.Context) { blockMessages.Set(c, blockMessages.Get(c)[1:]) }, ErrFold},
		{"I5: messages of a block that is not open", func(c *frame.Context) { openBlock.Remove(c) }, ErrFold},
		{"I5: the Block message is another block's", func(c *frame.Context) { openBlock.Set(c, opened{Number: 1, Before: openBlock.Get(c).Before}) }, ErrFold},
		{"I5: a wrong count before the block", func(c *frame.Context) { openBlock.Set(c, opened{Number: 3}) }, ErrFold},
		{"I4: a checkpoint is lost", func(c *frame.Context) { checkpoints.Remove(c, 1) }, ErrCheckpoints},
		{"I4: an answered checkpoint comes back", func(c *frame.Context) { checkpoints.Set(c, 0, wire.Checkpoint{}) }, ErrCheckpoints},
		{"I4: a checkpoint is answered before it is", func(c *frame.Context) {
			last := lastCommit.Get(c)
			last.Checkpoint = 2
			lastCommit.Set(c, last)
		}, ErrCheckpoints},
		{"I4: an inbox that does not grow", func(c *frame.Context) {
			k := checkpoints.Get(c, 1)
			k.Inbox.Count = lastCommit.Get(c).Inbox.Count
			checkpoints.Set(c, 1, k)
		}, ErrCheckpoints},
		{"two workers on one machine", func(c *frame.Context) {
			workers.Set(c, [32]byte{1}, wire.Worker{Measurement: testMeasurement(), Platform: testPlatform(0)})
		}, ErrWorkers},
		{"a machine that is not allowed", func(c *frame.Context) { platforms.Remove(c, testPlatform(0)) }, ErrWorkers},
		{"a program that is not allowed", func(c *frame.Context) { measurements.Remove(c, testMeasurement()) }, ErrWorkers},
		{"too many workers", func(c *frame.Context) {
			for i := 2; i < int(maxWorkers)+2; i++ {
				workers.Set(c, hashing.Blake2_256([]byte{byte(i)}), wire.Worker{Measurement: testMeasurement(), Platform: testPlatform(i)})
			}
		}, ErrWorkers},
		{"a vote of nobody", func(c *frame.Context) { commitVotes.Set(c, []castVote{{}}) }, ErrVotes},
		{"a vote of nobody for a key", func(c *frame.Context) { keyVotes.Set(c, 0, []castVote{{}}) }, ErrVotes},
		{"votes for an epoch to come", func(c *frame.Context) { keyVotes.Set(c, 2, nil) }, ErrEpochs},
		{"votes for a key that is known", func(c *frame.Context) {
			contractKeys.Set(c, 0, make([]byte, wire.PublicKeySize))
			keyVotes.Set(c, 0, nil)
		}, ErrEpochs},
		{"a key of an epoch to come", func(c *frame.Context) { contractKeys.Set(c, 2, nil) }, ErrEpochs},
		{"the start of an epoch to come", func(c *frame.Context) { epochStarts.Set(c, 1, 0) }, ErrEpochs},
		{"a count of markets", func(c *frame.Context) { marketCount.Set(c, 7) }, ErrMarkets},
		{"a market under another's identifier", func(c *frame.Context) { markets.Set(c, 3, testMarket(4)) }, ErrMarkets},
		{"a market that overflows", func(c *frame.Context) {
			m := testMarket(3)
			m.LotSize = scale.MaxU128
			markets.Set(c, 3, m)
		}, ErrMarkets},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, 2, 1)
			for i := range 3 { // checkpoints 0, answered, and 1; messages in the block
				w.mustSubmit(command(byte(i)), command(100))
				if i < 2 {
					w.next()
				}
			}
			w.mustSend(w.draft(), w.workers[0])
			w.check()
			test.damage(w.c)
			if err := tryState(w.c); err != test.want {
				t.Fatalf("%v, not %v", err, test.want)
			}
		})
	}
}
