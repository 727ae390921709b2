// Package bitcloak_test holds the project to its own layout and style: which folder may import which, what deterministic code
// must not touch, and how large files and functions may grow. A bound here may be tightened, never widened.
package bitcloak_test

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

const modulePath = "github.com/bitcloak/bitcloak/"

// source is one non-test package of the module with its syntax and types.
type source struct {
	folder string // relative to the module, such as "runtime/balances"
	pkg    *packages.Package
}

// sources loads every package of the module once for all tests of this file.
var sources = sync.OnceValues(func() ([]source, error) {
	config := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedImports,
		Fset: token.NewFileSet(),
	}
	loaded, err := packages.Load(config, "./...")
	if err != nil {
		return nil, err
	}
	var out []source
	for _, pkg := range loaded {
		folder := strings.TrimPrefix(pkg.PkgPath, modulePath)
		if folder == pkg.PkgPath || len(pkg.GoFiles) == 0 {
			continue
		}
		out = append(out, source{folder: folder, pkg: pkg})
	}
	return out, nil
})

func loadSources(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatalf("load the module's packages: %v", err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages were found: the tidy tests would pass without looking", len(all))
	}
	return all
}

// inside reports whether folder is parent itself or below it.
func inside(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}

func insideAny(folder string, parents []string) bool {
	for _, parent := range parents {
		if inside(folder, parent) {
			return true
		}
	}
	return false
}

// eachFile calls visit for every non-test file, with the file's path relative to the module.
func eachFile(all []source, visit func(s source, file *ast.File, name string)) {
	for _, s := range all {
		for _, file := range s.pkg.Syntax {
			path := s.pkg.Fset.Position(file.Package).Filename
			visit(s, file, s.folder+"/"+filepath.Base(path))
		}
	}
}
