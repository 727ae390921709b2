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
	node     *node.Node
	worker   *worker.Worker
	operator keys.Pair // the worker signs with it until it is closed
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
	if err := network.startWorker(ctx, config); err != nil {
		return nil, errors.Join(err, network.Close())
	}
	return network, nil
}

func (d *developmentNetwork) startWorker(ctx context.Context, config networkConfig) (err error) {
	if d.operator, err = pairFromSURI(developmentOperator); err != nil {
		return err
	}
	workerDir := filepath.Join(config.dataDir, "worker")
	backend, verifier, err := simulatedAttestation(workerDir, chainspec.Development, 0)
	if err != nil {
		return err
	}
	d.worker, err = worker.Start(ctx, worker.Config{
		Instance: wire.Instance{Genesis: d.node.Chain().Genesis()},
		Node:     worker.DialNode("ws://" + d.node.RPCAddress()),
		DataDir:  workerDir,
		Listen:   config.workerAddress,
		Backend:  backend, Verifier: verifier,
		Operator: d.operator,

		TrustingPeriod: developmentTrust,
		Log:            config.log.With("part", "worker"),
		Registerer:     prometheus.NewRegistry(),
	})
	return err
}

// Close stops the worker before the chain it follows.
func (d *developmentNetwork) Close() error {
	var err error
	if d.worker != nil {
		err = d.worker.Close()
	}
	if d.operator != nil {
		d.operator.Wipe()
	}
	if d.node != nil {
		err = errors.Join(err, d.node.Close())
	}
	return err
}

func pairFromSURI(text string) (keys.Pair, error) { return keys.PairFromSURI(keys.Sr25519, text) }
