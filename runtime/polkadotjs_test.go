package runtime_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

var update = flag.Bool("update", false, "make testdata/polkadotjs.json anew with node and e2e/polkadot's packages")

const polkadotJSFile = "testdata/polkadotjs.json"

// polkadotJS is what @polkadot/api's types made of the runtime's metadata.
type polkadotJS struct {
	Signed struct {
		Address    string `json:"address"`
		Extrinsics []struct {
			Call string `json:"call"`
			Hex  string `json:"hex"`
		} `json:"extrinsics"`
		Keys []struct {
			Item string `json:"item"`
			Hex  string `json:"hex"`
		} `json:"keys"`
	} `json:"signed"`
	EventsHex string            `json:"eventsHex"` // of the block of these extrinsics
	Events    []json.RawMessage `json:"events"`    // the same, decoded
}

// fixedGenesis stands for the hash of block 0 in what is signed, so that it does not
// depend on the development genesis.
var fixedGenesis = scale.Hash{0: 0x11, 31: 0x22}

// TestPolkadotJSSignsAndDecodes applies extrinsics that polkadot.js encoded and signed
// from the metadata, and compares the events with those that it decoded.
func TestPolkadotJSSignsAndDecodes(t *testing.T) {
	var vectors polkadotJS
	if *update {
		runNode(t, "sign", map[string]any{"metadata": metadataHex(), "genesis": fixedGenesis}, &vectors.Signed)
		vectors.EventsHex = scale.HexString(applySigned(t, &vectors))
		runNode(t, "decode", map[string]any{"metadata": metadataHex(), "events": vectors.EventsHex}, &vectors.Events)
		writeVectors(t, &vectors)
	}
	text, err := os.ReadFile(polkadotJSFile)
	if err != nil {
		t.Fatal(err)
	}
	vectors = polkadotJS{}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if got := scale.HexString(applySigned(t, &vectors)); got != vectors.EventsHex {
		t.Errorf("the events are others than polkadot.js decoded; run go test -run TestPolkadotJS -update and review:\n got %s\nwant %s", got, vectors.EventsHex)
	}
	if len(vectors.Events) < 20 {
		t.Errorf("%d events were decoded", len(vectors.Events))
	}
}

// applySigned makes a block of the vectors' extrinsics, all of which must succeed, and
// gives its events.
func applySigned(t *testing.T, vectors *polkadotJS) []byte {
	t.Helper()
	c := newChain(t)
	b := c.fork()
	b.InitializeBlock(header.Header{ParentHash: fixedGenesis, Number: 1})
	b.ApplyExtrinsic(runtime.TimestampInherent(firstTime))
	for _, signed := range vectors.Signed.Extrinsics {
		xt, err := scale.ParseHex(signed.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if result := b.ApplyExtrinsic(xt); !result.Applied() || result.Result.Failed() {
			t.Errorf("%s: invalid %v, failed %v", signed.Call, result.Invalid, result.Result.Error)
		}
	}
	key := hashing.StoragePrefix("System", "Events")
	events, _ := b.host.Get(key[:])
	return events
}

func TestPolkadotJSReadsTheSameStorage(t *testing.T) {
	text, err := os.ReadFile(polkadotJSFile)
	if err != nil {
		t.Fatal(err)
	}
	var vectors polkadotJS
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	alice := dev(t, "Alice").AccountID()
	if address, _ := frame.Address(alice).MarshalText(); string(address) != vectors.Signed.Address {
		t.Errorf("Alice is %s", address)
	}
	one := scale.U32.Marshal(1)
	want := map[string][]byte{
		"System.Account":         hashing.Blake2_128Concat(alice[:]),
		"Assets.Account":         append(hashing.Blake2_128Concat(one), hashing.Blake2_128Concat(alice[:])...),
		"System.BlockHash":       hashing.Twox64Concat(scale.U32.Marshal(7)),
		"Balances.TotalIssuance": nil,
	}
	host := newChain(t).context().Host
	for _, key := range vectors.Signed.Keys {
		pallet, item, _ := bytes.Cut([]byte(key.Item), []byte("."))
		prefix := hashing.StoragePrefix(string(pallet), string(item))
		storageKey := append(prefix[:], want[key.Item]...)
		if scale.HexString(storageKey) != key.Hex {
			t.Errorf("%s is at %x, want %s", key.Item, storageKey, key.Hex)
		}
		if key.Item != "System.BlockHash" && !host.Exists(storageKey) {
			t.Errorf("%s is not in the state", key.Item)
		}
	}
}

func metadataHex() string { return scale.HexString(runtime.Metadata(15)) }

func runNode(t *testing.T, mode string, input, output any) {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("node", "testdata/polkadotjs.mjs", mode)
	command.Stdin, command.Stderr = bytes.NewReader(text), os.Stderr
	result, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(result, output); err != nil {
		t.Fatal(err)
	}
}

func writeVectors(t *testing.T, vectors *polkadotJS) {
	t.Helper()
	text, err := json.MarshalIndent(vectors, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(polkadotJSFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
