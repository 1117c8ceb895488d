// Package main_test holds the documentation to the code.
package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record/schema"
)

const examples = "../../docs/examples"

// TestExamples loads every example as the program would, compiles its field
// maps against what a standard account of each vendor holds, and runs the tests
// of the maps.
func TestExamples(t *testing.T) {
	folders, err := os.ReadDir(examples)
	if err != nil {
		t.Fatal(err)
	}
	var types []config.Type
	for _, f := range all.Registry() {
		types = append(types, config.Type{Name: f.Type, Role: f.Role, Own: f.Config})
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			dir := filepath.Join(examples, folder.Name())
			cfg, problems := config.Load(dir, os.DirFS(dir), types...)
			tests := 0
			for _, k := range cfg.Connectors {
				factory, ok := all.Registry().Lookup(k.Type)
				if !ok {
					continue // config.Load has said so
				}
				for _, o := range k.Objects {
					n, more := compile(cfg, k, o, factory.Catalog())
					tests += n
					problems.Add(more...)
				}
			}
			for _, p := range problems {
				t.Error(p.Pos, p.Summary, p.Hint)
			}
			if tests == 0 {
				t.Error("no field map of the example has a test")
			}
		})
	}
}

// compile compiles an object's map and expressions, and runs its tests.
func compile(cfg *config.Config, k *config.Connector, o config.Object, catalog schema.Catalog) (int, diag.List) {
	remote, ok := catalog.Object(o.Name)
	if !ok {
		return 0, diag.List{o.Node.Errorf("%s has no object %q", k.Type, o.Name)}
	}
	canonical, _ := cfg.Canonical().Object(string(o.As))
	m, problems := mapping.Compile(o.Fields, canonical, remote, mapping.Options{Create: o.Create.Allowed, Picklists: o.Picklists})
	if problems.HasErrors() {
		return 0, problems
	}
	if !o.Filter.IsZero() {
		_, more := mapping.CompileFilter(o.Filter, remote)
		problems.Add(more...)
	}
	if !o.Create.When.IsZero() {
		_, more := mapping.CompileFilter(o.Create.When, canonical)
		problems.Add(more...)
	}
	results, more := mapping.RunTests(o.Tests, m)
	problems.Add(more...)
	return len(results), problems
}
