package relay

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// insider is somebody who seals with code of his own.
type insider struct {
	*network
	name     string
	session  *seal.Session
	sequence uint64
}

// insider opens a session of an account and deposits CLOAK.
func (n *network) insider(name string) *insider {
	n.t.Helper()
	i := &insider{network: n, name: name}
	pair := n.pair(name)
	key := i.key()
	i.session = seal.NewSession(wire.Instance{Genesis: n.genesis}, pair.AccountID(), seal.NewSecret(), uint64(time.Now().Add(time.Hour).UnixMilli()), key.Epoch())
	opening, err := i.session.Open(key, wire.SessionSignature{Scheme: wire.SchemeSr25519, Bytes: pair.Sign(i.session.Message())})
	if err != nil {
		n.t.Fatal(err)
	}
	deposit, err := wire.CallDeposit(cloak, scale.U128From(5*oneCLOAK), wire.PlainBeneficiary(pair.AccountID()))
	if err != nil {
		n.t.Fatal(err)
	}
	n.transact(name, deposit)
	n.submit(name, opening)
	n.covered()
	return i
}

func (n *network) key() *seal.PublicKey {
	n.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		key, found, err := n.seen.ContractKey(n.soon(), n.seen.View().Epoch.Index)
		if err == nil && found {
			parsed, err := seal.ParsePublicKey(wire.Instance{Genesis: n.genesis}, &key)
			if err != nil {
				n.t.Fatal(err)
			}
			return parsed
		}
		if time.Now().After(deadline) {
			n.t.Fatalf("no contract key: %v", err)
		}
	}
}

// seal seals a command that names a relay.
func (i *insider) seal(relay scale.AccountID, command wire.Command) []byte {
	i.t.Helper()
	command.Relay = relay
	envelope, err := i.session.Seal(i.seen.View().Epoch.Index, i.sequence, &command)
	if err != nil {
		i.t.Fatal(err)
	}
	i.sequence++
	return envelope
}

// pooled is an account's CLOAK in the pool, proven.
func (i *insider) pooled() scale.U128 {
	i.t.Helper()
	asked, err := wallet.DialWorker("http://" + i.worker.Address().String())
	if err != nil {
		i.t.Fatal(err)
	}
	defer asked.Close()
	request, opener, err := i.key().Query(i.pair(i.name).AccountID(), i.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances, Limit: 10})
	if err != nil {
		i.t.Fatal(err)
	}
	sealed, err := asked.Query(i.soon(), request)
	if err != nil {
		i.t.Fatal(err)
	}
	answer, err := opener.OpenAnswer(sealed)
	if err != nil {
		i.t.Fatal(err)
	}
	for _, proof := range answer.Body.Balances {
		if proof.Leaf.Asset == cloak && proof.Verify(answer.StateRoot) {
			sum, _ := proof.Leaf.Available.Add(proof.Leaf.Held)
			return sum
		}
	}
	return scale.U128{}
}

// wealth is all the CLOAK that somebody with several accounts has, on the chain and in the pool.
func (n *network) wealth(owners ...*insider) (sum scale.U128) {
	n.t.Helper()
	for _, owner := range owners {
		account, err := n.seen.Account(n.soon(), n.pair(owner.name).AccountID())
		if err != nil {
			n.t.Fatal(err)
		}
		sum, _ = sum.Add(account.Free)
		sum, _ = sum.Add(owner.pooled())
	}
	return sum
}

// TestHostileRelaysEarnNothing: Eve relays, and Ferdie's account is hers, too. She stuffs dummies of her own sessions, replays, and garbage
// into her batches, and brings what names another relay. After two epochs all her accounts together have paid every fee and gained
// nothing but the refund of the one envelope that a trader gave her.
func TestHostileRelaysEarnNothing(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 8*time.Second)
	eve, ferdie, victim := n.insider("Eve"), n.insider("Ferdie"), n.insider("Dave")
	eveID, other := n.pair("Eve").AccountID(), scale.AccountID{0x77}
	before, first := n.wealth(eve, ferdie), n.seen.View().Head.Number

	honest := victim.seal(eveID, wire.Command{Kind: wire.CommandDummy})             // asked for, and refunded
	foreign := victim.seal(other, wire.Command{Kind: wire.CommandDummy})            // another relay's
	direct := victim.seal(scale.AccountID{}, wire.Command{Kind: wire.CommandDummy}) // nobody's
	var batch [][]byte
	for range 20 {
		batch = append(batch, eve.seal(eveID, wire.Command{Kind: wire.CommandDummy})) // her own account's
		batch = append(batch, ferdie.seal(eveID, wire.Command{Kind: wire.CommandDummy}))
		garbage := bytes.Repeat([]byte{0x5a}, wire.CommandEnvelopeSize)
		garbage[0] = wire.ClassCommand
		batch = append(batch, garbage)
	}
	batch = append(batch, honest, foreign, direct)
	n.submit("Eve", batch...)
	n.submit("Eve", batch...) // all of it again
	n.submit("Eve", honest, honest, honest)
	n.covered()
	last := n.afterNextEpoch()

	after := n.wealth(eve, ferdie)
	var fees, gained scale.U128
	payouts := 0
	blocks := n.blocks(first, last)
	for i := range blocks {
		paid, cost := blocks[i].paid(eveID)
		fees, _ = fees.Add(cost)
		payouts += len(paid)
		for _, amount := range paid {
			gained, _ = gained.Add(amount)
		}
	}
	refund := commandFees(blocks, eveID, func(envelope []byte) bool { return bytes.Equal(envelope, honest) })
	one := uint64(0) // of the first time it came
	for i := range blocks {
		for j := range blocks[i].messages {
			if m := &blocks[i].messages[j]; one == 0 && m.Kind == wire.MessageEnvelope && bytes.Equal(m.Envelope.Bytes, honest) {
				one = m.Envelope.Fee
			}
		}
	}
	want, _ := before.Sub(fees)
	want, _ = want.Add(scale.U128From(one))
	if after != want || !after.Less(before) || payouts != 1 {
		t.Errorf("she had %s, paid %s, got %s in %d payouts and has %s instead of %s", before, fees, gained, payouts, after, want)
	}
	paid, _ := scale.U128From(5 * oneCLOAK).Sub(victim.pooled())
	if paid != scale.U128From(one) {
		t.Errorf("the trader paid %s for an envelope of %d", paid, one)
	}
	t.Logf("fees %s, refund of her own and the trader's %s, of which the trader's %d; all sendings of it cost %v", fees, gained, one, refund)
}

