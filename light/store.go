package light

import (
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Store keeps the last trusted head, so that after a restart no older one is
// accepted. Where the disk is not trusted, an implementation seals the record.
type Store interface {
	// Load gives what was saved last, nil if nothing was.
	Load() ([]byte, error)
	// Save replaces it. It is called for every head: it must survive the end of the
	// process at once, the loss of power after a second or so.
	Save(record []byte) error
}

// recordVersion is the first byte of a record.
const recordVersion = 1

// record is what a Store keeps.
type record struct {
	Version    uint8
	Genesis    scale.Hash
	Number     uint32 // of the last head
	LightBlock []byte
}

var recordCodec = scale.Struct("bitcloak_light::Record", "",
	scale.Field("version", scale.U8, func(r *record) *uint8 { return &r.Version }),
	scale.Field("genesis", scale.HashCodec, func(r *record) *scale.Hash { return &r.Genesis }),
	scale.Field("number", scale.U32, func(r *record) *uint32 { return &r.Number }),
	scale.Field("light_block", scale.Bytes(MaxLightBlock), func(r *record) *[]byte { return &r.LightBlock }))

// save records trusted and the number of the head it proves.
func (c *CometBFT) save(trusted *lightBlock, number uint32) error {
	if c.config.Store == nil {
		return nil
	}
	r := record{Version: recordVersion, Genesis: c.config.Genesis, Number: number, LightBlock: trusted.encoded}
	if err := c.config.Store.Save(recordCodec.Marshal(r)); err != nil {
		return fmt.Errorf("light: save the trusted head: %w", err)
	}
	return nil
}

// load gives the recorded light block and head number, or nil if there is none.
func (c *CometBFT) load() (*lightBlock, uint32, error) {
	if c.config.Store == nil {
		return nil, 0, nil
	}
	encoded, err := c.config.Store.Load()
	if err != nil {
		return nil, 0, fmt.Errorf("%w (%w)", ErrTrustStore, err)
	}
	if encoded == nil {
		return nil, 0, nil
	}
	r, err := recordCodec.Unmarshal(encoded)
	if err != nil || r.Version != recordVersion {
		return nil, 0, fmt.Errorf("%w (it does not decode)", ErrTrustStore)
	}
	if r.Genesis != c.config.Genesis {
		return nil, 0, fmt.Errorf("%w (it is of genesis %s)", ErrTrustStore, r.Genesis)
	}
	trusted, err := decodeLightBlock(r.LightBlock, "")
	if err != nil {
		return nil, 0, fmt.Errorf("%w (%w)", ErrTrustStore, err)
	}
	return trusted, r.Number, nil
}
