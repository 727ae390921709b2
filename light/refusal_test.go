package light_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// liar is a node that serves what its functions make of the truth; nil ones leave it.
type liar struct {
	*memory.Chain
	lightBlock  func(height int64, honest []byte) []byte
	header      func(honest []byte) []byte
	headers     func(honest [][]byte) [][]byte
	proof       func(at scale.Hash, keys, honest [][]byte) [][]byte
	checkpoints func(from uint64, honest []light.Body) []light.Body
}

func (l *liar) LightBlock(ctx context.Context, height int64) ([]byte, error) {
	b, err := l.Chain.LightBlock(ctx, height)
	if err == nil && l.lightBlock != nil {
		b = l.lightBlock(height, b)
	}
	return b, err
}

func (l *liar) Header(ctx context.Context, hash scale.Hash) ([]byte, error) {
	b, err := l.Chain.Header(ctx, hash)
	if err == nil && l.header != nil {
		b = l.header(b)
	}
	return b, err
}

func (l *liar) Headers(ctx context.Context, from, to uint32) ([][]byte, error) {
	b, err := l.Chain.Headers(ctx, from, to)
	if err == nil && l.headers != nil {
		b = l.headers(b)
	}
	return b, err
}

func (l *liar) ReadProof(ctx context.Context, at scale.Hash, keys [][]byte) ([][]byte, error) {
	proof, err := l.Chain.ReadProof(ctx, at, keys)
	if err == nil && l.proof != nil {
		proof = l.proof(at, keys, proof)
	}
	return proof, err
}

func (l *liar) Checkpoints(ctx context.Context, from uint64, limit uint32) ([]light.Body, error) {
	bodies, err := l.Chain.Checkpoints(ctx, from, limit)
	if err == nil && l.checkpoints != nil {
		bodies = l.checkpoints(from, bodies)
	}
	return bodies, err
}

// lightBlockLies are what a dishonest node, or dishonest validators, may serve as
// the latest light block.
var lightBlockLies = []struct {
	name string
	want error
	make func(chain *memory.Chain, honest []byte) []byte
}{
	{"no light block", light.ErrMalformed, func(*memory.Chain, []byte) []byte { return nil }},
	{"an oversized answer", light.ErrMalformed, func(*memory.Chain, []byte) []byte { return make([]byte, light.MaxLightBlock+1) }},
	{"a cut answer", light.ErrMalformed, func(_ *memory.Chain, honest []byte) []byte { return honest[:len(honest)-1] }},
	{"another chain", light.ErrChainID, func(chain *memory.Chain, _ []byte) []byte {
		other := memory.New(memory.Options{ChainID: "other", Validators: four()})
		other.Block()
		return latest(other)
	}},
	{"unknown validators", light.ErrValidatorSet, func(chain *memory.Chain, _ []byte) []byte {
		return chain.Forge(chain.Height(), []memory.Validator{{Name: "mallory", Power: 40}}, func(*types.Header) {})
	}},
	{"a third of the validators", light.ErrPower, func(chain *memory.Chain, _ []byte) []byte {
		set := four()
		set[1].Silent, set[2].Silent = true, true
		return chain.Forge(chain.Height(), set, func(*types.Header) {})
	}},
	{"a validator that is none", light.ErrValidatorSet, func(chain *memory.Chain, honest []byte) []byte {
		return bytes.Replace(honest, voting(10), voting(11), 1)
	}},
	{"an altered AppHash", light.ErrForgedHeader, func(chain *memory.Chain, honest []byte) []byte {
		parent := chain.Best().ParentHash
		return bytes.Replace(honest, parent[:], make([]byte, 32), 1)
	}},
	{"an altered signature", light.ErrSignature, func(chain *memory.Chain, honest []byte) []byte {
		signature := signatures(honest)[0]
		altered := bytes.Clone(signature)
		altered[5] ^= 1
		return bytes.Replace(honest, signature, altered, 1)
	}},
	{"the future", light.ErrFuture, func(chain *memory.Chain, _ []byte) []byte {
		return chain.Forge(chain.Height(), nil, func(h *types.Header) { h.Time = h.Time.Add(time.Hour) })
	}},
	{"the past", light.ErrTime, func(chain *memory.Chain, _ []byte) []byte {
		return chain.Forge(chain.Height(), nil, func(h *types.Header) { h.Time = h.Time.Add(-time.Hour) })
	}},
	{"a short AppHash", light.ErrMalformed, func(chain *memory.Chain, _ []byte) []byte {
		return chain.Forge(chain.Height(), nil, func(h *types.Header) { h.AppHash = h.AppHash[:31] })
	}},
	{"an old light block", light.ErrRollback, func(chain *memory.Chain, _ []byte) []byte {
		return at(chain, chain.Height()-3)
	}},
	{"another block at the same height", light.ErrFork, func(chain *memory.Chain, _ []byte) []byte {
		return chain.Forge(chain.Height()-2, nil, func(h *types.Header) { h.AppHash = bytes.Repeat([]byte{9}, 32) })
	}},
}