// swallower is a relay that takes envelopes and does nothing.
type swallower struct {
	mutex sync.Mutex
	taken [][]byte
}

func (n *network) swallower(account scale.AccountID) (*swallower, wallet.Relay) {
	n.t.Helper()
	s := &swallower{}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, value any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	}
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"instance": map[string]any{"genesis": n.genesis, "contract": 0}, "account": scale.Hash(account),
			"accepting": true, "openings": true})
	})
	mux.HandleFunc("POST /v1/envelopes", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mutex.Lock()
		s.taken = append(s.taken, body)
		s.mutex.Unlock()
		answer(w, http.StatusAccepted, map[string]any{"tickets": []any{map[string]any{"ticket": "0x00"}}})
	})
	mux.HandleFunc("GET /v1/tickets/{id}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"status": "sent"})
	})
	server := httptest.NewServer(mux)
	n.t.Cleanup(server.Close)
	return s, n.dialRelay(server.Listener.Addr().String())
}

// TestCensoringRelays: the wallet notices that a relay does not deliver, and sends the very same bytes through another, or directly.
// They apply once, even if the relay brings them after all, and it is not refunded.
func TestCensoringRelays(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 8*time.Second)
	eveID := n.pair("Eve").AccountID()
	censor, hostile := n.swallower(eveID)
	ferdie := n.relay("Ferdie", 50*time.Millisecond)
	honest := n.dialRelay(ferdie.Address().String())
	first := n.seen.View().Head.Number
	bob, charlie := n.censored("Bob", true, hostile), n.censored("Charlie", false, hostile, honest)
	for name, client := range map[string]*wallet.Client{"Bob": bob, "Charlie": charlie} {
		if placed, err := client.Place(n.soon(), n.order(client, wire.Buy, "1", "20")); err != nil || placed.Status != wallet.OrderOpen {
			t.Fatalf("%s: %+v, %v", name, placed, err)
		}
	}
	censor.mutex.Lock()
	taken := censor.taken
	censor.mutex.Unlock()
	n.submit("Eve", taken...) // now that it is too late
	n.covered()
	blocks := n.blocks(first, n.afterNextEpoch())
	for _, envelope := range taken {
		var senders []scale.AccountID
		for i := range blocks {
			for j := range blocks[i].messages {
				if m := &blocks[i].messages[j]; m.Kind == wire.MessageEnvelope && bytes.Equal(m.Envelope.Bytes, envelope) {
					senders = append(senders, m.Envelope.Sender)
				}
			}
		}
		if len(senders) != 2 || senders[0] != bob.Account() && senders[0] != ferdie.Account() || senders[1] != eveID {
			t.Errorf("an envelope was brought by %x", senders)
		}
	}
	for i := range blocks {
		if blocks[i].head.Number > first && blocks[i].paidAny(eveID, ferdie.Account()) {
			t.Error("a relay that was not named, or came second, was refunded")
		}
	}
	for name, client := range map[string]*wallet.Client{"Bob": bob, "Charlie": charlie} {
		if orders, err := client.Orders(n.soon()); err != nil || len(orders) != 1 {
			t.Errorf("%s has %d orders, %v", name, len(orders), err)
		}
	}
}

// censored is a wallet with little patience; its session opens through its relays as well.
func (n *network) censored(name string, direct bool, relays ...wallet.Relay) *wallet.Client {
	n.t.Helper()
	return n.walletWith(name, 2*time.Second, direct, relays...)
}

func (b *block) paidAny(accounts ...scale.AccountID) bool {
	for _, account := range accounts {
		if payouts, _ := b.paid(account); len(payouts) > 0 {
			return true
		}
	}
	return false
}
