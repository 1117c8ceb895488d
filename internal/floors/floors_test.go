// Package floors_test keeps the structure of the code as docs/architecture.md
// describes it: which package may import which, and how large things grow.
package floors_test

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/tandem-sync/tandem"
	root   = "../.."
)

// row is a line of the floor table.
type row struct {
	floor   int
	pattern []string // folder names, * for any
	beside  []string
}

// room is the row that governs a package and the folder it matched.
type room struct {
	row
	folder string
}

func TestImportsGoDown(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := parseTable(string(page))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sources(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, f), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			imported, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			if !ours {
				continue
			}
			if why := judge(table, f, imported); why != "" {
				t.Errorf("%s imports %s: %s", f, imported, why)
			}
		}
		if _, found := roomOf(table, path.Dir(f)); !found {
			t.Errorf("%s: the folder has no floor; give it a row in docs/architecture.md", f)
		}
	}
}

// sources lists the module's Go files by path from the root.
func sources(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || ownModule(p)) {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(p, ".go") {
			rel, err := filepath.Rel(root, p)
			out = append(out, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no sources found: %v", err)
	}
	return out
}

func ownModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// parseTable reads the rows between the floor marks of the page.
func parseTable(page string) ([]row, error) {
	_, rest, begun := strings.Cut(page, "<!-- floors:begin -->")
	body, _, ended := strings.Cut(rest, "<!-- floors:end -->")
	if !begun || !ended {
		return nil, errors.New("the page has no floor table between floors:begin and floors:end")
	}
	var rows []row
	for line := range strings.Lines(body) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 {
			continue
		}
		floor, err := strconv.Atoi(strings.TrimSpace(cells[0]))
		if err != nil {
			continue // head and rule of the table
		}
		rows = append(rows, row{
			floor:   floor,
			pattern: strings.Split(strings.Trim(strings.TrimSpace(cells[1]), "`"), "/"),
			beside:  strings.FieldsFunc(cells[3], func(r rune) bool { return strings.ContainsRune("`, ", r) }),
		})
	}
	if len(rows) == 0 {
		return nil, errors.New("the floor table has no rows")
	}
	return rows, nil
}

// roomOf finds the row for a package: the one that names most of its folders,
// a name before a *.
func roomOf(table []row, pkg string) (room, bool) {
	folders := strings.Split(pkg, "/")
	best, bestScore := room{}, -1
	for _, r := range table {
		if score := match(r.pattern, folders); score > bestScore {
			best, bestScore = room{row: r, folder: strings.Join(folders[:len(r.pattern)], "/")}, score
		}
	}
	return best, bestScore >= 0
}

func match(pattern, folders []string) int {
	if len(pattern) > len(folders) {
		return -1
	}
	score := 0
	for i, p := range pattern {
		if ok, err := path.Match(p, folders[i]); err != nil || !ok {
			return -1
		}
		score += 10
		if !strings.Contains(p, "*") {
			score++
		}
	}
	return score
}

// judge returns why a file may not import a package, or "".
func judge(table []row, file, imported string) string {
	pkg, test := path.Dir(file), strings.HasSuffix(file, "_test.go")
	from, known := roomOf(table, pkg)
	to, toKnown := roomOf(table, imported)
	switch {
	case !known || !toKnown:
		return "one of them has no floor"
	case pkg == imported:
		return ""
	case test:
		return judgeTest(from, to)
	case isSim(to.folder) && from.floor < 5 && from.folder != to.folder:
		return "a twin is for tests and floor 5"
	case isSim(from.folder) && imported != "connectors/simkit" && from.folder != to.folder:
		return "a twin imports connectors/simkit only"
	case to.floor < from.floor || slices.Contains(from.beside, imported):
		return ""
	case to.floor > from.floor:
		return fmt.Sprintf("floor %d reaches up to floor %d", from.floor, to.floor)
	case from.folder == to.folder || within(pkg, imported) || within(imported, pkg):
		return ""
	default:
		return fmt.Sprintf("both are on floor %d", from.floor)
	}
}

func judgeTest(from, to room) string {
	switch {
	case to.floor < 6, to.floor <= from.floor:
		return ""
	case to.floor == 6 && from.folder == "internal/harness":
		return ""
	default:
		return "tests may import the floors below 6, and their own"
	}
}

func within(folder, above string) bool { return strings.HasPrefix(folder, above+"/") }

func isSim(folder string) bool {
	return strings.HasSuffix(folder, "sim") && strings.Count(folder, "/") == 2
}

func TestJudge(t *testing.T) {
	table, err := parseTable(`
<!-- floors:begin -->
| Floor | Package | What | Beside it |
|---|---|---|---|
| 6 | ` + "`internal/app`" + ` | x | |
| 5 | ` + "`internal/sandbox`" + ` | x | |
| 5 | ` + "`internal/harness`" + ` | x | |
| 3 | ` + "`syncer`" + ` | x | |
| 2 | ` + "`connectors/*`" + ` | x | |
| 2 | ` + "`connectors/*/*sim`" + ` | x | |
| 1 | ` + "`connectors`" + ` | x | |
| 1 | ` + "`connectors/simkit`" + ` | x | |
| 1 | ` + "`mapping`" + ` | x | |
| 0 | ` + "`record`" + ` | x | |
| 0 | ` + "`config/diag`" + ` | x | |
| 0 | ` + "`config/secret`" + ` | x | ` + "`config/diag`" + ` |
<!-- floors:end -->`)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		file, imported string
		allowed        bool
	}{
		{"connectors/hubspot/a.go", "connectors", true},
		{"connectors/hubspot/a.go", "connectors/hubspot/wire", true},
		{"connectors/hubspot/a.go", "connectors/salesforce", false},
		{"connectors/hubspot/a.go", "connectors/hubspot/hubspotsim", false},
		{"connectors/hubspot/a_test.go", "connectors/hubspot/hubspotsim", true},
		{"connectors/hubspot/hubspotsim/a.go", "connectors/simkit", true},
		{"connectors/hubspot/hubspotsim/a.go", "connectors/hubspot/hubspotsim/query", true},
		{"connectors/hubspot/hubspotsim/a.go", "connectors/hubspot", false},
		{"connectors/hubspot/hubspotsim/a.go", "record", false},
		{"internal/sandbox/a.go", "connectors/hubspot/hubspotsim", true},
		{"connectors/registry.go", "connectors/hubspot", false},
		{"mapping/a.go", "connectors", false},
		{"mapping/a.go", "mapping/expression", true},
		{"mapping/expression/a.go", "mapping/normal", true},
		{"record/a.go", "mapping", false},
		{"config/secret/a.go", "config/diag", true},
		{"config/diag/a.go", "config/secret", false},
		{"syncer/a.go", "nowhere", false},
		{"syncer/a_test.go", "internal/sandbox", true},
		{"syncer/a_test.go", "internal/app", false},
		{"internal/harness/a_test.go", "internal/app", true},
		{"internal/harness/a.go", "internal/app", false},
		{"internal/app/a_test.go", "internal/app", true},
	}
	for _, tt := range tests {
		if why := judge(table, tt.file, tt.imported); (why == "") != tt.allowed {
			t.Errorf("%s imports %s: allowed %v (%s), want %v", tt.file, tt.imported, why == "", why, tt.allowed)
		}
	}
	if _, err := parseTable("no table"); err == nil {
		t.Error("a page without a table was accepted")
	}
}
