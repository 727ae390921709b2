package runtime

import (
	"encoding/json"
	"strings"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Bounds of the genesis builder's arguments, in bytes.
const (
	maxGenesis    = 16 << 20
	maxPresetName = 64
	maxBuildError = 4 << 10
)

// developmentPreset is sp_genesis_builder's name for it.
const developmentPreset = "development"

var (
	presetCodec      = scale.Str(maxPresetName)
	buildResultCodec = frame.ResultCodec(scale.Unit, scale.Str(maxBuildError))
)

func genesisBuilderAPI() api {
	jsonArg := scale.Struct("", "", scale.Field("json", scale.Bytes(maxGenesis), func(b *[]byte) *[]byte { return b }))
	presetArg := scale.Struct("", "", scale.Field("id", scale.Option(presetCodec),
		func(s *scale.Optional[string]) *scale.Optional[string] { return s }))
	return api{
		name: "GenesisBuilder", version: 1, docs: "The API that builds the state of block 0.",
		methods: []method{
			newMethod("build_state", "Build the genesis state from JSON.", jsonArg, buildResultCodec, buildState),
			newMethod("get_preset", "A named genesis as JSON; without a name, the empty one.", presetArg,
				scale.Option(scale.Bytes(maxGenesis)), presetJSON),
			newMethod("preset_names", "The names of the presets.", noArgs, scale.Vec(presetCodec, 8),
				func(*Runtime, *struct{}) ([]string, error) { return []string{developmentPreset}, nil }),
		},
	}
}

func buildState(r *Runtime, text *[]byte) (frame.Result[struct{}, string], error) {
	genesis, err := ParseGenesis(*text)
	if err == nil {
		err = r.BuildGenesis(genesis)
	}
	if err != nil {
		message := err.Error()
		return frame.Err[struct{}](strings.ToValidUTF8(message[:min(len(message), maxBuildError)], "")), nil
	}
	return frame.Ok[struct{}, string](struct{}{}), nil
}

func presetJSON(_ *Runtime, name *scale.Optional[string]) (scale.Optional[[]byte], error) {
	var genesis Genesis
	switch {
	case !name.Some:
	case name.Value == developmentPreset:
		genesis = DevelopmentGenesis()
	default:
		return scale.None[[]byte](), nil
	}
	text, err := json.Marshal(genesis)
	return scale.Some(text), err
}
