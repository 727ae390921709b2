package scale

import (
	"errors"
	"reflect"
	"testing"
)

// order is a struct with every combinator, for tests.
type order struct {
	Owner  AccountID
	Market uint32
	Price  U128
	Note   string
	Tags   [][]byte
	Limit  Optional[uint64]
	Side   side
	Act    action
	Pairs  []Pair[uint8, bool]
	Extra  Triple[uint16, [4]byte, struct{}]
	Grid   [3]uint16
}

type side uint8

type action struct {
	Kind   uint8
	Amount U128
	Who    Hash
}

var actionCodec = Enum("test::Action", func(a *action) *uint8 { return &a.Kind },
	Variant[action](0, "Cancel", "Leave the book."),
	Variant(3, "Transfer", "", Field("who", HashCodec, func(a *action) *Hash { return &a.Who }),
		Field("amount", CompactU128, func(a *action) *U128 { return &a.Amount })),
	Variant(7, "Burn", "", Field("", U128Codec, func(a *action) *U128 { return &a.Amount })))

var sideCodec = Choice[side]("test::Side", "", Case{Index: 0, Name: "Buy"}, Case{Index: 2, Name: "Sell"})

var orderCodec = Struct("test::Order", "An order.",
	Field("owner", AccountIDCodec, func(o *order) *AccountID { return &o.Owner }),
	Field("market", CompactU32, func(o *order) *uint32 { return &o.Market }).TypeNamed("MarketId").Documented("Where."),
	Field("price", U128Codec, func(o *order) *U128 { return &o.Price }),
	Field("note", Str(16), func(o *order) *string { return &o.Note }),
	Field("tags", Vec(Bytes(4), 3), func(o *order) *[][]byte { return &o.Tags }),
	Field("limit", Option(U64), func(o *order) *Optional[uint64] { return &o.Limit }),
	Field("side", sideCodec, func(o *order) *side { return &o.Side }),
	Field("act", actionCodec, func(o *order) *action { return &o.Act }),
	Field("pairs", Vec(Tuple2(U8, Bool), 8), func(o *order) *[]Pair[uint8, bool] { return &o.Pairs }),
	Field("extra", Tuple3(U16, Bytes4, Unit), func(o *order) *Triple[uint16, [4]byte, struct{}] { return &o.Extra }),
	Field("grid", Array(U16, func(a *[3]uint16) []uint16 { return a[:] }), func(o *order) *[3]uint16 { return &o.Grid }),
)

func sampleOrder() order {
	return order{
		Owner: AccountID{1, 2, 3}, Market: 70_000, Price: U128{Lo: 5, Hi: 6}, Note: "grüezi",
		Tags: [][]byte{{1, 2, 3, 4}, {9}}, Limit: Some(uint64(99)), Side: 2,
		Act:   action{Kind: 3, Amount: U128From(1 << 40), Who: Hash{8}},
		Pairs: []Pair[uint8, bool]{{First: 1, Second: true}, {First: 2}},
		Extra: Triple[uint16, [4]byte, struct{}]{First: 515, Second: [4]byte{4, 3, 2, 1}},
		Grid:  [3]uint16{1, 2, 3},
	}
}

