package extrinsic

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// MaxSize bounds an extrinsic, in bytes without its length prefix: Substrate's
// default block length. A node accepts less.
const MaxSize = 5 << 20

// The first byte of an extrinsic's body: version, and 0x80 where signed.
const (
	prefixSigned4 = 0x84
	prefixBare4   = 0x04
	prefixBare5   = 0x05
)

// Errors of decoding, beside those of package scale.
var (
	ErrVersion = errors.New("extrinsic: unknown version; send a version 4 signed, or a version 4 or 5 bare extrinsic")
	ErrLength  = errors.New("extrinsic: the length prefix differs from the length; send exactly one extrinsic")
)

// Extrinsic is a decoded extrinsic. Address, Signature and Extensions belong to
// signed ones only.
type Extrinsic struct {
	Version   uint8 // 4, or 5 if bare
	Signed    bool
	Address   MultiAddress
	Signature MultiSignature
	Extensions
	// Call is not decoded further. After decoding it aliases the input.
	Call []byte
}

// Bare is an unsigned extrinsic of version 4, as inherents are.
func Bare(call []byte) Extrinsic { return Extrinsic{Version: 4, Call: call} }

// Decode reads an extrinsic with its length prefix, as RPC and blocks carry it.
// The result's Call aliases b.
func Decode(b []byte) (Extrinsic, error) {
	var x Extrinsic
	err := x.Decode(scale.NewDecoder(b))
	return x, err
}

// Decode reads all of d's input as one extrinsic with its length prefix. With a
// Decoder that is used again and again, it does not allocate.
func (x *Extrinsic) Decode(d *scale.Decoder) error {
	length := d.Length(MaxSize, 1)
	if d.Err() == nil && length != d.Remaining() {
		d.Fail(ErrLength)
	}
	x.decodeBody(d)
	return d.Finish()
}

func (x *Extrinsic) decodeBody(d *scale.Decoder) {
	*x = Extrinsic{}
	prefix := d.U8()
	if d.Err() != nil {
		return
	}
	switch prefix {
	case prefixSigned4:
		x.Version, x.Signed = 4, true
		AddressCodec.Decode(d, &x.Address)
		SignatureCodec.Decode(d, &x.Signature)
		ExtensionsCodec.Decode(d, &x.Extensions)
	case prefixBare4, prefixBare5:
		x.Version = prefix
	default:
		d.Fail(ErrVersion)
		return
	}
	x.Call = d.View(d.Remaining())
}

// Encode writes the extrinsic with its length prefix.
func (x *Extrinsic) Encode() ([]byte, error) {
	if len(x.Call) > MaxSize {
		return nil, scale.ErrEncodeTooLong
	}
	var head scale.Encoder
	switch {
	case x.Signed && x.Version == 4:
		head.U8(prefixSigned4)
		AddressCodec.Encode(&head, &x.Address)
		SignatureCodec.Encode(&head, &x.Signature)
		ExtensionsCodec.Encode(&head, &x.Extensions)
	case !x.Signed && (x.Version == 4 || x.Version == 5):
		head.U8(x.Version)
	default:
		return nil, ErrVersion
	}
	if err := head.Err(); err != nil {
		return nil, err
	}
	size := head.Len() + len(x.Call)
	if size > MaxSize {
		return nil, scale.ErrEncodeTooLong
	}
	e := scale.NewEncoder(make([]byte, 0, scale.CompactSize(uint64(size))+size))
	e.Compact(uint64(size))
	e.Raw(head.Encoded())
	e.Raw(x.Call)
	return e.Encoded(), nil
}
