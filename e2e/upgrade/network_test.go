package upgrade

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/wire"
)

const validators = 4

// writeNetwork writes a network of validators and gives the arguments that run each.
func writeNetwork(t *testing.T) (args [validators][]string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "net")
	command := exec.CommandContext(t.Context(), older, "testnet", "--validators", fmt.Sprint(validators), "--workers", "0", "--output", folder)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("testnet: %v\n%s", err, said)
	}
	var peers []string
	for i := range args {
		file := filepath.Join(folder, fmt.Sprint("validator-", i), "node.json")
		id, err := node.PeerID(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		address := freePort(t)
		change(t, file, map[string]any{"rpc": "127.0.0.1:0", "p2p": address, "metrics": "", "peers": append([]string{}, peers...)})
		peers = append(peers, id+"@"+address)
		args[i] = []string{"node", "--config", file}
	}
	return args
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// change sets fields of a JSON file.
func change(t *testing.T, name string, fields map[string]any) {
	t.Helper()
	text, err := os.ReadFile(name)
	all := map[string]any{}
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	for field, value := range fields {
		all[field] = value
	}
	if err == nil {
		text, err = json.Marshal(all)
	}
	if err == nil {
		err = os.WriteFile(name, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestUpgradeOfANetwork: all validators stop at the block and go on with the new binary. One was away with the old one
// meanwhile: catching up, it makes the blocks that are its own, stops as the others did, and joins with the new.
func TestUpgradeOfANetwork(t *testing.T) {
	args := writeNetwork(t)
	var nodes [validators]*program
	var clients [validators]*rpc.Client
	for i := range nodes {
		nodes[i], clients[i] = run(t, older, args[i])
	}
	a := newAlice(t, clients[0], oldSpec)
	number := a.head() + 28
	a.submit(wire.CallPropose(scheduleCall(newSpec, number)))
	time.Sleep(1500 * time.Millisecond) // the delay is a second
	a.submit(wire.CallExecute(0))
	if a.systemItem("ScheduledUpgrade") == nil {
		t.Fatal("the upgrade is not scheduled")
	}
	for i := 0; a.head()+5 < number; i++ {
		a.submit(remarkCall(fmt.Sprint("before ", i)))
	}
	late := validators - 1
	nodes[late].stop()
	for i := range late {
		wantCleanStop(t, nodes[i].failed(), number)
	}

	for i := range late {
		nodes[i], clients[i] = run(t, newer, args[i])
	}
	a = newAlice(t, clients[0], newSpec)
	a.until("the new runtime makes blocks", func() bool { return a.head() > number+3 })
	if a.systemItem("RehearsedFrom", a.hash(number)) == nil {
		t.Error("the migration did not run")
	}

	behind, output := start(t, older, args[late])
	go drain(output)
	wantCleanStop(t, behind.failed(), number)
	nodes[late], clients[late] = run(t, newer, args[late])
	joined := newAlice(t, clients[late], newSpec)
	joined.until("the late node is there", func() bool { return joined.head() > number+3 })
	if a.hash(number) != joined.hash(number) {
		t.Error("the late node has another chain")
	}
	for _, n := range nodes {
		n.stop()
	}
}
