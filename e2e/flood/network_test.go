package flood

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// attackers is how many accounts the attacker has funded; the last account of the
// crowd is the honest one's.
const attackers = 200

// network is a node in a process of its own, whose memory can be measured.
type network struct {
	t        *testing.T
	process  *exec.Cmd
	log      *bytes.Buffer
	endpoint string // ws://
	pairs    []keys.Pair
	implicit extrinsic.Implicit
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	folder := t.TempDir()
	n := &network{t: t, log: &bytes.Buffer{}}
	for i := range attackers + 1 {
		var seed [32]byte
		binary.LittleEndian.PutUint64(seed[:], uint64(i)+1)
		pair, err := keys.NewPair(keys.Sr25519, seed)
		if err != nil {
			t.Fatal(err)
		}
		n.pairs = append(n.pairs, pair)
	}
	binary := filepath.Join(folder, "bitcloak")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/bitcloak/bitcloak/cmd/bitcloak")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the binary: %v\n%s", err, said)
	}
	data := filepath.Join(folder, "node")
	n.start(binary, data, n.writeSpec(folder, data))
	n.join()
	return n
}

// writeSpec is a development network in which the crowd is rich.
func (n *network) writeSpec(folder, data string) string {
	n.t.Helper()
	validator, err := node.ValidatorPublicKey(data)
	if err != nil {
		n.t.Fatal(err)
	}
	spec := chainspec.NewDevelopment(validator, time.Now())
	for _, pair := range n.pairs {
		spec.Genesis.Balances.Balances = append(spec.Genesis.Balances.Balances,
			balances.Endowment{Account: frame.Address(pair.AccountID()), Free: scale.U128From(1_000_000_000_000_000_000)})
	}
	text, err := spec.JSON()
	if err != nil {
		n.t.Fatal(err)
	}
	name := filepath.Join(folder, "spec.json")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		n.t.Fatal(err)
	}
	return name
}

var printedEndpoint = regexp.MustCompile(`ws://[0-9.:]+`)

func (n *network) start(binary, data, spec string) {
	n.t.Helper()
	n.process = exec.Command(binary, "node", "--chain-spec", spec, "--data", data, "--rpc", "127.0.0.1:0", "--log-level", "WARN")
	n.process.Stderr = n.log
	out, err := n.process.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.process.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() {
		_ = n.process.Process.Signal(syscall.SIGTERM)
		gaveUp := time.AfterFunc(20*time.Second, func() {
			n.t.Error("the node does not end by itself")
			_ = n.process.Process.Kill()
		})
		_ = n.process.Wait()
		gaveUp.Stop()
		if n.t.Failed() {
			n.t.Logf("the node's log:\n%s", n.log)
		}
	})
	lines := bufio.NewScanner(out)
	for n.endpoint == "" && lines.Scan() {
		n.endpoint = printedEndpoint.FindString(lines.Text())
	}
	if n.endpoint == "" {
		n.t.Fatalf("the node did not start\n%s", n.log)
	}
	go func() {
		for lines.Scan() {
		}
	}()
}

// join learns what signatures name.
func (n *network) join() {
	n.t.Helper()
	client := n.dial()
	var version struct{ SpecVersion, TransactionVersion uint32 }
	var genesis scale.Hash
	n.call(client, "state_getRuntimeVersion", nil, &version)
	n.call(client, "chain_getBlockHash", []any{0}, &genesis)
	n.implicit = extrinsic.Implicit{SpecVersion: version.SpecVersion, TransactionVersion: version.TransactionVersion,
		Genesis: genesis, Mortality: genesis}
}

func (n *network) dial() *rpc.Client {
	n.t.Helper()
	client, err := rpc.Dial(n.t.Context(), n.endpoint, rpc.Options{})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = client.Close() })
	return client
}

func (n *network) call(client *rpc.Client, method string, params []any, result any) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), 30*time.Second)
	defer cancel()
	if err := client.Call(ctx, method, params, result); err != nil {
		n.t.Fatalf("%s: %v", method, err)
	}
}

// transfer is a signed transfer of an account of the crowd.
func (n *network) transfer(who int, nonce uint32) scale.HexBytes {
	call := wire.CallTransferAllowDeath(scale.AccountID{7}, scale.U128From(1_000_000_000_000))
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, n.implicit, extrinsic.SignerOf(n.pairs[who]))
	if err != nil {
		panic(err)
	}
	return signed
}

// status reads a figure of the process, in bytes: VmHWM is the most memory it ever had.
func (n *network) status(name string) int64 {
	n.t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(n.process.Process.Pid) + "/status")
	if err != nil {
		n.t.Skipf("the memory of a process cannot be read here: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == name+":" {
			kibibytes, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				n.t.Fatal(err)
			}
			return kibibytes << 10
		}
	}
	n.t.Fatalf("no %s in the process's status", name)
	return 0
}