func at(chain *memory.Chain, height int64) []byte {
	b, err := chain.LightBlock(context.Background(), height)
	if err != nil {
		panic(err)
	}
	return b
}

func latest(chain *memory.Chain) []byte { return at(chain, 0) }

// voting is protobuf's field 3 of a validator: its power.
func voting(power byte) []byte { return []byte{0x18, power} }

// signatures finds the commit signatures in an encoded light block: field 4 of 64 bytes.
func signatures(encoded []byte) (found [][]byte) {
	for rest := encoded; ; {
		i := bytes.Index(rest, []byte{0x22, 64})
		if i < 0 || len(rest) < i+66 {
			return found
		}
		found = append(found, rest[i+2:i+66])
		rest = rest[i+66:]
	}
}

func TestLightBlockLies(t *testing.T) {
	for _, lie := range lightBlockLies {
		for _, way := range []struct {
			name   string
			blocks int // from the trusted height to the latest
		}{{"skipping", 2}, {"adjacent", 1}} {
			if lie.want == light.ErrFork && way.blocks == 1 {
				continue // is made two heights below the latest
			}
			t.Run(lie.name+"/"+way.name, func(t *testing.T) {
				chain := memory.New(memory.Options{Validators: four()})
				for range 6 {
					chain.Block()
				}
				node := &liar{Chain: chain}
				c := follow(t, chain, node, nil)
				next(t, c)
				for range way.blocks {
					chain.Block()
				}
				node.lightBlock = func(height int64, honest []byte) []byte {
					if height == 0 {
						return lie.make(chain, honest)
					}
					return honest
				}
				if head, err := c.Next(t.Context()); !errors.Is(err, lie.want) || !light.Refused(err) {
					t.Fatalf("%v, %v; want %v", head.BlockID, err, lie.want)
				}
				node.lightBlock = nil
				if head := next(t, c); head.Number != uint32(6+way.blocks) {
					t.Errorf("after the lie the honest head is %v", head.BlockID)
				}
			})
		}
	}
}

func TestGenesisLies(t *testing.T) {
	chain := memory.New(memory.Options{Validators: four()})
	other := memory.New(memory.Options{ChainID: "other", Validators: four()})
	first := func(b []byte) func(int64, []byte) []byte { return func(int64, []byte) []byte { return b } }
	for _, lie := range []struct {
		name string
		want error
		node liar
	}{
		{"another genesis header", light.ErrGenesis, liar{header: func([]byte) []byte {
			genesis, _ := other.Header(context.Background(), other.Genesis())
			return genesis
		}}},
		{"another genesis state", light.ErrProof, liar{proof: func(_ scale.Hash, keys, _ [][]byte) [][]byte {
			proof, _ := other.ReadProof(context.Background(), other.Genesis(), keys)
			return proof
		}}},
		{"another chain's first block", light.ErrChainID, liar{lightBlock: first(at(other, 1))}},
		{"other first validators", light.ErrValidatorSet, liar{lightBlock: first(
			chain.Forge(1, []memory.Validator{{Name: "mallory", Power: 1}}, func(*types.Header) {}))}},
		{"another first AppHash", light.ErrGenesis, liar{lightBlock: first(
			chain.Forge(1, nil, func(h *types.Header) { h.AppHash = make([]byte, 32) }))}},
		{"other parameters", light.ErrGenesis, liar{lightBlock: first(
			chain.Forge(1, nil, func(h *types.Header) { h.ConsensusHash = make([]byte, 32) }))}},
		{"another height", light.ErrForgedHeader, liar{lightBlock: first(chain.Forge(1, nil, func(h *types.Header) { h.Height = 2 }))}},
		{"a first block of the future", light.ErrFuture, liar{lightBlock: first(
			chain.Forge(1, nil, func(h *types.Header) { h.Time = h.Time.Add(time.Hour) }))}},
		{"an unsigned first block", light.ErrPower, liar{lightBlock: first(chain.Forge(1, silent(four(), 2), func(*types.Header) {}))}},
	} {
		lie.node.Chain = chain
		if _, err := tryFollow(t, chain, &lie.node, nil); !errors.Is(err, lie.want) {
			t.Errorf("%s: %v, want %v", lie.name, err, lie.want)
		}
	}
	follow(t, chain, &liar{Chain: chain}, nil) // the liar that tells the truth is believed
}

// silent makes the first n validators sign nothing.
func silent(set []memory.Validator, n int) []memory.Validator {
	for i := range n {
		set[i].Silent = true
	}
	return set
}

