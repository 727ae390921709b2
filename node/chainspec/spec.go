package chainspec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/bitcloak/bitcloak/runtime"
)

// MaxSize bounds a chain spec file, in bytes.
const MaxSize = 64 << 20

// Kinds of chains, as Substrate's clients know them.
const (
	Development = "Development"
	Local       = "Local"
	Live        = "Live"
)

// Spec is a chain spec.
type Spec struct {
	Name       string          `json:"name"`
	ID         string          `json:"id"`
	ChainType  string          `json:"chainType"`
	Properties Properties      `json:"properties"`
	Genesis    runtime.Genesis `json:"genesis"`
	CometBFT   CometBFT        `json:"cometbft"`
}

// Properties are what system_properties tells wallets.
type Properties struct {
	SS58Format    uint16 `json:"ss58Format"`
	TokenDecimals uint8  `json:"tokenDecimals"`
	TokenSymbol   string `json:"tokenSymbol"`
}

// Errors of chain specs; test with errors.Is.
var (
	ErrJSON      = errors.New("chain spec: not valid JSON of a chain spec; correct it")
	ErrSize      = errors.New("chain spec: the file is larger than 64 MiB")
	ErrField     = errors.New("chain spec: a field is missing or wrong")
	ErrConsensus = errors.New("chain spec: genesis.consensus does not name what cometbft says")
	ErrSimulated = errors.New("chain spec: simulated attestation is enabled, so anybody can pose as a worker; only a chain of type Development may: remove it from genesis, or set chainType to Development")
)

// ReadFile reads a chain spec file.
func ReadFile(path string) (*Spec, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, err
	}
	spec, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return spec, nil
}

// Parse reads a chain spec strictly and checks it.
func Parse(text []byte) (*Spec, error) {
	if len(text) > MaxSize {
		return nil, ErrSize
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	spec := &Spec{}
	if err := decoder.Decode(spec); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJSON, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the object", ErrJSON)
	}
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	return spec, nil
}

// JSON writes the spec for a file.
func (s *Spec) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}

var (
	idPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	symbolPattern = regexp.MustCompile(`^[A-Za-z0-9]{1,16}$`)
)

// Validate checks that the parts are complete and agree.
func (s *Spec) Validate() error {
	switch {
	case s.Name == "" || len(s.Name) > 128:
		return fmt.Errorf("%w: name: write 1 to 128 bytes", ErrField)
	case !idPattern.MatchString(s.ID):
		return fmt.Errorf("%w: id: write up to 64 of a-z, 0-9, - and _", ErrField)
	case s.ChainType != Development && s.ChainType != Local && s.ChainType != Live:
		return fmt.Errorf("%w: chainType: write %s, %s or %s", ErrField, Development, Local, Live)
	case !symbolPattern.MatchString(s.Properties.TokenSymbol):
		return fmt.Errorf("%w: properties.tokenSymbol: write up to 16 letters and digits", ErrField)
	}
	if err := s.checkProperties(); err != nil {
		return err
	}
	if err := s.CometBFT.validate(); err != nil {
		return err
	}
	if err := s.checkConsensus(); err != nil {
		return err
	}
	return s.checkAttestation()
}

// IsDevelopment reports a chain on which everybody may know the keys.
func (s *Spec) IsDevelopment() bool { return s.ChainType == Development }
