package runtime

import (
	"errors"
	"strings"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// api is a runtime API: a trait of methods that the node calls by name.
type api struct {
	name    string
	version uint32
	docs    string
	methods []method
}

// method is one of them; its export is the API's name, "_" and its own.
type method struct {
	name, docs string
	inputs     []scale.TypeField
	output     *scale.Type
	call       func(r *Runtime, args []byte) ([]byte, error)
}

// newMethod declares a method. args is a scale.Struct whose fields are the method's
// parameters.
func newMethod[A, T any](name, docs string, args scale.Codec[A], output scale.Codec[T],
	run func(r *Runtime, args *A) (T, error)) method {
	return method{
		name: name, docs: docs, inputs: args.Type.Fields, output: output.Type,
		call: func(r *Runtime, encoded []byte) ([]byte, error) {
			a, err := args.Unmarshal(encoded)
			if err != nil {
				return nil, err
			}
			result, err := run(r, &a)
			if err != nil {
				return nil, err
			}
			return output.Marshal(result), nil
		},
	}
}

// noArgs is the parameters of a method without any.
var noArgs = scale.Struct[struct{}]("", "")

// declareAPIs is every runtime API, over the runtime's call type. Call, the version
// and the metadata come from it; a Wasm build exports these names.
func declareAPIs(call *scale.Type) []api {
	return []api{
		coreAPI(call), metadataAPI(), blockBuilderAPI(call), transactionQueueAPI(call),
		accountNonceAPI(), transactionPaymentAPI(call), genesisBuilderAPI(),
	}
}

// ErrMethod refuses a method that the runtime does not export.
var ErrMethod = errors.New("runtime: no runtime API exports this method; see the apis of the runtime version")

// Call calls a runtime API method, such as "Core_version", with encoded arguments.
func (r *Runtime) Call(name string, args []byte) ([]byte, error) {
	trait, short, _ := strings.Cut(name, "_")
	for i := range r.apis {
		if r.apis[i].name != trait {
			continue
		}
		for _, m := range r.apis[i].methods {
			if m.name == short {
				return m.call(r, args)
			}
		}
	}
	return nil, ErrMethod
}

// Methods are the names of all exported methods.
func Methods() (names []string) {
	for _, a := range composed.apis {
		for _, m := range a.methods {
			names = append(names, a.name+"_"+m.name)
		}
	}
	return names
}

// apiVersions lists the APIs as the runtime's version does, by blake2_64 of their
// traits' names.
func apiVersions(apis []api) []frame.ApiVersion {
	versions := make([]frame.ApiVersion, len(apis))
	for i := range apis {
		versions[i] = frame.ApiVersion{ID: hashing.Blake2_64([]byte(apis[i].name)), Version: apis[i].version}
	}
	return versions
}

func (a *api) describe() metadata.API {
	described := metadata.API{Name: a.name, Docs: a.docs}
	for _, m := range a.methods {
		inputs := make([]metadata.Input, len(m.inputs))
		for i, field := range m.inputs {
			inputs[i] = metadata.Input{Name: field.Name, Type: field.Type}
		}
		described.Methods = append(described.Methods, metadata.Method{Name: m.name, Docs: m.docs, Inputs: inputs, Output: m.output})
	}
	return described
}