func TestHeaderLies(t *testing.T) {
	for _, lie := range []struct {
		name string
		want error
		make func(honest []byte) []byte
	}{
		{"a forged state root", light.ErrForgedHeader, func(honest []byte) []byte {
			h, _ := header.Codec.Unmarshal(honest)
			h.StateRoot[0] ^= 1
			return header.Codec.Marshal(h)
		}},
		{"trailing bytes", light.ErrMalformed, func(honest []byte) []byte { return append(bytes.Clone(honest), 0) }},
		{"an oversized header", light.ErrMalformed, func([]byte) []byte { return make([]byte, light.MaxHeaderSize+1) }},
		{"nothing", light.ErrMalformed, func([]byte) []byte { return nil }},
	} {
		chain := memory.New(memory.Options{})
		node := &liar{Chain: chain}
		c := follow(t, chain, node, nil)
		chain.Block()
		node.header = lie.make
		if _, err := c.Next(t.Context()); !errors.Is(err, lie.want) {
			t.Errorf("%s: %v, want %v", lie.name, err, lie.want)
		}
	}
}

func TestProofLies(t *testing.T) {
	chain := memory.New(memory.Options{})
	for i := range byte(60) {
		chain.Set([]byte{i, 1, 2}, bytes.Repeat([]byte{i}, 40))
	}
	old := chain.Block()
	chain.Set([]byte{7, 1, 2}, bytes.Repeat([]byte{77}, 40))
	chain.Block()
	node := &liar{Chain: chain}
	c := follow(t, chain, node, nil)
	head := next(t, c)
	for _, lie := range []struct {
		name string
		want error
		make func(scale.Hash, [][]byte, [][]byte) [][]byte
	}{
		{"an incomplete proof", light.ErrProof, func(_ scale.Hash, _, honest [][]byte) [][]byte { return honest[1:] }},
		{"no proof", light.ErrProof, func(scale.Hash, [][]byte, [][]byte) [][]byte { return nil }},
		{"an altered value", light.ErrProof, func(_ scale.Hash, _, honest [][]byte) [][]byte {
			altered := bytes.Clone(honest[0])
			altered[len(altered)-1] ^= 1
			return append([][]byte{altered}, honest[1:]...)
		}},
		{"an old state", light.ErrProof, func(_ scale.Hash, keys, _ [][]byte) [][]byte {
			proof, _ := chain.ReadProof(context.Background(), old.Hash, keys)
			return proof
		}},
		{"a repeated node", light.ErrProof, func(_ scale.Hash, _, honest [][]byte) [][]byte { return append(honest, honest[0]) }},
		{"an oversized proof", light.ErrMalformed, func(_ scale.Hash, _, honest [][]byte) [][]byte {
			return append(honest, make([]byte, light.MaxProof))
		}},
		{"too many nodes", light.ErrMalformed, func(scale.Hash, [][]byte, [][]byte) [][]byte { return make([][]byte, light.MaxProofNodes+1) }},
	} {
		node.proof = lie.make
		if values, err := c.Read(t.Context(), head, []byte{7, 1, 2}); !errors.Is(err, lie.want) {
			t.Errorf("%s: %x, %v; want %v", lie.name, values, err, lie.want)
		}
	}
	node.proof = nil
	values, err := c.Read(t.Context(), head, []byte{7, 1, 2})
	if err != nil || !bytes.Equal(values[0], bytes.Repeat([]byte{77}, 40)) {
		t.Errorf("the truth: %x, %v", values, err)
	}
	if _, err := c.Read(t.Context(), head, make([][]byte, light.MaxKeys+1)...); err == nil {
		t.Error("an unbounded read was made")
	}
}

func TestHeaderChainLies(t *testing.T) {
	chain := memory.New(memory.Options{})
	for range 10 {
		chain.Block()
	}
	node := &liar{Chain: chain}
	c := follow(t, chain, node, nil)
	head := next(t, c)
	forged := func(honest []byte) []byte {
		h, _ := header.Codec.Unmarshal(honest)
		h.ExtrinsicsRoot[0] ^= 1
		return header.Codec.Marshal(h)
	}
	for _, lie := range []struct {
		name string
		want error
		make func(honest [][]byte) [][]byte
	}{
		{"a forged header inside", light.ErrForgedHeader, func(honest [][]byte) [][]byte { honest[4] = forged(honest[4]); return honest }},
		{"a forged last header", light.ErrForgedHeader, func(honest [][]byte) [][]byte { honest[9] = forged(honest[9]); return honest }},
		{"a dropped header", light.ErrForgedHeader, func(honest [][]byte) [][]byte { return append(honest[:4], honest[5:]...) }},
		{"swapped headers", light.ErrForgedHeader, func(honest [][]byte) [][]byte { honest[4], honest[5] = honest[5], honest[4]; return honest }},
		{"none", light.ErrMalformed, func([][]byte) [][]byte { return nil }},
		{"too many", light.ErrMalformed, func(honest [][]byte) [][]byte { return append(honest, honest...) }},
		{"bytes", light.ErrMalformed, func(honest [][]byte) [][]byte { honest[2] = []byte{1, 2, 3}; return honest }},
	} {
		node.headers = lie.make
		err := c.Headers(t.Context(), c.Genesis(), head.BlockID, func(light.BlockID, *header.Header) error { return nil })
		if !errors.Is(err, lie.want) {
			t.Errorf("%s: %v, want %v", lie.name, err, lie.want)
		}
	}
}
