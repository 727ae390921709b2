package wire

import "github.com/bitcloak/bitcloak/substrate/scale"

// Sizes of requests and of the plaintexts inside, in bytes.
const (
	QueryRequestSize   = 1536
	QueryPlaintextSize = QueryRequestSize - 4 - EncapsulatedSize - SealOverhead

	// SaltSize is the length of the random salt before every answer and frame.
	SaltSize = 32
)

// AnswerSizes are the classes of sealed answers in bytes, salt and AEAD tag included.
var AnswerSizes = [...]int{4096, 16384, 65536, 262144}

// Bounds of one answer's lists. The largest list of the largest elements fits
// the largest of AnswerSizes.
const (
	MaxBalancesPage = 200   // of at most 1,170 bytes
	MaxPage         = 1_000 // of at most 114 bytes
	MaxRefusal      = 200   // bytes of text
)

// Kinds of Query and of AnswerBody.
const (
	QueryBalances uint8 = iota
	QueryOrders
	QueryFills
	QueryHistory
	QueryReceipt

	AnswerRefused uint8 = 255
)

// Query is a question about the asking account (I8).
type Query struct {
	Kind  uint8
	After uint64 // Balances, Orders, Fills, History: exclusive; 0 starts
	Limit uint16 // of the page
	Fill  uint64 // Receipt: the account's fill
}

// QueryCodec is the codec of Query.
var QueryCodec = scale.Enum("bitcloak_wire::Query", func(v *Query) *uint8 { return &v.Kind },
	scale.Variant(QueryBalances, "Balances", "", pageFields()...),
	scale.Variant(QueryOrders, "Orders", "", pageFields()...),
	scale.Variant(QueryFills, "Fills", "", pageFields()...),
	scale.Variant(QueryHistory, "History", "", pageFields()...),
	scale.Variant(QueryReceipt, "Receipt", "",
		scale.Field("fill", scale.U64, func(v *Query) *uint64 { return &v.Fill })),
)

func pageFields() []scale.FieldOf[Query] {
	return []scale.FieldOf[Query]{
		scale.Field("after", scale.U64, func(v *Query) *uint64 { return &v.After }),
		scale.Field("limit", scale.U16, func(v *Query) *uint16 { return &v.Limit }),
	}
}

// QueryRequest is the plaintext of a request.
type QueryRequest struct {
	Account AccountID
	MAC     [32]byte // keyed with the session's query key, over enc || SCALE(Query)
	Query   Query
}

// QueryRequestCodec is the codec of QueryRequest, without its padding.
var QueryRequestCodec = scale.Struct("bitcloak_wire::QueryRequest", "A question of an account with a session.",
	scale.Field("account", scale.AccountIDCodec, func(v *QueryRequest) *AccountID { return &v.Account }),
	scale.Field("mac", scale.Bytes32, func(v *QueryRequest) *[32]byte { return &v.MAC }),
	scale.Field("query", QueryCodec, func(v *QueryRequest) *Query { return &v.Query }),
)

// EncodeQueryRequest writes the plaintext of a request to dst.
func EncodeQueryRequest(dst *[QueryPlaintextSize]byte, request *QueryRequest) error {
	e := scale.NewEncoder(dst[:0])
	QueryRequestCodec.Encode(e, request)
	if e.Err() != nil {
		return e.Err()
	}
	clear(dst[e.Len():]) // a request takes at most 75 bytes of 396
	return nil
}

// DecodeQueryRequest reads the plaintext of a request.
func DecodeQueryRequest(plaintext []byte) (request QueryRequest, err error) {
	d := scale.NewDecoder(plaintext)
	QueryRequestCodec.Decode(d, &request)
	return request, finishPadded(d, QueryPlaintextSize)
}
