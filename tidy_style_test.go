package bitcloak_test

import (
	"bufio"
	"go/ast"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Bounds that ratchet: they may fall, never rise.
const (
	maximumFileLines     = 500
	maximumFunctionLines = 90
	maximumDepth         = 3
)

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	eachFile(loadSources(t), func(s source, file *ast.File, name string) {
		lines := s.pkg.Fset.Position(file.End()).Line
		if lines > maximumFileLines {
			t.Errorf("%s has %d lines, more than %d: split it", name, lines, maximumFileLines)
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			first, last := s.pkg.Fset.Position(function.Pos()).Line, s.pkg.Fset.Position(function.End()).Line
			if last-first+1 > maximumFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", name, function.Name.Name, last-first+1, maximumFunctionLines)
			}
		}
	})
}

func TestPackagesAreDocumentedAndFlat(t *testing.T) {
	banned := regexp.MustCompile(`(^|/)(utils?|common|helpers?|types|misc)(/|$)`)
	for _, s := range loadSources(t) {
		documented := false
		for _, file := range s.pkg.Syntax {
			documented = documented || file.Doc != nil
		}
		if !documented {
			t.Errorf("%s has no package comment", s.folder)
		}
		if banned.MatchString(s.folder) {
			t.Errorf("%s: a folder named for nothing in particular", s.folder)
		}
		if strings.Count(s.folder, "/") >= maximumDepth {
			t.Errorf("%s lies deeper than %d folders", s.folder, maximumDepth)
		}
	}
}

// TestMoneyIsNeverAnInt looks at the names that carry money: they must be exact, sized integers.
func TestMoneyIsNeverAnInt(t *testing.T) {
	money := regexp.MustCompile(`(?i)(amount|balance|price|quantity|issuance|fee|payout)$`)
	eachFile(loadSources(t), func(s source, file *ast.File, name string) {
		ast.Inspect(file, func(node ast.Node) bool {
			field, ok := node.(*ast.Field)
			if !ok {
				return true
			}
			kind, ok := field.Type.(*ast.Ident)
			if !ok || (kind.Name != "int" && kind.Name != "float64" && kind.Name != "float32") {
				return true
			}
			for _, identifier := range field.Names {
				if money.MatchString(identifier.Name) {
					t.Errorf("%s: %s is a %s", s.pkg.Fset.Position(field.Pos()), identifier.Name, kind.Name)
				}
			}
			return true
		})
	})
}

// trackedFiles lists what belongs to the project: what git tracks or would track.
func trackedFiles(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("git does not list the files (%v): run the tests in a git checkout to check every file's text", err)
	}
	return strings.Fields(string(out))
}

func TestTextsHoldNoLeftovers(t *testing.T) {
	leftovers := regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b|panic\("(todo|not implemented|unimplemented)`)
	for _, name := range trackedFiles(t) {
		if strings.HasPrefix(name, "tidy_") || !regexp.MustCompile(`\.(go|mjs|js|ts|sh|md|yml|yaml|json)$|Makefile$`).MatchString(name) ||
			strings.HasSuffix(name, "package-lock.json") || strings.Contains(name, "/testdata/") {
			continue
		}
		file, err := os.Open(name)
		if os.IsNotExist(err) {
			continue // deleted, not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(file)
		scanner.Buffer(nil, 16<<20)
		for line := 1; scanner.Scan(); line++ {
			if found := leftovers.FindString(scanner.Text()); found != "" {
				t.Errorf("%s:%d holds %q: do it, or file it and say its number", name, line, found)
			}
		}
		if err := scanner.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		file.Close()
	}
}
