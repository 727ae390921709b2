package replicas

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"net/http"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// Assets and market of the development genesis; amounts in base units.
const (
	ksm     = 1
	usdt    = 1000
	market  = 1 // KSM against USDT: lots of 0.001 KSM, ticks of 0.01 USDT
	oneKSM  = 1_000_000_000_000
	oneUSDT = 1_000_000
)

// trader sends extrinsics and sealed commands.
type trader struct {
	*site
	pair     keys.Pair
	session  *seal.Session
	sequence uint64
	orders   uint64
}

func (s *site) trader(name string) *trader {
	s.t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return &trader{site: s, pair: pair}
}

// send signs a call and hands it to the node.
func (tr *trader) send(call []byte, err error) {
	tr.t.Helper()
	if err != nil {
		tr.t.Fatal(err)
	}
	var version struct{ SpecVersion, TransactionVersion uint32 }
	if err := tr.rpc.Call(tr.t.Context(), &version, "state_getRuntimeVersion"); err != nil {
		tr.t.Fatal(err)
	}
	address, err := ss58.Encode(2, tr.pair.AccountID())
	if err != nil {
		tr.t.Fatal(err)
	}
	var nonce uint32
	if err := tr.rpc.Call(tr.t.Context(), &nonce, "system_accountNextIndex", address); err != nil {
		tr.t.Fatal(err)
	}
	implicit := extrinsic.Implicit{SpecVersion: version.SpecVersion, TransactionVersion: version.TransactionVersion,
		Genesis: tr.instance.Genesis, Mortality: tr.instance.Genesis}
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, implicit, extrinsic.SignerOf(tr.pair))
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := tr.rpc.Call(tr.t.Context(), nil, "author_submitExtrinsic", scale.HexBytes(signed)); err != nil {
		tr.t.Fatal(err)
	}
}

// pooled waits until the node's pool holds no signed extrinsic any more, so that all are in blocks.
func (s *site) pooled() {
	s.t.Helper()
	s.until("an empty pool", func() bool {
		var pending []scale.HexBytes
		if err := s.rpc.Call(s.t.Context(), &pending, "author_pendingExtrinsics"); err != nil {
			s.t.Fatal(err)
		}
		for _, encoded := range pending {
			if x, err := extrinsic.Decode(encoded); err == nil && x.Signed {
				return false
			}
		}
		return true
	})
	s.advance()
}

// settle waits until everything that was sent is committed.
func (s *site) settle() wire.LastCommit {
	s.t.Helper()
	s.pooled()
	inbox := value(s, wire.InboxCodec, wire.StorageInbox()).Value
	var last scale.Optional[wire.LastCommit]
	s.until("the commits", func() bool {
		last = s.committed()
		return last.Some && last.Value.Inbox.Count >= inbox.Count
	})
	return last.Value
}

func (tr *trader) deposit(asset uint32, amount uint64) {
	tr.t.Helper()
	tr.send(wire.CallDeposit(asset, scale.U128From(amount), wire.PlainBeneficiary(tr.pair.AccountID())))
}

// key is the contract key of the current epoch, proven.
func (tr *trader) key() *seal.PublicKey {
	tr.t.Helper()
	var key wire.ContractKey
	tr.until("the contract key", func() bool {
		key.Epoch = value(tr.site, wire.EpochCodec, wire.StorageEpoch()).Value.Index
		public := value(tr.site, scale.Bytes(wire.PublicKeySize), wire.StorageContractKey(key.Epoch))
		copy(key.Public[:], public.Value)
		return public.Some
	})
	parsed, err := seal.ParsePublicKey(tr.instance, &key)
	if err != nil {
		tr.t.Fatal(err)
	}
	return parsed
}

// open opens a session.
func (tr *trader) open() {
	tr.t.Helper()
	key := tr.key()
	expires := uint64(time.Now().Add(time.Hour).UnixMilli())
	tr.session = seal.NewSession(tr.instance, tr.pair.AccountID(), seal.NewSecret(), expires, key.Epoch())
	tr.sequence = 0
	envelope, err := tr.session.Open(key, wire.SessionSignature{Scheme: wire.SchemeSr25519, Bytes: tr.pair.Sign(tr.session.Message())})
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.send(wire.CallSubmit([][]byte{envelope}))
}

