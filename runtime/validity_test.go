package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/runtime/timestamp"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// developmentGenesisWithout leaves one account out.
func developmentGenesisWithout(who scale.AccountID) runtime.Genesis {
	genesis := runtime.DevelopmentGenesis()
	kept := genesis.Balances.Balances[:0]
	for _, e := range genesis.Balances.Balances {
		if e.Account.Account() != who {
			kept = append(kept, e)
		}
	}
	genesis.Balances.Balances = kept
	return genesis
}

// forge changes an extrinsic after it was signed.
func forge(t *testing.T, xt []byte, change func(*extrinsic.Extrinsic)) []byte {
	t.Helper()
	x, err := extrinsic.Decode(xt)
	if err != nil {
		t.Fatal(err)
	}
	x.Call = append([]byte(nil), x.Call...)
	change(&x)
	encoded, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestInvalidExtrinsicsAreRefusedByName(t *testing.T) {
	c := newChain(t)
	alice, bob := dev(t, "Alice"), dev(t, "Bob").AccountID()
	c.block(c.sign(alice, transferCall(transferKeepAlive, bob, cloak))) // Alice's nonce is 1
	transfer := transferCall(transferKeepAlive, bob, cloak)
	good := c.sign(alice, transfer)
	nonce := func(n uint32) []byte { return c.signWith(alice, transfer, extrinsic.Extensions{Nonce: n}) }
	foreign, err := extrinsic.Sign(transfer, extrinsic.Extensions{Nonce: 1}, c.implicit(scale.Hash{1}), extrinsic.SignerOf(alice))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := keys.PairFromSURI(keys.Sr25519, "//Stranger")
	if err != nil {
		t.Fatal(err)
	}
	bare := func(call []byte) []byte {
		x := extrinsic.Bare(call)
		encoded, _ := x.Encode()
		return encoded
	}
	for name, test := range map[string]struct {
		xt          []byte
		apply, pool *frame.TransactionValidityError // reasons in the block and in the pool
	}{
		"good":             {good, nil, nil},
		"replayed":         {nonce(0), frame.InvalidStale, frame.InvalidStale},
		"too early":        {nonce(2), frame.InvalidFuture, nil},
		"of another chain": {foreign, frame.InvalidBadProof, frame.InvalidBadProof},
		"altered call": {forge(t, good, func(x *extrinsic.Extrinsic) { x.Call[len(x.Call)-1] ^= 1 }),
			frame.InvalidBadProof, frame.InvalidBadProof},
		"altered tip": {forge(t, good, func(x *extrinsic.Extrinsic) { x.Tip = scale.U128From(1) }),
			frame.InvalidBadProof, frame.InvalidBadProof},
		"another signer": {forge(t, good, func(x *extrinsic.Extrinsic) { x.Address = extrinsic.AddressOf(bob) }),
			frame.InvalidBadProof, frame.InvalidBadProof},
		"another scheme": {forge(t, good, func(x *extrinsic.Extrinsic) { x.Signature.Kind = extrinsic.SignatureEd25519 }),
			frame.InvalidBadProof, frame.InvalidBadProof},
		"ecdsa": {forge(t, good, func(x *extrinsic.Extrinsic) { x.Signature.Kind = extrinsic.SignatureEcdsa }),
			frame.InvalidBadProof, frame.InvalidBadProof},
		"the zero account": {forge(t, good, func(x *extrinsic.Extrinsic) { x.Address = extrinsic.AddressOf(scale.AccountID{}) }),
			frame.InvalidBadSigner, frame.InvalidBadSigner},
		"an address that is no Id": {forge(t, good, func(x *extrinsic.Extrinsic) { x.Address = extrinsic.MultiAddress{Kind: extrinsic.Address32} }),
			frame.UnknownCannotLookup, frame.UnknownCannotLookup},
		"an account that is not there": {c.sign(stranger, transfer), frame.InvalidPayment, frame.InvalidPayment},
		"a bare transfer":              {bare(transfer), frame.NoUnsignedValidator, frame.NoUnsignedValidator},
		"a second timestamp":           {runtime.TimestampInherent(firstTime * 2), frame.InvalidBadMandatory, frame.InvalidMandatory},
		"a signed timestamp":           {c.sign(alice, timestamp.EncodeSet(firstTime*2)), frame.InvalidCall, frame.InvalidCall},
		"no such call":                 {c.sign(alice, []byte{99, 0}), frame.InvalidCall, frame.InvalidCall},
		"trailing bytes in the call":   {c.sign(alice, append(append([]byte(nil), transfer...), 0)), frame.InvalidCall, frame.InvalidCall},
		"nothing":                      {nil, frame.InvalidCall, frame.InvalidCall},
		"garbage":                      {[]byte{8, 1, 2}, frame.InvalidCall, frame.InvalidCall},
	} {
		t.Run(name, func(t *testing.T) {
			if result := c.next().ApplyExtrinsic(test.xt); result.Invalid != test.apply {
				t.Errorf("in the block: %v, want %v", result.Invalid, test.apply)
			}
			if _, invalid := c.fork().ValidateTransaction(runtime.SourceExternal, test.xt, c.head.Hash()); invalid != test.pool {
				t.Errorf("in the pool: %v, want %v", invalid, test.pool)
			}
		})
	}
}

func TestBothSchemesSign(t *testing.T) {
	pair, err := keys.DevPair(keys.Ed25519, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	c := newChain(t)
	c.block(c.sign(dev(t, "Alice"), transferCall(transferKeepAlive, pair.AccountID(), 10*cloak)))
	if result := c.block(c.sign(pair, transferCall(transferKeepAlive, dev(t, "Bob").AccountID(), cloak)))[0]; result.Failed() {
		t.Fatal(result.Error)
	}
}

func TestTheInherentIsFirstAndOnce(t *testing.T) {
	c := newChain(t)
	b := c.fork()
	h := c.head
	h.ParentHash, h.Number = c.head.Hash(), 1
	b.InitializeBlock(h)
	xt := c.sign(dev(t, "Alice"), transferCall(transferKeepAlive, dev(t, "Bob").AccountID(), cloak))
	if result := b.ApplyExtrinsic(xt); result.Invalid != frame.InvalidBadMandatory {
		t.Fatalf("a transfer before the timestamp: %+v", result)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Fatal("a block without timestamp was finalised")
			}
		}()
		b.FinalizeBlock()
	}()
	c.block()
	again := c.fork()
	h.ParentHash, h.Number = c.head.Hash(), 2
	again.InitializeBlock(h)
	if result := again.ApplyExtrinsic(runtime.TimestampInherent(c.time)); result.Invalid != frame.InvalidBadMandatory {
		t.Fatalf("a time that does not rise: %+v", result)
	}
	if result := again.ApplyExtrinsic(runtime.TimestampInherent(c.time + 1)); !result.Applied() {
		t.Fatalf("the inherent after a refused one: %v", result.Invalid)
	}
}

