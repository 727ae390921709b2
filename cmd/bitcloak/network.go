package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/app"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/worker"
)

// developmentOperator pays for the registration of a development network's worker.
const developmentOperator = "//Alice"

// developmentNetwork is chain and worker in one process: what `dev`, `demo` and `bench` start. The worker still takes
// nothing of the node on trust: it follows it over RPC, as it would from another machine.
type developmentNetwork struct {
	node     *node.Node
	worker   *worker.Worker
	replicas []*worker.Worker // of the worker, with the same seed
	operator keys.Pair        // the workers sign with it until they are closed
}

type networkConfig struct {
	dataDir       string
	rpc           string
	workerAddress string
	metrics       string
	archive       bool
	workers       int // 0 is 1
	threshold     int // how many must sign a commit in a new network; 0: quorumOf
	log           *slog.Logger

	onStep  func(app.Step, uint64)        // of the node, nil if nobody measures it
	tapNode func(worker.Node) worker.Node // stands between workers and node, nil if nobody measures that
}

// startDevelopment starts a development network with its data below one folder.
func startDevelopment(ctx context.Context, config networkConfig) (*developmentNetwork, error) {
	if err := os.MkdirAll(config.dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made: %w; choose another with --data", config.dataDir, err)
	}
	nodeDir := filepath.Join(config.dataDir, "node")
	spec, err := developmentSpec(config, nodeDir)
	if err != nil {
		return nil, err
	}
	n, err := node.Start(ctx, node.Config{
		Spec: spec, DataDir: nodeDir, Archive: config.archive,
		RPC: node.RPCConfig{Address: config.rpc}, Metrics: node.MetricsConfig{Address: config.metrics},
		OnStep: config.onStep, Log: config.log.With("part", "node"),
	})
	if err != nil {
		return nil, err
	}
	network := &developmentNetwork{node: n}
	if err := network.startWorkers(ctx, config); err != nil {
		return nil, errors.Join(err, network.Close())
	}
	return network, nil
}

// closeWorkers stops the workers.
func (d *developmentNetwork) closeWorkers() (err error) {
	if d.worker != nil {
		err = d.worker.Close()
	}
	for _, replica := range d.replicas {
		err = errors.Join(err, replica.Close())
	}
	d.worker, d.replicas = nil, nil
	if d.operator != nil {
		d.operator.Wipe()
	}
	return err
}

// Close stops the workers before the chain they follow.
func (d *developmentNetwork) Close() error {
	err := d.closeWorkers()
	if d.node != nil {
		err = errors.Join(err, d.node.Close())
	}
	return err
}

func pairFromSURI(text string) (keys.Pair, error) { return keys.PairFromSURI(keys.Sr25519, text) }