func TestStructRoundTrip(t *testing.T) {
	want := sampleOrder()
	b := orderCodec.Marshal(want)
	got, err := orderCodec.Unmarshal(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(b) < orderCodec.Type.MinSize() {
		t.Errorf("%d bytes, below the minimum %d", len(b), orderCodec.Type.MinSize())
	}
	for n := range b {
		if _, err := orderCodec.Unmarshal(b[:n]); !errors.Is(err, ErrShort) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if _, err := orderCodec.Unmarshal(append(b, 0)); !errors.Is(err, ErrTrailing) {
		t.Errorf("one byte more: %v", err)
	}
}

// Examples of the Polkadot specification, appendix A.2.
func TestKnownAnswers(t *testing.T) {
	check := func(name string, got []byte, want string) {
		t.Helper()
		if HexString(got) != want {
			t.Errorf("%s: %s, want %s", name, HexString(got), want)
		}
	}
	check("u8 69", U8.Marshal(69), "0x45")
	check("u16 42", U16.Marshal(42), "0x2a00")
	check("u32 16777215", U32.Marshal(16777215), "0xffffff00")
	check("u64", U64.Marshal(0x0807060504030201), "0x0102030405060708")
	check("u128 2^64+1", U128Codec.Marshal(U128{Lo: 1, Hi: 1}), "0x01000000000000000100000000000000")
	check("true", Bool.Marshal(true), "0x01")
	check("false", Bool.Marshal(false), "0x00")
	check("Some(true)", Option(Bool).Marshal(Some(true)), "0x0101")
	check("None", Option(Bool).Marshal(None[bool]()), "0x00")
	check("vec u16", Vec(U16, 9).Marshal([]uint16{4, 8, 15, 16, 23, 42}), "0x18040008000f00100017002a00")
	check("tuple", Tuple2(CompactU32, Bool).Marshal(Pair[uint32, bool]{First: 3}), "0x0c00")
	check("string", Str(32).Marshal("Hamlet"), "0x1848616d6c6574")
	check("war and peace", Str(32).Marshal("Война и мир"), "0x50d092d0bed0b9d0bdd0b020d0b820d0bcd0b8d180")
	check("unit", Unit.Marshal(struct{}{}), "0x")
	check("enum", actionCodec.Marshal(action{Kind: 7, Amount: U128From(2)}), "0x0702000000000000000000000000000000")
}

func TestDecodersRefuse(t *testing.T) {
	refused := func(name string, want error, err error) {
		t.Helper()
		var where *DecodeError
		if !errors.Is(err, want) || !errors.As(err, &where) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	_, err := Bool.Unmarshal([]byte{2})
	refused("bool 2", ErrBool, err)
	_, err = Option(U8).Unmarshal([]byte{2, 0})
	refused("option 2", ErrOption, err)
	_, err = actionCodec.Unmarshal([]byte{1})
	refused("unknown variant", ErrVariant, err)
	_, err = sideCodec.Unmarshal([]byte{1})
	refused("unknown choice", ErrVariant, err)
	_, err = Str(8).Unmarshal([]byte{4, 0xff})
	refused("bad UTF-8", ErrUTF8, err)
	_, err = Str(1).Unmarshal([]byte{8, 'a', 'b'})
	refused("long string", ErrTooLong, err)
	_, err = Bytes(1).Unmarshal([]byte{8, 1, 2})
	refused("long bytes", ErrTooLong, err)
	_, err = Vec(U8, 1).Unmarshal([]byte{8, 1, 2})
	refused("long vec", ErrTooLong, err)
	_, err = Vec(U64, 1<<40).Unmarshal([]byte{3, 255, 255, 255, 255, 1, 2, 3})
	refused("count beyond the input", ErrShort, err)
	_, err = Vec(Unit, 5).Unmarshal([]byte{24})
	refused("too many units", ErrTooLong, err)
	_, err = Bytes(1 << 40).Unmarshal([]byte{7, 255, 255, 255, 255, 255})
	refused("count beyond 32 bits", ErrTooLarge, err)
}

func TestEncodersRefuse(t *testing.T) {
	refused := func(name string, want error, err error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	_, err := actionCodec.TryMarshal(action{Kind: 1})
	refused("unknown variant", ErrEncodeVariant, err)
	_, err = sideCodec.TryMarshal(1)
	refused("unknown choice", ErrEncodeVariant, err)
	_, err = Str(3).TryMarshal("four")
	refused("long string", ErrEncodeTooLong, err)
	_, err = Str(3).TryMarshal("\xff")
	refused("bad UTF-8", ErrEncodeUTF8, err)
	_, err = Bytes(3).TryMarshal(make([]byte, 4))
	refused("long bytes", ErrEncodeTooLong, err)
	_, err = Vec(U8, 3).TryMarshal(make([]byte, 4))
	refused("long vec", ErrEncodeTooLong, err)
	defer func() {
		if recover() == nil {
			t.Error("Marshal of an enum without a kind went through")
		}
	}()
	actionCodec.Marshal(action{Kind: 1})
}

func TestEnumZeroesOtherFields(t *testing.T) {
	v := action{Kind: 3, Amount: U128From(9), Who: Hash{1}}
	actionCodec.Decode(NewDecoder([]byte{0}), &v)
	if v != (action{}) {
		t.Errorf("left over: %+v", v)
	}
}

func TestEnumDeclaredTwicePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two variants of index 1 were accepted")
		}
	}()
	Choice[side]("test::Twice", "", Case{Index: 1, Name: "A"}, Case{Index: 1, Name: "B"})
}

func TestVecDoesNotReuseMemory(t *testing.T) {
	c := Vec(U8, 8)
	var v []byte
	c.Decode(NewDecoder([]byte{8, 1, 2}), &v)
	kept := v
	c.Decode(NewDecoder([]byte{8, 3, 4}), &v)
	if kept[0] != 1 || v[0] != 3 {
		t.Errorf("%v, %v", kept, v)
	}
}
