# Bitcloak. `make help` lists the targets.

SHELL := /bin/bash
GO ?= go
BUILD := build
BINARY := $(BUILD)/bitcloak
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
DATA ?= $(HOME)/.bitcloak/dev
RPC ?= 127.0.0.1:9944
WORKER ?= 127.0.0.1:9955
FUZZTIME ?= 60s

.PHONY: help build run demo test test-go test-outside lint bench fuzz faults soak sim tools clean check-go check-node

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/' | column -t -s '—'

check-go:
	@command -v $(GO) >/dev/null 2>&1 || { echo 'Go is missing: install Go 1.26 or newer from https://go.dev/doc/install and put it on the PATH.'; exit 1; }

# The outside-client tests run @polkadot/api under Node.js; everything else does without it.
check-node:
	@deploy/ensure-node.sh

build: check-go ## the binary, in build/bitcloak
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BINARY) ./cmd/bitcloak

run: build ## a development network in one process; its data survives in DATA
	$(BINARY) dev --data $(DATA) --rpc $(RPC) --worker $(WORKER)

demo: build ## a story of three traders, in under a minute
	$(BINARY) demo

test: test-go test-outside ## every test, outside clients included

test-go: check-go ## tests in Go, vet and the tidy checks
	$(GO) vet ./...
	$(GO) test -timeout 15m ./...

test-outside: build check-node ## polkadot.js and smoldot's executor against a running node
	cd e2e/polkadot && npm ci --no-audit --no-fund --loglevel=error
	$(GO) test -count=1 -timeout 10m -tags outside ./e2e/polkadot

lint: check-go ## golangci-lint, pinned in .tools/go.mod
	$(GO) tool -modfile=.tools/go.mod golangci-lint run ./...

bench: build ## the table of speeds (JSON=1 for one JSON object)
	$(BINARY) bench $(if $(JSON),--json,)

# KILLS: processes killed under load. DAMAGES: how often files of node, worker and wallet are damaged, each. SEED: of the choices.
faults: check-go ## kills, full disks, wrong clocks and damaged files at length (KILLS=60 DAMAGES=300 SEED=1)
	BITCLOAK_FAULT_KILLS=$(or $(KILLS),60) BITCLOAK_FAULT_DAMAGES=$(or $(DAMAGES),300) BITCLOAK_FAULT_SEED=$(or $(SEED),1) BITCLOAK_FAULT_CLOCKS=1 \
	  $(GO) test -count=1 -v -timeout 120m ./e2e/faults

# SOAK: how long. RATE: commands a second, of all sessions together.
soak: check-go ## node and worker under a steady load for SOAK=30m: flat memory, bounded disk a command
	BITCLOAK_SOAK=$(or $(SOAK),30m) BITCLOAK_SOAK_RATE=$(or $(RATE),40) \
	  $(GO) test -count=1 -v -run TestSoak -timeout 24h ./e2e/soak

# SEEDS: how many, from FIRST on, in JOBS processes (one for each processor). One seed: go test ./sim -run 'TestSeed$$' -seed N -trace
sim: check-go ## simulated networks under SEEDS seeds, with an auditor of their own (SEEDS=5000 FIRST=1)
	@mkdir -p $(BUILD)
	$(GO) test -c -o $(BUILD)/sim.test ./sim
	cd sim && ../$(BUILD)/sim.test -test.run '^TestSeeds$$' -test.v -test.timeout 0 -first $(or $(FIRST),1) -count $(or $(SEEDS),5000) -jobs $(or $(JOBS),0)

fuzz: check-go ## every fuzz target for FUZZTIME each
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done; done

clean: ## remove what was built
	rm -rf $(BUILD)