func TestMortalEras(t *testing.T) {
	c := newChain(t)
	alice := dev(t, "Alice")
	transfer := transferCall(transferKeepAlive, dev(t, "Bob").AccountID(), 1)
	for range 5 {
		c.block()
	}
	hash, number := c.head.Hash(), uint64(c.head.Number)
	mortal := func(period uint64) []byte {
		xt, err := extrinsic.Sign(transfer, extrinsic.Extensions{Era: extrinsic.Mortal(period, number)}, c.implicit(hash), extrinsic.SignerOf(alice))
		if err != nil {
			t.Fatal(err)
		}
		return xt
	}
	// Born in the best block, it is valid for the next one.
	short := mortal(4)
	valid, invalid := c.fork().ValidateTransaction(runtime.SourceExternal, short, hash)
	if invalid != nil {
		t.Fatal(invalid)
	}
	if valid.Longevity != 3 { // born in block 5 for four: 5, 6, 7, 8; the next is 6
		t.Fatalf("longevity %d", valid.Longevity)
	}
	for range 4 {
		c.block()
	}
	if result := c.next().ApplyExtrinsic(short); result.Invalid != frame.InvalidBadProof {
		// The era began anew in block 9, whose hash the signature does not cover.
		t.Fatalf("a dead extrinsic: %+v", result)
	}
	if results := c.block(mortal(64)); results[0].Failed() {
		t.Fatal(results[0].Error)
	}
	// An era that began before the chain remembers.
	long := forge(t, mortal(64), func(x *extrinsic.Extrinsic) { x.Era = extrinsic.Mortal(64, number+40) })
	if result := c.next().ApplyExtrinsic(long); result.Applied() {
		t.Fatal("an era of the future was accepted")
	}
}

