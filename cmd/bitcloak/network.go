package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// developmentOperator pays for the registration of a development network's worker.
const developmentOperator = "//Alice"

// developmentNetwork is chain and worker in one process: what `dev`, `demo` and `bench` start. The worker still takes
// nothing of the node on trust: it follows it over RPC, as it would from another machine.
type developmentNetwork struct {
	node   *node.Node
	worker *worker.Worker
}

type networkConfig struct {
	dataDir       string
	rpc           string
	workerAddress string
	metrics       string
	archive       bool
	log           *slog.Logger
}

// startDevelopment starts a development network with its data below one folder.
func startDevelopment(ctx context.Context, config networkConfig) (*developmentNetwork, error) {
	if err := os.MkdirAll(config.dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made: %w; choose another with --data", config.dataDir, err)
	}
	nodeDir := filepath.Join(config.dataDir, "node")
	spec, err := node.DevelopmentSpec(nodeDir)
	if err != nil {
		return nil, err
	}
	n, err := node.Start(ctx, node.Config{
		Spec: spec, DataDir: nodeDir, Archive: config.archive,
		RPC: node.RPCConfig{Address: config.rpc}, Metrics: node.MetricsConfig{Address: config.metrics},
		Log: config.log.With("part", "node"),
	})
	if err != nil {
		return nil, err
	}
	network := &developmentNetwork{node: n}
	network.worker, err = startDevelopmentWorker(ctx, n, config)
	if err != nil {
		return nil, errors.Join(err, network.Close())
	}
	return network, nil
}

func startDevelopmentWorker(ctx context.Context, n *node.Node, config networkConfig) (*worker.Worker, error) {
	operator, err := pairFromSURI(developmentOperator)
	if err != nil {
		return nil, err
	}
	defer operator.Wipe()
	workerDir := filepath.Join(config.dataDir, "worker")
	backend, verifier, err := simulatedAttestation(workerDir, chainspec.Development, 0)
	if err != nil {
		return nil, err
	}
	return worker.Start(ctx, worker.Config{
		Instance: wire.Instance{Genesis: n.Chain().Genesis()},
		Node:     worker.DialNode("ws://" + n.RPCAddress()),
		DataDir:  workerDir,
		Listen:   config.workerAddress,
		Backend:  backend, Verifier: verifier,
		Operator:   operator,
		Log:        config.log.With("part", "worker"),
		Registerer: prometheus.NewRegistry(),
	})
}

// Close stops the worker before the chain it follows.
func (d *developmentNetwork) Close() error {
	var err error
	if d.worker != nil {
		err = d.worker.Close()
	}
	if d.node != nil {
		err = errors.Join(err, d.node.Close())
	}
	return err
}

func pairFromSURI(text string) (keys.Pair, error) {
	suri, err := keys.ParseSURI(text)
	if err != nil {
		return nil, err
	}
	return suri.Pair(keys.Sr25519)
}
