package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/bitcloak/bitcloak/node"
)

// maxNodeFile bounds a node's configuration file, in bytes.
const maxNodeFile = 1 << 20

// nodeFile is a node's configuration file: what the flags of `bitcloak node` say too. Relative paths start at its folder.
type nodeFile struct {
	ChainSpec        string   `json:"chainSpec"`
	Data             string   `json:"data"`
	RPC              string   `json:"rpc"`
	P2P              string   `json:"p2p"`
	P2PExternal      string   `json:"p2pExternal,omitempty"`
	Peers            []string `json:"peers"`
	KnownPeers       []string `json:"knownPeers,omitempty"`
	OnlyKnownPeers   bool     `json:"onlyKnownPeers,omitempty"`
	PeerExchange     bool     `json:"peerExchange,omitempty"`
	Seeds            []string `json:"seeds,omitempty"`
	Metrics          string   `json:"metrics,omitempty"`
	SnapshotInterval *uint64  `json:"snapshotInterval,omitempty"`
	Archive          bool     `json:"archive,omitempty"`
}

// errNodeFile refuses a configuration file.
var errNodeFile = errors.New("the configuration file is not valid; correct it, or see 'bitcloak node --help' for what it may hold")

// readNodeFile reads a configuration file strictly.
func readNodeFile(name string) (*nodeFile, error) {
	opened, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the configuration file cannot be read: %w; name it with --config", err)
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, maxNodeFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxNodeFile {
		return nil, fmt.Errorf("%w (%s: larger than 1 MiB)", errNodeFile, name)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	file := &nodeFile{}
	if err := decoder.Decode(file); err != nil {
		return nil, fmt.Errorf("%w (%s: %w)", errNodeFile, name, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w (%s: something follows the object)", errNodeFile, name)
	}
	for _, path := range []*string{&file.ChainSpec, &file.Data} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(name), *path)
		}
	}
	return file, nil
}

// apply fills in what no flag says.
func (f *nodeFile) apply(flags *pflag.FlagSet, specFile *string, config *node.Config) {
	text := func(name string, to *string, value string) {
		if value != "" && !flags.Changed(name) {
			*to = value
		}
	}
	list := func(name string, to *[]string, value []string) {
		if !flags.Changed(name) {
			*to = value
		}
	}
	truth := func(name string, to *bool, value bool) {
		if !flags.Changed(name) {
			*to = value
		}
	}
	text("chain-spec", specFile, f.ChainSpec)
	text("data", &config.DataDir, f.Data)
	text("rpc", &config.RPC.Address, f.RPC)
	text("p2p", &config.P2P.Address, f.P2P)
	text("p2p-external", &config.P2P.External, f.P2PExternal)
	text("metrics", &config.Metrics.Address, f.Metrics)
	list("peer", &config.P2P.Peers, f.Peers)
	list("known-peer", &config.P2P.Known, f.KnownPeers)
	list("seed", &config.P2P.Seeds, f.Seeds)
	truth("only-known-peers", &config.P2P.OnlyKnown, f.OnlyKnownPeers)
	truth("peer-exchange", &config.P2P.Exchange, f.PeerExchange)
	truth("archive", &config.Archive, f.Archive)
	if f.SnapshotInterval != nil && !flags.Changed("snapshot-interval") {
		config.SnapshotInterval = *f.SnapshotInterval
	}
}
