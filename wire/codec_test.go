package wire

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// roundTrip checks that what decodes encodes to the same bytes: one form for
// each value.
func roundTrip[T any](t *testing.T, name string, codec scale.Codec[T], encoded []byte) (decoded bool) {
	t.Helper()
	value, err := codec.Unmarshal(encoded)
	if err != nil {
		return false
	}
	again, err := codec.TryMarshal(value)
	if err != nil {
		t.Fatalf("%s: decoded but does not encode: %v", name, err)
	}
	if !bytes.Equal(again, encoded) {
		t.Fatalf("%s: %x decodes and encodes to %x", name, encoded, again)
	}
	return true
}

// decodeAll tries every codec of what comes from outside and counts who decodes.
func decodeAll(t *testing.T, b []byte) (count int) {
	for _, decoded := range []bool{
		roundTrip(t, "InboxMessage", InboxMessageCodec, b),
		roundTrip(t, "InboxMessages", InboxMessagesCodec, b),
		roundTrip(t, "Beneficiary", BeneficiaryCodec, b),
		roundTrip(t, "Checkpoint", CheckpointCodec, b),
		roundTrip(t, "Market", MarketCodec, b),
		roundTrip(t, "Command", CommandCodec, b),
		roundTrip(t, "Opening", OpeningCodec, b),
		roundTrip(t, "LeafProof", LeafProofCodec, b),
		roundTrip(t, "Commit", CommitCodec, b),
		roundTrip(t, "Votes", VotesCodec, b),
		roundTrip(t, "Evidence", EvidenceCodec, b),
		roundTrip(t, "Quote", QuoteCodec, b),
		roundTrip(t, "ContractKey", ContractKeyCodec, b),
		roundTrip(t, "QueryRequest", QueryRequestCodec, b),
		roundTrip(t, "Answer", AnswerCodec, b),
		roundTrip(t, "Frame", FrameCodec, b),
		roundTrip(t, "Envelopes", EnvelopesCodec, b),
		roundTrip(t, "LastCommit", LastCommitCodec, b),
		roundTrip(t, "Counters", CountersCodec, b),
		roundTrip(t, "PendingDeposit", PendingDepositCodec, b),
		roundTrip(t, "Worker", WorkerCodec, b),
		roundTrip(t, "Epoch", EpochCodec, b),
		roundTrip(t, "Snapshot", SnapshotCodec, b),
		roundTrip(t, "Manifest", ManifestCodec, b),
		roundTrip(t, "HandoverRequest", HandoverRequestCodec, b),
		roundTrip(t, "HandoverSecrets", HandoverSecretsCodec, b),
	} {
		if decoded {
			count++
		}
	}
	return count
}

func seeds() [][]byte {
	commit := exampleCommit()
	answer := Answer{AnswerStatement: AnswerStatement{Body: AnswerBody{Kind: QueryFills, Fills: make([]Fill, 2)}}}
	refused := Answer{AnswerStatement: AnswerStatement{Body: AnswerBody{Kind: AnswerRefused, Reason: "no"}}}
	list := [][]byte{
		CommitCodec.Marshal(commit), AnswerCodec.Marshal(answer), AnswerCodec.Marshal(refused),
		FrameCodec.Marshal(Frame{Fills: make([]Fill, MaxFrameFills)}),
		LeafProofCodec.Marshal(LeafProof{Siblings: make([]Hash, 3)}),
		EvidenceCodec.Marshal(Evidence{Bytes: make([]byte, 5)}),
	}
	for kind := MessageBlock; kind <= MessageFees; kind++ {
		list = append(list, InboxMessageCodec.Marshal(InboxMessage{Kind: kind}))
	}
	for kind := CommandDummy; kind <= CommandCloseSession; kind++ {
		list = append(list, CommandCodec.Marshal(Command{Kind: kind}))
	}
	return list
}

