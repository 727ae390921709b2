package header

import (
	"errors"
	"strconv"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// JSON is a header as Substrate's RPC writes it (chain_getHeader). The package
// names no JSON library: any that honours struct tags and text marshalling does.
type JSON struct {
	ParentHash     scale.Hash `json:"parentHash"`
	Number         Number     `json:"number"`
	StateRoot      scale.Hash `json:"stateRoot"`
	ExtrinsicsRoot scale.Hash `json:"extrinsicsRoot"`
	Digest         DigestJSON `json:"digest"`
}

// DigestJSON is a digest as RPC writes it: each item encoded.
type DigestJSON struct {
	Logs []scale.HexBytes `json:"logs"`
}

// Number is a block number whose text is 0x-hex without leading zeros.
type Number uint32

// Errors of converting from JSON.
var (
	ErrNumber = errors.New("header: not a block number; write 0x and up to 8 hexadecimal digits")
	ErrDigest = errors.New("header: too many digest items; a header has at most 64")
)

// MarshalText writes 0x-hex.
func (n Number) MarshalText() ([]byte, error) {
	return strconv.AppendUint([]byte("0x"), uint64(n), 16), nil
}

// UnmarshalText reads 0x-hex; leading zeros are allowed up to 8 digits.
func (n *Number) UnmarshalText(text []byte) error {
	if len(text) < 3 || len(text) > 10 || text[0] != '0' || text[1] != 'x' {
		return ErrNumber
	}
	value, err := strconv.ParseUint(string(text[2:]), 16, 32)
	if err != nil {
		return ErrNumber
	}
	*n = Number(value)
	return nil
}

// JSON is the header in the shape of RPC.
func (h *Header) JSON() JSON {
	logs := make([]scale.HexBytes, len(h.Digest))
	for i := range h.Digest {
		logs[i] = ItemCodec.Marshal(h.Digest[i])
	}
	return JSON{
		ParentHash: h.ParentHash, Number: Number(h.Number), StateRoot: h.StateRoot,
		ExtrinsicsRoot: h.ExtrinsicsRoot, Digest: DigestJSON{Logs: logs},
	}
}

// Header is the header that j describes; the header's hash is computed, never
// taken from an answer.
func (j *JSON) Header() (Header, error) {
	if len(j.Digest.Logs) > MaxDigestItems {
		return Header{}, ErrDigest
	}
	h := Header{ParentHash: j.ParentHash, Number: uint32(j.Number), StateRoot: j.StateRoot, ExtrinsicsRoot: j.ExtrinsicsRoot}
	for _, log := range j.Digest.Logs {
		item, err := ItemCodec.Unmarshal(log)
		if err != nil {
			return Header{}, err
		}
		h.Digest = append(h.Digest, item)
	}
	return h, nil
}
