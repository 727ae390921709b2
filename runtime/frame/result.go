package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// Result is Rust's Result<T, E>; the zero value is Ok of the zero T.
type Result[T, E any] struct {
	variant uint8 // 1 if it is an error
	Value   T
	Error   E
}

// Ok is success.
func Ok[T, E any](value T) Result[T, E] { return Result[T, E]{Value: value} }

// Err is failure.
func Err[T, E any](err E) Result[T, E] { return Result[T, E]{variant: 1, Error: err} }

// Failed reports whether it is an error.
func (r *Result[T, E]) Failed() bool { return r.variant != 0 }

// ResultCodec is the codec of Result<T, E>.
func ResultCodec[T, E any](value scale.Codec[T], err scale.Codec[E]) scale.Codec[Result[T, E]] {
	return scale.Enum("Result", func(r *Result[T, E]) *uint8 { return &r.variant },
		scale.Variant(0, "Ok", "", scale.Field("", value, func(r *Result[T, E]) *T { return &r.Value })),
		scale.Variant(1, "Err", "", scale.Field("", err, func(r *Result[T, E]) *E { return &r.Error })),
	).WithParams(scale.TypeParam{Name: "T", Type: value.Type}, scale.TypeParam{Name: "E", Type: err.Type})
}

// DispatchResult is how a call ended.
type DispatchResult = Result[struct{}, DispatchError]

// DispatchResultCodec is Result<(), DispatchError>.
var DispatchResultCodec = ResultCodec(scale.Unit, DispatchErrorCodec)

// ResultOf turns what a handler returned into a DispatchResult.
func ResultOf(err error) DispatchResult {
	if err == nil {
		return DispatchResult{}
	}
	return Err[struct{}](AsDispatchError(err))
}
