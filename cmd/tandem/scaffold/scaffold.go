// Package scaffold makes the folder of a new connector: that of acme, which is
// compiled and tested like everything else, with its name changed.
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

//go:embed acme
var files embed.FS

// here is the folder as acme's own files import it.
const here = "github.com/tandem-sync/tandem/cmd/tandem/scaffold/acme"

var nameRE = regexp.MustCompile(`^[a-z][a-z0-9]{1,29}$`)

// CheckName tells why a name cannot be that of a connector; it becomes the name
// of a Go package, of a folder and of a type in configurations.
func CheckName(name string) error {
	switch {
	case !nameRE.MatchString(name):
		return fmt.Errorf("%q cannot be the name of a connector: write two to thirty small letters and digits, beginning with a letter", name)
	case strings.HasSuffix(name, "sim") || reserved(name):
		return fmt.Errorf("%q cannot be the name of a connector: it means something else in the source tree", name)
	}
	return nil
}

func reserved(name string) bool {
	switch name {
	case "all", "connectors", "connectortest", "fault", "httpapi", "simkit", "tandem", "marketing", "sales", "both", "main", "internal", "vendor",
		"break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto", "if", "import",
		"interface", "map", "package", "range", "return", "select", "struct", "switch", "type", "var":
		return true
	}
	return false
}

// Title is a name as people would write it.
func Title(name string) string {
	letters := []rune(name)
	letters[0] = unicode.ToUpper(letters[0])
	return string(letters)
}

// New is the folder of a connector to be made.
type New struct {
	Name   string // of the type and the package
	Title  string // of the vendor
	Dir    string
	Import string // how Go calls Dir
}

// Write makes the folder, which must not be there, and returns its files.
func (n New) Write() ([]string, error) {
	if entries, err := os.ReadDir(n.Dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s is there already and not empty; choose another name or --dir", n.Dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var written []string
	err := fs.WalkDir(files, "acme", func(from string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, from)
		if err != nil {
			return err
		}
		to := filepath.Join(n.Dir, filepath.FromSlash(n.named(strings.TrimPrefix(from, "acme/"))))
		text := n.named(strings.ReplaceAll(string(content), here, n.Import))
		if path.Ext(from) == ".go" {
			formatted, err := format.Source([]byte(text)) // another name stands elsewhere among the imports
			if err != nil {
				return fmt.Errorf("%s: %w", from, err)
			}
			text = string(formatted)
		}
		written = append(written, to)
		return writeFile(to, text)
	})
	return written, err
}

func (n New) named(text string) string {
	return strings.NewReplacer(n.Import, n.Import, "acme", n.Name, "ACME", strings.ToUpper(n.Name), "Acme", n.Title).Replace(text)
}

func writeFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // source code is for everyone to read
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644) //nolint:gosec // as above
}

var moduleRE = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)"?`)

// Module finds the Go module a folder is or would be in: its path and its own
// folder.
func Module(dir string) (name, root string, err error) {
	root, err = filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	for {
		content, err := os.ReadFile(filepath.Join(root, "go.mod")) //nolint:gosec // a module's file
		if err == nil {
			m := moduleRE.FindSubmatch(content)
			if m == nil {
				return "", "", fmt.Errorf("%s names no module", filepath.Join(root, "go.mod"))
			}
			return string(m[1]), root, nil
		}
		above := filepath.Dir(root)
		if above == root {
			return "", "", fmt.Errorf("there is no go.mod in %s or above it: work in a clone of Tandem, or make a module of your own with `go mod init`", dir)
		}
		root = above
	}
}
