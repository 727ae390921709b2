package bitcloak_test

import (
	"strconv"
	"strings"
	"testing"
)

// importRule says what a folder may import: other folders of the module, and modules from outside. The standard library
// is always allowed here; the determinism test takes parts of it away again.
type importRule struct {
	folder  string
	module  []string // folders of this module
	outside []string // prefixes of import paths from other modules
}

const (
	anyFolder = "*"
	anyModule = "*"
)

var crypto = []string{"golang.org/x/crypto", "github.com/oasisprotocol/curve25519-voi"}

// importRules is the table of the layout, most specific folder first. A folder that is not listed is an error.
var importRules = []importRule{
	{"substrate/rpc", []string{"substrate"}, []string{"github.com/coder/websocket"}},
	{"substrate", []string{"substrate"}, append([]string{
		"github.com/cespare/xxhash", "github.com/mr-tron/base58", "github.com/tyler-smith/go-bip39"}, crypto...)},
	{"wire/seal", []string{"wire", "substrate"}, crypto},
	{"wire", []string{"wire", "substrate"}, nil},
	{"runtime", []string{"runtime", "substrate", "wire"}, nil},
	{"node", []string{"node", "runtime", "substrate", "wire"}, []string{
		"github.com/cometbft/cometbft", "github.com/cockroachdb/pebble", "github.com/coder/websocket",
		"github.com/prometheus/client_golang", "golang.org/x/sync", "golang.org/x/time", "golang.org/x/net"}},
	{"light", []string{"light", "substrate", "wire"}, []string{"github.com/cometbft/cometbft"}},
	{"engine", []string{"engine"}, nil},
	{"contract", []string{"engine", "wire", "substrate"}, nil},
	{"attest", []string{"attest"}, nil},
	{"clients", nil, []string{"golang.org/x/time"}}, // limits of any HTTP server's clients
	{"worker", []string{"worker", "clients", "contract", "wire", "light", "attest", "substrate"}, append([]string{
		"github.com/coder/websocket", "github.com/prometheus/client_golang", "golang.org/x/sync", "golang.org/x/time"}, crypto...)},
	// A relay follows the chain and reads its events as a wallet does: through the wallet's package for that.
	{"relay", []string{"relay", "clients", "wallet/chain", "wire", "light", "substrate"}, []string{"github.com/prometheus/client_golang", "golang.org/x/time"}},
	{"wallet", []string{"wallet", "wire", "light", "substrate"}, append([]string{"github.com/coder/websocket"}, crypto...)},
	{"sim/auditor", []string{"sim/auditor"}, []string{"golang.org/x/crypto"}}, // counts without the code that it audits
	{"sim", []string{anyFolder}, []string{anyModule}},
	{"cmd/bitcloak", []string{anyFolder}, []string{anyModule}},
	{"e2e", []string{anyFolder}, []string{anyModule}},
}

func ruleFor(folder string) (importRule, bool) {
	for _, rule := range importRules {
		if inside(folder, rule.folder) {
			return rule, true
		}
	}
	return importRule{}, false
}

// allows reports whether the rule lets its folder import the path.
func (r importRule) allows(path string) bool {
	if folder, ok := strings.CutPrefix(path, modulePath); ok {
		if inside(folder, "cmd") || inside(folder, "sim") && !inside(r.folder, "sim") {
			return false
		}
		return r.module[0] == anyFolder || insideAny(folder, r.module)
	}
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	for _, prefix := range r.outside {
		if prefix == anyModule || path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

func TestImportsFollowTheLayout(t *testing.T) {
	for _, s := range loadSources(t) {
		rule, ok := ruleFor(s.folder)
		if !ok {
			t.Errorf("%s: no import rule names this folder; give it one in tidy_imports_test.go", s.folder)
			continue
		}
		for _, file := range s.pkg.Syntax {
			for _, spec := range file.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if !rule.allows(path) {
					t.Errorf("%s: must not import %s", s.pkg.Fset.Position(spec.Pos()), path)
				}
			}
		}
	}
}

// TestImportRulesRefuse shows that the table can say no: a rule that allows everything would pass the test above.
func TestImportRulesRefuse(t *testing.T) {
	refused := map[string]string{
		"runtime":           modulePath + "engine",
		"runtime/balances":  modulePath + "worker",
		"runtime/native":    "github.com/cockroachdb/pebble/v2",
		"worker":            modulePath + "runtime/host",
		"engine":            modulePath + "wire",
		"contract":          modulePath + "worker",
		"substrate/scale":   modulePath + "wire",
		"wire":              "golang.org/x/crypto/blake2b",
		"light":             "github.com/cockroachdb/pebble/v2",
		"wallet":            modulePath + "runtime",
		"attest":            "github.com/spf13/cobra",
		"cmd/bitcloak":      modulePath + "sim",
		"e2e":               modulePath + "sim/auditor",
		"sim":               modulePath + "cmd/bitcloak",
		"sim/auditor":       modulePath + "substrate/scale",
		"substrate/hashing": "github.com/coder/websocket",
	}
	for folder, path := range refused {
		rule, ok := ruleFor(folder)
		if !ok {
			t.Errorf("%s has no rule", folder)
		} else if rule.allows(path) {
			t.Errorf("%s may import %s, which the layout forbids", folder, path)
		}
	}
}
