package chain

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Events of pallet System that end an extrinsic.
const (
	eventExtrinsicSuccess = 0
	eventExtrinsicFailed  = 1
)

// dispatchModule is the variant of DispatchError that names a pallet's own error.
const dispatchModule = 3

// DispatchError is why a call failed in its block. Its fee is paid, its effects are undone.
type DispatchError struct {
	Name string // such as "PrivateAssets.Paused", or "Token.FundsUnavailable"
	Docs string // cause and remedy, as the runtime states them
}

func (e *DispatchError) Error() string {
	if e.Docs == "" {
		return "chain: the call failed with " + e.Name
	}
	return "chain: the call failed with " + e.Name + ": " + e.Docs
}

// outcome is nil if the events say that their extrinsic succeeded.
func (c *Client) outcome(ctx context.Context, events []Event) error {
	for i := range events {
		event := &events[i]
		if event.Pallet != wire.PalletSystem {
			continue
		}
		switch event.Index {
		case eventExtrinsicSuccess:
			return nil
		case eventExtrinsicFailed:
			runtime, err := c.runtime(ctx)
			if err != nil {
				return err
			}
			return describe(runtime, event.Fields)
		}
	}
	return fmt.Errorf("%w (neither success nor failure of the transaction)", ErrEvents)
}

// describe names a DispatchError by the runtime's metadata, which gives its shape, too.
func describe(runtime *metadata.Runtime, fields []byte) *DispatchError {
	_, failed := variantOf(runtime, wire.PalletSystem, eventExtrinsicFailed, func(p *metadata.Pallet) *scale.Type { return p.Events })
	if len(fields) >= 3 && fields[0] == dispatchModule {
		pallet, variant := variantOf(runtime, fields[1], fields[2], func(p *metadata.Pallet) *scale.Type { return p.Errors })
		if variant != nil {
			return &DispatchError{Name: pallet.Name + "." + variant.Name, Docs: variant.Docs}
		}
		return &DispatchError{Name: fmt.Sprintf("error %d of pallet %d", fields[2], fields[1])}
	}
	if failed == nil || len(failed.Fields) == 0 {
		return &DispatchError{Name: fmt.Sprintf("0x%x", fields)}
	}
	return &DispatchError{Name: nameOf(failed.Fields[0].Type, fields)}
}

// nameOf names an enum's value, and the enum inside it if that is its only field.
func nameOf(t *scale.Type, value []byte) string {
	if len(value) == 0 {
		return "an error without bytes"
	}
	for i := range t.Variants {
		v := &t.Variants[i]
		if v.Index != value[0] {
			continue
		}
		if len(v.Fields) == 1 && len(value) > 1 {
			inner := v.Fields[0].Type
			for j := range inner.Variants {
				if inner.Variants[j].Index == value[1] {
					return v.Name + "." + inner.Variants[j].Name
				}
			}
		}
		return v.Name
	}
	return fmt.Sprintf("error %d", value[0])
}