// command seals and submits a command.
func (tr *trader) command(c wire.Command) {
	tr.t.Helper()
	envelope, err := tr.session.Seal(tr.key().Epoch(), tr.sequence, &c)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.sequence++
	tr.send(wire.CallSubmit([][]byte{envelope}))
}

// place places an order at 20 USDT.
func (tr *trader) place(side uint8, lots uint64) {
	tr.t.Helper()
	tr.orders++
	tr.command(wire.Command{Kind: wire.CommandPlace, Order: tr.orders, Market: market, Side: side, Price: 2_000, Quantity: lots})
}

func (tr *trader) withdraw(asset uint32, amount uint64) {
	tr.t.Helper()
	tr.command(wire.Command{Kind: wire.CommandWithdraw, Asset: asset, Amount: scale.U128From(amount), To: tr.pair.AccountID()})
}

// holds asks a worker for the trader's available and held amount of an asset.
func (tr *trader) holds(worker int, asset uint32) (available, held uint64) {
	tr.t.Helper()
	request, opener, err := tr.key().Query(tr.pair.AccountID(), tr.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances})
	if err != nil {
		tr.t.Fatal(err)
	}
	response, err := http.Post(tr.workers[worker].url+"/v1/query", "application/octet-stream", bytes.NewReader(request))
	if err != nil {
		tr.t.Fatal(err)
	}
	defer response.Body.Close()
	sealed, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		tr.t.Fatalf("query: %d %s %v", response.StatusCode, sealed, err)
	}
	answer, err := opener.OpenAnswer(sealed)
	if err != nil {
		tr.t.Fatal(err)
	}
	digest := answer.Digest()
	if answer.Worker != tr.workers[worker].key || !ed25519.Verify(answer.Worker[:], digest[:], answer.Signature[:]) {
		tr.t.Fatal("the answer is not the worker's")
	}
	if last := tr.committed(); last.Some && last.Value.Checkpoint == answer.Checkpoint && last.Value.StateRoot != answer.StateRoot {
		tr.t.Fatalf("the answer is of root %s, committed is %s", answer.StateRoot, last.Value.StateRoot)
	}
	for _, proof := range answer.Body.Balances {
		if !proof.Verify(answer.StateRoot) || proof.Leaf.Account != tr.pair.AccountID() {
			tr.t.Fatal("a balance is not proven")
		}
		if proof.Leaf.Asset == asset {
			available, held = proof.Leaf.Available.Lo, proof.Leaf.Held.Lo
		}
	}
	return available, held
}

// onChain proves the trader's balance of an asset outside the contract.
func (tr *trader) onChain(asset uint32) uint64 {
	tr.t.Helper()
	values, err := tr.chain.Read(tr.t.Context(), tr.head, wire.StorageAssetAccount(asset, tr.pair.AccountID()))
	if err != nil {
		tr.t.Fatal(err)
	}
	d := scale.NewDecoder(values[0]) // AssetAccount starts with the balance
	return d.U128().Lo
}

// govern has governance execute a call, by proposals over the chain.
func (s *site) govern(call []byte) {
	s.t.Helper()
	member := s.trader("Alice")
	prefix := hashing.StoragePrefix("Governance", "NextProposal")
	s.pooled()
	id := value(s, scale.U32, prefix[:]).Value
	member.send(wire.CallPropose(call), nil)
	s.until("the proposal", func() bool { return value(s, scale.U32, prefix[:]).Value == id+1 })
	proposals := hashing.StoragePrefix("Governance", "Proposals")
	proposal := hashing.AppendTwox64Concat(proposals[:], scale.U32.Marshal(id))
	s.until("the execution", func() bool {
		values, err := s.chain.Read(s.t.Context(), s.head, proposal)
		if err != nil {
			s.t.Fatal(err)
		}
		if values[0] == nil {
			return true
		}
		time.Sleep(200 * time.Millisecond)
		member.send(wire.CallExecute(id), nil) // refused while its delay is not over
		s.pooled()
		return false
	})
}
