package scale

import (
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"testing"
)

// TestImports keeps the package's promise to the runtime's Wasm blob.
func TestImports(t *testing.T) {
	allowed := map[string]bool{`"errors"`: true, `"math/bits"`: true, `"strconv"`: true, `"unicode/utf8"`: true, `"unsafe"`: true}
	packages, err := parser.ParseDir(token.NewFileSet(), ".",
		func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, parser.ImportsOnly)
	if err != nil || len(packages["scale"].Files) < 10 {
		t.Fatalf("sources not found: %v", err)
	}
	for name, file := range packages["scale"].Files {
		for _, i := range file.Imports {
			if !allowed[i.Path.Value] {
				t.Errorf("%s imports %s, which is too much for the Wasm runtime", name, i.Path.Value)
			}
		}
	}
}
