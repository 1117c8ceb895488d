package config

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
)

// The files of a configuration.
const (
	settingsFile   = "tandem.yaml"
	smarketingFile = "smarketing.yaml"
	connectorsDir  = "connectors"
	ending         = ".yaml"
)

type loader struct {
	dir      string
	files    fs.FS
	types    []Type
	cfg      *Config
	names    []string // of all connectors, also of those whose file is broken
	problems diag.List
}

// Load reads the configuration in files and returns it with every problem of
// all its files. dir is where files come from; messages begin with it. The
// types, where given, let it check the types of connectors and their own keys,
// and fill in their roles.
//
// The configuration is never nil, so that others can look for further problems
// in it; it is to be used only when the list holds no error.
func Load(dir string, files fs.FS, types ...Type) (*Config, diag.List) {
	l := &loader{dir: dir, files: files, types: types, cfg: Default()}
	l.cfg.Dir = dir
	whole := l.settings()
	l.smarketing()
	l.connectors()
	if whole {
		l.fields()
		catalog := l.cfg.Canonical()
		l.identity(catalog)
		l.policies(catalog)
	}
	for _, k := range l.cfg.Connectors {
		l.adoptions(k)
	}
	l.pairs()
	return l.cfg, l.problems.Sorted()
}

// settings reads tandem.yaml and tells whether it could be parsed.
func (l *loader) settings() bool {
	n, ok := l.parse(settingsFile)
	if !ok {
		return false
	}
	l.cfg.Node = n
	// Policies are laid over the built-in ones object by object, which a map
	// decoded as a whole would replace.
	builtin := l.cfg.Policies
	l.problems.Add(diag.Decode(n.Without("policies"), l.cfg)...)
	l.cfg.Policies = builtin
	policies, _ := n.Get("policies")
	if !policies.IsNull() && !policies.IsMap() {
		l.problems.Errorf(policies, "expected a mapping of objects, found %s", policies.Kind())
	}
	for as, p := range builtin {
		if own, written := policies.Get(string(as)); written && !own.IsNull() {
			l.problems.Add(p.DecodeNode(own)...)
			builtin[as] = p
		}
	}
	l.bounds()
	return true
}

// parse reads one file; ok tells that it is there and can be used.
func (l *loader) parse(name string) (n diag.Node, ok bool) {
	shown := filepath.Join(l.dir, filepath.FromSlash(name))
	content, err := fs.ReadFile(l.files, name)
	if err != nil {
		l.missing(name, shown, err)
		return n, false
	}
	n, problems := diag.Parse(shown, content)
	l.problems.Add(problems...)
	return n, !problems.HasErrors()
}

func (l *loader) missing(name, shown string, err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		hint := "check that it is a regular file that may be read"
		l.problems.Add(diag.Diagnostic{Pos: diag.Pos{File: shown}, Summary: "the file cannot be read", Hint: hint})
		return
	}
	d := diag.Diagnostic{Pos: diag.Pos{File: shown}, Summary: "there is no such file", Hint: "start Tandem with the directory of your configuration, or let tandem init write one"}
	if other := strings.TrimSuffix(name, ending) + ".yml"; l.exists(other) {
		d.Hint = "rename " + path.Base(other) + " to " + path.Base(name)
	}
	l.problems.Add(d)
}

func (l *loader) exists(name string) bool {
	_, err := fs.Stat(l.files, name)
	return err == nil
}

func (l *loader) smarketing() {
	switch {
	case l.exists(smarketingFile):
		l.cfg.Smarketing, _ = l.parse(smarketingFile)
	case l.exists("smarketing.yml"):
		l.missing(smarketingFile, filepath.Join(l.dir, smarketingFile), fs.ErrNotExist)
	}
}

// connectors reads every file of the directory.
func (l *loader) connectors() {
	entries, err := fs.ReadDir(l.files, connectorsDir)
	shown := filepath.Join(l.dir, connectorsDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.problems.Add(diag.Diagnostic{Pos: diag.Pos{File: shown}, Summary: "the directory cannot be read"})
		return
	}
	var files []string
	for _, e := range entries {
		if name, ok := l.named(e, shown); ok {
			files = append(files, name)
		}
	}
	if len(files) == 0 && !l.problems.HasErrors() {
		l.problems.Add(diag.Diagnostic{
			Pos: diag.Pos{File: shown}, Summary: "no connector is configured",
			Hint: "write a file for each system, such as connectors/hubspot.yaml, or let tandem init do so",
		})
	}
	l.names = files
	for _, name := range files {
		if n, ok := l.parse(connectorsDir + "/" + name + ending); ok {
			l.cfg.Connectors = append(l.cfg.Connectors, l.connector(name, n))
		}
	}
	if len(l.cfg.Connectors) > 0 && len(l.cfg.Enabled()) == 0 {
		l.problems.Warnf(l.cfg.Connectors[0].Node.At("enabled"), "no connector is enabled: nothing is synchronised")
	}
}

// named returns the connector's name that a file of the directory stands for.
// Hidden files, other files and what editors leave are passed over.
func (l *loader) named(e fs.DirEntry, shown string) (string, bool) {
	file := e.Name()
	name, isYAML := strings.CutSuffix(file, ending)
	short, isYML := strings.CutSuffix(file, ".yml")
	if e.IsDir() || strings.HasPrefix(file, ".") || !isYAML && !isYML {
		return "", false
	}
	at := diag.Pos{File: filepath.Join(shown, file)}
	switch {
	case isYML:
		l.problems.Add(diag.Diagnostic{Pos: at, Summary: "this file is not read", Hint: "rename it to " + short + ending})
		return "", false
	case !connectorName.MatchString(name):
		l.problems.Add(diag.Diagnostic{Pos: at, Summary: "this cannot be the name of a connector", Hint: "use small letters, digits, - and _ for the name of the file"})
		return "", false
	case slices.Contains(reserved(), name):
		l.problems.Add(diag.Diagnostic{Pos: at, Summary: `"` + name + `" means something else in policies and cannot be the name of a connector`, Hint: "rename the file, for instance after the product it connects"})
		return "", false
	}
	return name, true
}
