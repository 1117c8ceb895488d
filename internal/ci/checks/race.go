package checks

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// RacePackages writes the folders of the module, one a line as go test takes
// them, whose code outside tests starts a goroutine or imports a package for
// sharing between goroutines, and that have tests. Folders that are modules of
// their own are left out.
func RacePackages(module fs.FS, out io.Writer) error {
	concurrent, tested := map[string]bool{}, map[string]bool{}
	err := fs.WalkDir(module, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && skipFolder(module, p):
			return fs.SkipDir
		case strings.HasSuffix(p, "_test.go"):
			tested[path.Dir(p)] = true
			return nil
		case d.IsDir() || !strings.HasSuffix(p, ".go") || concurrent[path.Dir(p)]:
			return nil
		}
		concurrent[path.Dir(p)], err = usesGoroutines(module, p)
		return err
	})
	if err != nil {
		return err
	}
	var found []string
	for folder, uses := range concurrent {
		if uses && tested[folder] {
			found = append(found, "./"+folder)
		}
	}
	slices.Sort(found)
	_, err = fmt.Fprintln(out, strings.Join(found, "\n"))
	return err
}

func skipFolder(module fs.FS, folder string) bool {
	name := path.Base(folder)
	_, err := fs.Stat(module, path.Join(folder, "go.mod"))
	return name == "testdata" || strings.HasPrefix(name, ".") || !errors.Is(err, fs.ErrNotExist)
}

func usesGoroutines(module fs.FS, name string) (bool, error) {
	src, err := fs.ReadFile(module, name)
	if err != nil {
		return false, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return false, err
	}
	for _, spec := range file.Imports {
		switch strings.Trim(spec.Path.Value, `"`) {
		case "sync", "sync/atomic", "golang.org/x/sync/errgroup", "golang.org/x/sync/semaphore", "golang.org/x/sync/singleflight":
			return true, nil
		}
	}
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		if _, starts := n.(*ast.GoStmt); starts {
			found = true
		}
		return !found
	})
	return found, nil
}