func TestTheBlockWindowForgets(t *testing.T) {
	c := newChain(t)
	b := c.fork()
	ctx := frame.NewContext(b.host)
	hash := func(number uint32) scale.Hash { // of the blocks that are only begun here
		if number == 0 {
			return c.genesis
		}
		return scale.Hash{byte(number), byte(number >> 8), 1}
	}
	const birth = 16 // long eras begin at multiples of this
	era := extrinsic.Extensions{Era: extrinsic.Mortal(1<<16, birth)}
	xt, err := extrinsic.Sign(transferCall(transferKeepAlive, dev(t, "Bob").AccountID(), 1), era,
		c.implicit(hash(birth)), extrinsic.SignerOf(dev(t, "Alice")))
	if err != nil {
		t.Fatal(err)
	}
	for number := uint32(1); number <= birth+system.BlockHashCount+2; number++ {
		system.Initialize(ctx, &header.Header{Number: number, ParentHash: hash(number - 1)})
		oldest := max(int(number)-int(system.BlockHashCount), 1)
		if _, known := system.BlockHash(ctx, uint32(oldest)-1); known != (oldest == 1) {
			t.Fatalf("at block %d: the hash of %d is known: %v", number, oldest-1, known)
		}
		if got, _ := system.BlockHash(ctx, uint32(oldest)); number > 1 && got != hash(uint32(oldest)) {
			t.Fatalf("at block %d: the hash of %d is %s", number, oldest, got)
		}
		// Valid from the block after its birth until that one's hash is forgotten.
		var want *frame.TransactionValidityError
		if number < birth || number+1 > birth+system.BlockHashCount {
			want = frame.InvalidAncientBirth
		}
		if number%512 == 0 || number+4 > birth+system.BlockHashCount {
			if _, invalid := b.ValidateTransaction(runtime.SourceLocal, xt, hash(number)); invalid != want {
				t.Fatalf("at block %d: %v, want %v", number, invalid, want)
			}
		}
	}
}

func TestValidityTellsThePoolTheOrder(t *testing.T) {
	c := newChain(t)
	alice := dev(t, "Alice")
	at := func(n uint32, tip uint64) frame.ValidTransaction {
		xt := c.signWith(alice, transferCall(transferKeepAlive, dev(t, "Bob").AccountID(), cloak),
			extrinsic.Extensions{Nonce: n, Tip: scale.U128From(tip)})
		valid, invalid := c.fork().ValidateTransaction(runtime.SourceExternal, xt, c.head.Hash())
		if invalid != nil {
			t.Fatal(invalid)
		}
		return valid
	}
	first, third := at(0, 0), at(2, 0)
	if len(first.Requires) != 0 || len(third.Requires) != 1 || string(at(1, 0).Provides[0]) != string(third.Requires[0]) {
		t.Fatalf("tags %x and %x", first.Requires, third.Requires)
	}
	if !first.Propagate || at(0, 1_000).Priority <= first.Priority {
		t.Fatal("a tip does not raise the priority")
	}
}