func TestEveryExampleRoundTrips(t *testing.T) {
	for _, seed := range seeds() {
		if decodeAll(t, seed) == 0 {
			t.Errorf("nothing decodes %x", seed)
		}
		if decodeAll(t, append(seed[:len(seed):len(seed)], 0)) > 1 { // one list of zero elements may
			t.Errorf("a trailing byte after %x is taken", seed)
		}
	}
}

func FuzzDecoders(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) { decodeAll(t, b) })
}

// FuzzPlaintexts holds the hand-written decoder of commands to the declared
// codec, and looks for a second form of any padded structure.
func FuzzPlaintexts(f *testing.F) {
	for kind := CommandDummy; kind <= CommandCloseSession; kind++ {
		f.Add(append(make([]byte, 8), CommandCodec.Marshal(Command{Kind: kind})...))
	}
	f.Add([]byte("garbage"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var declared, written Command
		slow, fast := scale.NewDecoder(b), scale.NewDecoder(b)
		CommandCodec.Decode(slow, &declared)
		decodeCommand(fast, &written)
		if (slow.Err() == nil) != (fast.Err() == nil) {
			t.Fatalf("declared codec: %v, written decoder: %v", slow.Err(), fast.Err())
		}
		if slow.Err() == nil && (declared != written || slow.Offset() != fast.Offset()) {
			t.Fatalf("declared %+v, written %+v", declared, written)
		}
		checkPadded(t, b)
	})
}

// checkPadded pads b to each size and decodes it.
func checkPadded(t *testing.T, b []byte) {
	var command [CommandPlaintextSize]byte
	copy(command[:], b)
	var decoded Command
	if sequence, err := DecodeCommand(command[:], &decoded); err == nil {
		var again [CommandPlaintextSize]byte
		if err := EncodeCommand(&again, sequence, &decoded); err != nil || again != command {
			t.Fatalf("command %x encodes to %x (%v)", command, again, err)
		}
	}
	var opening [OpeningPlaintextSize]byte
	copy(opening[:], b)
	if value, err := DecodeOpening(opening[:]); err == nil {
		var again [OpeningPlaintextSize]byte
		if err := EncodeOpening(&again, &value); err != nil || again != opening {
			t.Fatalf("opening %x encodes to %x (%v)", opening, again, err)
		}
	}
	var query [QueryPlaintextSize]byte
	copy(query[:], b)
	if value, err := DecodeQueryRequest(query[:]); err == nil {
		var again [QueryPlaintextSize]byte
		if err := EncodeQueryRequest(&again, &value); err != nil || again != query {
			t.Fatalf("query %x encodes to %x (%v)", query, again, err)
		}
	}
	if content, err := Unpad(b); err == nil {
		if padded, fits := Pad(content, len(b)); !fits || !bytes.Equal(padded, b) {
			t.Fatalf("%x unpads to %x, which pads to %x", b, content, padded)
		}
	}
}

func TestPaddingIsZeros(t *testing.T) {
	var plaintext [CommandPlaintextSize]byte
	command := Command{Relay: AccountID{4}, Kind: CommandCancel, Order: 7}
	if err := EncodeCommand(&plaintext, 3, &command); err != nil {
		t.Fatal(err)
	}
	var decoded Command
	if sequence, err := DecodeCommand(plaintext[:], &decoded); err != nil || sequence != 3 || decoded != command {
		t.Fatalf("got %d %+v %v", sequence, decoded, err)
	}
	for _, at := range []int{49, 100, CommandPlaintextSize - 1} {
		bad := plaintext
		bad[at] = 1
		if _, err := DecodeCommand(bad[:], &decoded); err == nil {
			t.Errorf("non-zero padding at %d is taken", at)
		}
	}
	if _, err := DecodeCommand(plaintext[:CommandPlaintextSize-1], &decoded); err == nil {
		t.Error("a short plaintext is taken")
	}
	if err := EncodeCommand(&plaintext, 0, &Command{Kind: 9}); err == nil {
		t.Error("an unknown command has an encoding")
	}
}

