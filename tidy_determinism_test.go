package bitcloak_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"testing"
)

// deterministic folders hold consensus and money code: the same input must give the same bytes on every machine.
var deterministic = []string{"runtime", "engine", "contract", "wire"}

// notDeterministic lies inside those folders and is exempt: wire/seal draws randomness, runtime/native is the native host,
// which may use locks and goroutines around a deterministic result.
var notDeterministic = []string{"wire/seal", "runtime/native"}

// bannedImports brings a clock, chance, the machine or concurrency into deterministic code.
var bannedImports = []string{"time", "math/rand", "math/rand/v2", "crypto/rand", "os", "net", "net/http", "sync", "unsafe", "reflect",
	"runtime", "math/cmplx", "log", "log/slog"}

const orderComment = "order cannot show:"

func TestDeterministicCode(t *testing.T) {
	for _, s := range loadSources(t) {
		if !insideAny(s.folder, deterministic) || insideAny(s.folder, notDeterministic) {
			continue
		}
		for _, file := range s.pkg.Syntax {
			for _, problem := range nondeterminism(s.pkg.Fset, file, s.pkg.TypesInfo) {
				t.Error(problem)
			}
		}
	}
}

// nondeterminism lists what in one file could differ between two machines or two runs.
func nondeterminism(set *token.FileSet, file *ast.File, info *types.Info) []string {
	var problems []string
	report := func(pos token.Pos, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("%s: ", set.Position(pos))+fmt.Sprintf(format, args...))
	}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		for _, banned := range bannedImports {
			if path == banned {
				report(spec.Pos(), "deterministic code must not import %q", path)
			}
		}
	}
	excused := excusedLines(set, file)
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.GoStmt:
			report(n.Pos(), "a goroutine in deterministic code")
		case *ast.SelectStmt:
			report(n.Pos(), "a select in deterministic code")
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				report(n.Pos(), "a floating-point literal in deterministic code")
			}
		case *ast.Ident:
			if n.Name == "float64" || n.Name == "float32" {
				report(n.Pos(), "%s in deterministic code", n.Name)
			}
		case *ast.RangeStmt:
			if rangesOverMap(n, info) && !excused[set.Position(n.Pos()).Line] {
				report(n.Pos(), "ranges over a map: iterate in a defined order, or say why with a comment %q", "// "+orderComment+" ...")
			}
		}
		return true
	})
	return problems
}

func rangesOverMap(n *ast.RangeStmt, info *types.Info) bool {
	kind := info.TypeOf(n.X)
	if kind == nil {
		return false
	}
	_, isMap := kind.Underlying().(*types.Map)
	return isMap
}

// excusedLines gives the lines whose own or preceding comment explains why a map's order cannot show.
func excusedLines(set *token.FileSet, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if strings.Contains(comment.Text, orderComment) {
				line := set.Position(group.End()).Line
				lines[line], lines[line+1] = true, true
			}
		}
	}
	return lines
}

// TestDeterminismCheckSees feeds the check one of each fault.
func TestDeterminismCheckSees(t *testing.T) {
	const faulty = `package x
import ("time"; "math/rand")
var f float64 = 1.5
func g(m map[int]int, c chan int) int64 {
	go func() {}()
	select { case <-c: default: }
	for k := range m { _ = k }
	// order cannot show: the loop only counts.
	for range m { }
	return time.Now().Unix() + int64(rand.Int())
}`
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "x.go", faulty, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}}
	_, _ = config.Check("x", set, []*ast.File{file}, info) // imports stay unresolved: only local types matter here
	problems := nondeterminism(set, file, info)
	for _, want := range []string{`"time"`, `"math/rand"`, "float64", "literal", "goroutine", "select", "ranges over a map"} {
		if !strings.Contains(strings.Join(problems, "\n"), want) {
			t.Errorf("the check did not see %s", want)
		}
	}
	if len(problems) != 7 {
		t.Errorf("%d problems instead of 7:\n%s", len(problems), strings.Join(problems, "\n"))
	}
}
