package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// Dispatcher finds, decodes and runs the calls of a runtime's pallets. It is
// filled once, by Register, and handed to pallets that wrap other calls before that.
type Dispatcher struct {
	pallets  [256]*[256]Call
	callType *scale.Type
}

// NewDispatcher is a dispatcher without pallets.
func NewDispatcher() *Dispatcher { return &Dispatcher{callType: scale.NewType()} }

// Register adds the calls of pallets.
func (r *Dispatcher) Register(pallets []Pallet) {
	for i := range pallets {
		table := new([256]Call)
		for _, call := range pallets[i].Calls {
			index := call.Declaration().Index
			if table[index] != nil {
				panic("frame: two calls of " + pallets[i].Name + " have the same index")
			}
			table[index] = call
		}
		r.pallets[pallets[i].Index] = table
	}
}

// CallType is RuntimeCall: unset until the runtime, which knows all pallets, fills it.
func (r *Dispatcher) CallType() *scale.Type { return r.callType }

// Decode reads one call. After an error of the decoder the invocation is nil or
// must not be used.
func (r *Dispatcher) Decode(d *scale.Decoder) Invocation {
	pallet, index := d.U8(), d.U8()
	if d.Err() != nil {
		return nil
	}
	table := r.pallets[pallet]
	if table == nil || table[index] == nil {
		d.Fail(scale.ErrVariant)
		return nil
	}
	return table[index].decode(d)
}

// Dispatch runs a call in a storage transaction: an error undoes its changes.
func (r *Dispatcher) Dispatch(c *Context, origin Origin, call Invocation) error {
	return c.Transaction(func() error { return call.run(c, origin) })
}

// DispatchEncoded is Dispatch for a call kept as bytes. One that no longer decodes,
// after an upgrade, fails with ErrCorruption.
func (r *Dispatcher) DispatchEncoded(c *Context, origin Origin, call EncodedCall) error {
	d := scale.NewDecoder(call)
	invocation := r.Decode(d)
	if d.Finish() != nil {
		return ErrCorruption
	}
	return r.Dispatch(c, origin, invocation)
}

// EncodedCall is a RuntimeCall as an argument of another call: checked to be
// decodable, kept as bytes.
type EncodedCall []byte

// CallCodec is the codec of a RuntimeCall argument of at most maximum bytes. Calls
// nest at most scale.MaxDepth deep.
func (r *Dispatcher) CallCodec(maximum int) scale.Codec[EncodedCall] {
	return scale.Codec[EncodedCall]{
		Type:   r.callType,
		Encode: func(e *scale.Encoder, v *EncodedCall) { e.Raw(*v) },
		Decode: func(d *scale.Decoder, v *EncodedCall) {
			if !d.Enter() {
				return
			}
			start, rest := d.Offset(), d.Rest()
			r.Decode(d)
			d.Leave()
			if d.Err() != nil {
				return
			}
			size := d.Offset() - start
			if size > maximum {
				d.Fail(scale.ErrTooLong)
				return
			}
			*v = append(EncodedCall(nil), rest[:size]...)
		},
	}
}
