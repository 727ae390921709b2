package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// Handler runs a call. It returns a *ModuleError or a DispatchError if the call
// fails; its storage changes and events are then undone.
type Handler[A any] func(c *Context, origin Origin, args *A) error

// BareValidator decides whether a bare extrinsic with these arguments may enter
// the pool and the block now.
type BareValidator[A any] func(c *Context, args *A) (ValidTransaction, *TransactionValidityError)

// CallDeclaration describes a call.
type CallDeclaration struct {
	Index    uint8
	Name     string
	Docs     string
	Fields   []scale.TypeField
	Class    Class
	Pays     Pays
	Bare     bool // only as a bare extrinsic
	Inherent bool // only as a bare extrinsic that the block's author puts first
}

// Call is a declared call, whatever its arguments.
type Call interface {
	Declaration() *CallDeclaration
	decode(*scale.Decoder) Invocation
}

// Invocation is a call with its arguments.
type Invocation interface {
	Declaration() *CallDeclaration
	Info() DispatchInfo
	// ValidateBare refuses calls that were not declared for bare extrinsics.
	ValidateBare(*Context) (ValidTransaction, *TransactionValidityError)
	run(*Context, Origin) error
}

// CallOf is a declared call with arguments A.
type CallOf[A any] struct {
	CallDeclaration
	args     scale.Codec[A]
	weight   func(*A) Weight
	handler  Handler[A]
	validate BareValidator[A]
}

// NewCall declares a call of class Normal that pays a fee. args is a scale.Struct
// whose fields become the call's. What differs from this is said by the methods
// that follow, chained.
func NewCall[A any](index uint8, name, docs string, args scale.Codec[A], weight Weight, handler Handler[A]) *CallOf[A] {
	return &CallOf[A]{
		CallDeclaration: CallDeclaration{Index: index, Name: name, Docs: docs, Fields: args.Type.Fields},
		args:            args,
		weight:          func(*A) Weight { return weight },
		handler:         handler,
	}
}

// Weighed makes the weight depend on the arguments.
func (k *CallOf[A]) Weighed(weight func(*A) Weight) *CallOf[A] {
	k.weight = weight
	return k
}

// AsOperational gives the call class Operational.
func (k *CallOf[A]) AsOperational() *CallOf[A] {
	k.Class = Operational
	return k
}

// AsBare makes the call one for bare extrinsics that validate accepts; it cannot be
// signed. Bare extrinsics pay nothing, so validate must leave no room for spam.
func (k *CallOf[A]) AsBare(validate BareValidator[A]) *CallOf[A] {
	k.Pays, k.Bare, k.validate = PaysNo, true, validate
	return k
}

// AsInherent makes the call an inherent: class Mandatory, without a fee.
func (k *CallOf[A]) AsInherent() *CallOf[A] {
	k.Class, k.Pays, k.Inherent = Mandatory, PaysNo, true
	return k
}

// Declaration describes the call.
func (k *CallOf[A]) Declaration() *CallDeclaration { return &k.CallDeclaration }

func (k *CallOf[A]) decode(d *scale.Decoder) Invocation {
	i := &invocation[A]{call: k}
	k.args.Decode(d, &i.args)
	return i
}

type invocation[A any] struct {
	call *CallOf[A]
	args A
}

func (i *invocation[A]) Declaration() *CallDeclaration { return &i.call.CallDeclaration }

func (i *invocation[A]) Info() DispatchInfo {
	return DispatchInfo{Weight: i.call.weight(&i.args), Class: i.call.Class, Pays: i.call.Pays}
}

func (i *invocation[A]) ValidateBare(c *Context) (ValidTransaction, *TransactionValidityError) {
	if i.call.validate == nil {
		return ValidTransaction{}, NoUnsignedValidator
	}
	return i.call.validate(c, &i.args)
}

func (i *invocation[A]) run(c *Context, origin Origin) error {
	return i.call.handler(c, origin, &i.args)
}
