package chain

import (
	"encoding/json"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func TestStatusesOfTransactions(t *testing.T) {
	hash := `"0x0101010101010101010101010101010101010101010101010101010101010101"`
	for text, want := range map[string]Status{
		`"ready"`:                          {Stage: StagePending},
		`"future"`:                         {Stage: StagePending},
		`"invalid"`:                        {Stage: StageDropped, Reason: "invalid"},
		`"dropped"`:                        {Stage: StageDropped, Reason: "dropped"},
		`{"inBlock":` + hash + `}`:         {Stage: StageInBlock, Block: scale.Hash{0: 1}},
		`{"finalized":` + hash + `}`:       {Stage: StageFinalized},
		`{"usurped":` + hash + `}`:         {Stage: StageDropped},
		`{"broadcast":["QmNode"]}`:         {Stage: 99},
		`{"finalized":"0x01"}`:             {Stage: 99},
		`[1,2]`:                            {Stage: 99},
		`{"retracted":` + hash + `}`:       {Stage: 99},
		`{"finalityTimeout":` + hash + `}`: {Stage: 99},
	} {
		got, known := parseStatus(json.RawMessage(text))
		if known != (want.Stage != 99) || known && got.Stage != want.Stage {
			t.Errorf("%s is %+v, %v", text, got, known)
		}
		if known && (got.Stage == StageInBlock || got.Stage == StageFinalized) && got.Block[31] != 1 {
			t.Errorf("%s names block %s", text, got.Block)
		}
	}
}

// sample is metadata of one pallet with one event of two fields.
func sample() *metadata.Runtime {
	event := scale.VariantType("sample::Event", "", scale.TypeVariant{Name: "Moved", Index: 4, Fields: []scale.TypeField{
		{Name: "who", Type: scale.AccountIDCodec.Type}, {Name: "text", Type: scale.Str(100).Type}}})
	return &metadata.Runtime{Pallets: []metadata.Pallet{{Name: "Sample", Index: 9, Events: event}}}
}

func TestEventsAreDecoded(t *testing.T) {
	e := scale.NewEncoder(nil)
	e.Compact(2)
	for index := range uint32(2) {
		e.U8(0)
		e.U32(index)
		e.U8(9)
		e.U8(4)
		e.Raw(make([]byte, 32))
		e.Str("four")
		e.Compact(1) // topics
		e.Raw(make([]byte, 32))
	}
	events, err := decodeEvents(sample(), e.Encoded())
	if err != nil || len(events) != 2 || events[1].Name != "Sample.Moved" || events[1].Extrinsic != scale.Some(uint32(1)) || len(events[1].Fields) != 37 {
		t.Errorf("%+v, %v", events, err)
	}
	for length := range e.Len() {
		if _, err := decodeEvents(sample(), e.Encoded()[:length]); err == nil {
			t.Errorf("%d of %d bytes were accepted", length, e.Len())
		}
	}
	if events, err := decodeEvents(sample(), nil); err != nil || events != nil {
		t.Errorf("a block without events: %v, %v", events, err)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte{4, 0, 0, 0, 0, 0, 9, 4})
	f.Add([]byte{4, 1, 9, 4, 0})
	runtime := sample()
	f.Fuzz(func(t *testing.T, encoded []byte) {
		events, err := decodeEvents(runtime, encoded)
		if err != nil {
			return
		}
		for i := range events {
			if events[i].Pallet != 9 || events[i].Index != 4 {
				t.Fatalf("an unknown event was read: %+v", events[i])
			}
		}
	})
}

func FuzzView(f *testing.F) {
	f.Add([]byte{}, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(_ *testing.T, commit, epoch []byte) {
		_, _ = decodeView(View{}.Head, [][]byte{commit, epoch, nil})
		_, _ = decodeAsset(1, commit, epoch)
		_, _ = decodeHolding(KindNative, commit, epoch)
		_ = describe(sample(), commit)
	})
}
