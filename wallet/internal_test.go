package wallet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err           error
		cause, remedy string
	}{
		{refusedf("do this", "it is %d", 7), "it is 7", "do this"},
		{fmt.Errorf("deposit: %w", refusedBy(errors.New("chain: beneath; never mind"), "do this", "above")), "above: beneath; never mind", "do this"},
		{ErrAnswerLeaf, "a balance in the answer is not proven by the committed state", "use another worker"},
		{fmt.Errorf("%w (asset 7)", ErrAnswerLeaf), "a balance in the answer is not proven by the committed state (asset 7)", "use another worker"},
		{fmt.Errorf("deposit: %w", light.ErrProof), "deposit: the storage proof is forged, incomplete or of another state", "use another node"},
		{&Rejected{Reason: wire.ReasonBalance}, "the contract rejected the command: not enough available", "deposit or cancel orders"},
		{errors.New("plain"), "plain", ""},
		{errors.New("what it is; remedy (with a note) and more"), "what it is", "remedy (with a note) and more"},
	} {
		if cause, remedy := Explain(c.err); cause != c.cause || remedy != c.remedy {
			t.Errorf("%v: cause %q, remedy %q", c.err, cause, remedy)
		}
	}
	if _, remedy := Explain(context.DeadlineExceeded); remedy == "" {
		t.Error("no remedy when time is over")
	}
}

func testListing() *Listing {
	return &Listing{
		Assets: []chain.Asset{{ID: 1, Symbol: "KSM"}, {ID: 2, Symbol: "KAR"}, {ID: 1000, Symbol: "USDT"}, {ID: 1001, Symbol: "usdt"}},
		Pairs:  []Pair{{Market: wire.Market{ID: 7, Base: 1, Quote: 1000}, BaseSymbol: "KSM", QuoteSymbol: "USDT"}},
	}
}

func TestListings(t *testing.T) {
	l := testListing()
	for name, want := range map[string]uint32{"KSM": 1, "ksm": 1, "1": 1, "1000": 1000} {
		if asset, err := l.Asset(name); err != nil || asset.ID != want {
			t.Errorf("%q: %v, %v", name, asset, err)
		}
	}
	for _, name := range []string{"USDT", "BTC", "5", ""} { // two of one symbol, and none
		if asset, err := l.Asset(name); err == nil {
			t.Errorf("%q is %v", name, asset)
		}
	}
	if pair, err := l.Pair("KSM/1000"); err != nil || pair.Market.ID != 7 {
		t.Errorf("%v, %v", pair, err)
	}
	if pair, err := l.Pair("7"); err != nil || pair.Name() != "market-7" && pair.Name() != "KSM/USDT" {
		t.Errorf("%v, %v", pair, err)
	}
	for _, name := range []string{"1000/KSM", "KAR/KSM", "KSM", "8", "/"} {
		if pair, err := l.Pair(name); err == nil {
			t.Errorf("%q is %v", name, pair)
		}
	}
	if _, err := l.Pair("1000/1"); err == nil || !strings.Contains(err.Error(), "buy or sell KSM") {
		t.Errorf("a market the wrong way around: %v", err)
	}
	if asset := l.AssetByID(77); asset.Symbol != "asset-77" {
		t.Errorf("an unknown asset is called %q", asset.Symbol)
	}
}