func TestUnpadRefuses(t *testing.T) {
	padded, fits := Pad([]byte("abc"), 16)
	if !fits {
		t.Fatal("3 bytes do not fit 16")
	}
	if content, err := Unpad(padded); err != nil || string(content) != "abc" {
		t.Fatalf("got %q, %v", content, err)
	}
	if _, fits := Pad(make([]byte, 13), 16); fits {
		t.Error("13 bytes and their length fit 16")
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "short length": {1, 0}, "length beyond": {13, 0, 0, 0, 0}, "huge length": {255, 255, 255, 255, 0},
		"dirty padding": {1, 0, 0, 0, 7, 1},
	} {
		if _, err := Unpad(bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestEnvelopeClasses(t *testing.T) {
	for class := range 256 {
		for _, size := range []int{0, 1, CommandEnvelopeSize - 1, CommandEnvelopeSize, OpeningEnvelopeSize, OpeningEnvelopeSize + 1} {
			envelope := make([]byte, size)
			if size > 0 {
				envelope[0] = byte(class)
			}
			want := class == 1 && size == CommandEnvelopeSize || class == 2 && size == OpeningEnvelopeSize
			if got := CheckEnvelope(envelope) == nil; got != want {
				t.Errorf("class %d of %d bytes: taken %v, want %v", class, size, got, want)
			}
		}
	}
}

// TestSizes pins the layout arithmetic of spec/wire.md.
func TestSizes(t *testing.T) {
	for _, size := range []struct {
		name      string
		got, want int
	}{
		{"command plaintext", CommandPlaintextSize, 223},
		{"opening plaintext", OpeningPlaintextSize, 395},
		{"query plaintext", QueryPlaintextSize, 396},
		{"leaf", len(LeafCodec.Marshal(Leaf{Version: 1})), LeafSize},
		{"instance", len(InstanceCodec.Marshal(Instance{})), InstanceSize},
		{"opening", len(OpeningCodec.Marshal(Opening{})), 137},
		{"frame", len(FrameCodec.Marshal(Frame{Fills: make([]Fill, MaxFrameFills)})), 87 + 6*114},
	} {
		if size.got != size.want {
			t.Errorf("%s: %d bytes, want %d", size.name, size.got, size.want)
		}
	}
	full := AnswerBody{Kind: QueryBalances, Balances: make([]LeafProof, MaxBalancesPage)}
	for i := range full.Balances {
		full.Balances[i].Siblings = make([]Hash, TreeDepth)
	}
	largest := AnswerSizes[len(AnswerSizes)-1] - SaltSize - SealOverhead
	if _, fits := Pad(AnswerCodec.Marshal(Answer{AnswerStatement: AnswerStatement{Body: full}}), largest); !fits {
		t.Error("a full page of balances does not fit the largest answer")
	}
	fills := AnswerBody{Kind: QueryFills, Fills: make([]Fill, MaxPage)}
	if _, fits := Pad(AnswerCodec.Marshal(Answer{AnswerStatement: AnswerStatement{Body: fills}}), largest); !fits {
		t.Error("a full page of fills does not fit the largest answer")
	}
}

// TestTypesHavePaths keeps the names that metadata shows.
func TestTypesHavePaths(t *testing.T) {
	for want, got := range map[string]*scale.Type{
		"bitcloak_wire::Commit": CommitCodec.Type, "bitcloak_wire::InboxMessage": InboxMessageCodec.Type,
		"bitcloak_wire::Market": MarketCodec.Type, "bitcloak_wire::Beneficiary": BeneficiaryCodec.Type,
		"bitcloak_wire::Evidence": EvidenceCodec.Type, "bitcloak_wire::ContractKey": ContractKeyCodec.Type,
	} {
		if got.Path != want {
			t.Errorf("path %q, want %q", got.Path, want)
		}
	}
	if reflect.TypeOf(Hash{}) != reflect.TypeOf(scale.Hash{}) {
		t.Error("Hash is no alias")
	}
}