func TestHomes(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "home")
	home, err := OpenHome(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, found, err := home.Network(); found || err != nil {
		t.Errorf("a new home trusts a network: %v", err)
	}
	first := Network{Genesis: scale.Hash{1}, Node: "ws://one"}
	for _, network := range []Network{first, {Genesis: scale.Hash{2}}} {
		if err := home.Meet(network); err != nil {
			t.Fatal(err)
		}
	}
	if network, found, err := home.Network(); !found || err != nil || network.Genesis != first.Genesis {
		t.Errorf("the home trusts %v, %v", network, err)
	}
	for _, content := range []string{"", "{", "{}", `{"genesis":"0x01"}`, strings.Repeat(" ", maximumNetworkFile+1)} {
		if err := os.WriteFile(home.NetworkFile(), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := home.Network(); err == nil {
			t.Errorf("the file %.20q was read", content)
		}
	}
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenHome(folder); err == nil {
		t.Error("a home that others can write to was opened")
	}
}

func TestHeadStores(t *testing.T) {
	home, err := OpenHome(filepath.Join(t.TempDir(), "home"))
	if err != nil {
		t.Fatal(err)
	}
	first, err := home.HeadStore(scale.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	second, err := home.HeadStore(scale.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.Save([]byte("first")), second.Save([]byte("second"))); err != nil {
		t.Fatal(err)
	}
	if record, err := second.Load(); err != nil || string(record) != "first" {
		t.Errorf("the record is %q, %v", record, err)
	}
	if err := errors.Join(second.Close(), first.Close()); err != nil {
		t.Error(err)
	}
	third, err := home.HeadStore(scale.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if err := third.Save([]byte("third")); err != nil {
		t.Fatal(err)
	}
	if record, err := third.Load(); err != nil || string(record) != "third" {
		t.Errorf("the record is %q, %v", record, err)
	}
}

// TestVaultKeys: the key of a session's record follows from account and network, and from nothing that others know.
func TestVaultKeys(t *testing.T) {
	seen := map[[chacha20poly1305.KeySize]byte]bool{}
	for _, name := range []string{"Alice", "Bob"} {
		for _, kind := range []keys.Kind{keys.Sr25519, keys.Ed25519} {
			for _, genesis := range []byte{1, 2} {
				pair, err := keys.DevPair(kind, name)
				if err != nil {
					t.Fatal(err)
				}
				key, err := vaultKey(pair, wire.Instance{Genesis: wire.Hash{genesis}})
				if err != nil {
					t.Fatal(err)
				}
				again, _ := vaultKey(pair, wire.Instance{Genesis: wire.Hash{genesis}})
				if seen[key] || key != again {
					t.Errorf("%s %s on %d: the key is shared or changes", name, kind, genesis)
				}
				seen[key] = true
			}
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	record := Record{session: scale.Some(secretSession{Secret: [32]byte{0xab, 0xab, 0xab}})}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s"} {
		for _, value := range []any{record, &record, record.session.Value} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "171") || strings.Contains(text, "ab") {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
}

func FuzzRecord(f *testing.F) {
	key := [chacha20poly1305.KeySize]byte{1}
	sealed, err := sealRecord(&key, &Record{order: 7})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{})
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, content []byte) {
		record, ok := openRecord(&key, content)
		if ok && record != (Record{order: 7}) { // each process of the fuzzer seals one of its own
			t.Fatalf("bytes that nobody sealed were read as a record of order %d", record.order)
		}
		_, _ = recordCodec.Unmarshal(content)
		_, _ = ReceiptCodec.Unmarshal(content)
	})
}

func TestWorkersOverHTTP(t *testing.T) {
	busy, requests := 2, 0
	answer := make([]byte, wire.AnswerSizes[0])
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		switch {
		case r.URL.Path == "/v1/status":
			fmt.Fprint(w, `{"worker":"0x01","ready":true,"committed":{"index":4,"number":9,"stateRoot":"0x02"}}`)
		case busy > 0:
			busy--
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"error":"slow down"}`)
		case status != http.StatusOK:
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.WriteHeader(status)
			fmt.Fprint(w, "<html>what\x1b[2J</html>")
		default:
			_, _ = w.Write(answer)
		}
	}))
	defer server.Close()
	worker, err := DialWorker(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	got, err := worker.Query(ctx, make([]byte, wire.QueryRequestSize))
	if err != nil || len(got) != len(answer) || requests != 3 {
		t.Errorf("%d bytes after %d requests, %v", len(got), requests, err)
	}
	said, err := worker.Status(ctx)
	if err != nil || !said.Ready || said.Committed.Index != 4 {
		t.Errorf("%+v, %v", said, err)
	}
	answer = make([]byte, wire.AnswerSizes[3]+1)
	if _, err := worker.Query(ctx, nil); err == nil {
		t.Error("an answer larger than all classes was taken")
	}
	for _, status = range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusInternalServerError, http.StatusTemporaryRedirect} {
		var refused *Refused
		_, err := worker.Query(ctx, nil)
		if !errors.As(err, &refused) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("status %d: %v", status, err)
		}
		if _, err := worker.Subscribe(ctx, nil); err == nil {
			t.Errorf("status %d: a stream was opened", status)
		}
	}
	server.Close()
	if _, err := worker.Query(ctx, nil); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a worker that is gone: %v", err)
	}
	for _, address := range []string{"", "127.0.0.1:9955", "ws://host", "http://"} {
		if _, err := DialWorker(address); err == nil {
			t.Errorf("%q was taken for a worker's address", address)
		}
	}
}
