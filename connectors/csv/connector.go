package csv

import (
	"context"
	_ "embed" // for the page and the example
	"errors"
	"os"
	"path/filepath"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory makes csv connectors.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "csv", Title: "CSV and JSON-lines files", Role: "both", About: about, Example: example,
		Config: Config{}, Catalog: standardCatalog, New: build,
	}
}

// standardCatalog shows what an object of files can do; the columns are the
// files' own.
func standardCatalog() schema.Catalog {
	cfg := Config{PageSize: defaultPage, Files: map[string]File{
		"leads":   {Path: "leads.csv", As: "person", ID: []string{"id"}, Write: true, Complete: true, Columns: []Column{{Name: "email", Kind: "email"}}},
		"exports": {Path: "exports-*.csv", As: "deal", ID: []string{"id"}},
	}}
	return schema.Catalog{System: "csv", Objects: []schema.Object{
		newTable("csv", "leads", cfg).standard(), newTable("csv", "exports", cfg).standard(),
	}}
}

// Connector reads and writes the files of one folder.
type Connector struct {
	name   string
	cfg    Config
	tables map[string]*table
}

var (
	_ connectors.Connector = (*Connector)(nil)
	_ connectors.Finder    = (*Connector)(nil)
	_ connectors.Former    = (*Connector)(nil)
	_ connectors.Writer    = (*Connector)(nil)
)

func build(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decode(node)
	if problems.HasErrors() {
		return nil, problems
	}
	c := &Connector{name: env.Name, cfg: cfg, tables: map[string]*table{}}
	for name := range cfg.Files {
		c.tables[name] = newTable(env.Name, name, cfg)
	}
	return c, problems
}

func (c *Connector) table(object string) (*table, error) {
	t, ok := c.tables[object]
	if !ok {
		return nil, fault.ErrUnsupported(c.name, object, "find the object")
	}
	return t, nil
}

// Check tells whether the folder can be read. The account is the folder.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	if ctx.Err() != nil {
		return connectors.Account{}, &fault.Error{Class: fault.Canceled, System: c.name, Op: "check", Err: ctx.Err()}
	}
	if _, err := os.ReadDir(c.cfg.Folder); err != nil {
		f := &fault.Error{Class: fault.Missing, Scope: fault.ScopeSystem, System: c.name, Op: "open the folder", Err: cause(err)}
		if errors.Is(err, os.ErrPermission) {
			f.Class = fault.Permission
		}
		f.Next = "create the folder, correct `folder`, or give Tandem's user the right to read it"
		return connectors.Account{}, f
	}
	return connectors.Account{ID: filepath.Clean(c.cfg.Folder), Name: filepath.Base(filepath.Clean(c.cfg.Folder)), Zone: c.cfg.Zone}, nil
}

// Describe reads the headers. An object whose files are missing is described
// by the configuration alone, and named as a gap.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	cat := schema.Catalog{System: "csv"}
	for _, name := range c.cfg.names() {
		if ctx.Err() != nil {
			return cat, &fault.Error{Class: fault.Canceled, System: c.name, Op: "describe", Err: ctx.Err()}
		}
		t := c.tables[name]
		o, err := t.describe()
		if fault.Is(err, fault.Missing) {
			o = t.standard()
			cat.Missing = append(cat.Missing, schema.Gap{Object: name, What: "a file that matches " + t.file.Path, Effect: "nothing of this object is read"})
		} else if err != nil {
			return cat, err
		}
		cat.Objects = append(cat.Objects, o)
	}
	return cat, nil
}

// Canonical returns the fields as they read once they are written.
func (c *Connector) Canonical(object string, f record.Fields) record.Fields {
	t, ok := c.tables[object]
	if !ok {
		return f
	}
	out := make(record.Fields, len(f))
	for name, v := range f {
		out[name] = v
		if !v.IsPresent() {
			continue
		}
		col := t.column(name)
		text, err := col.write(v)
		if err != nil {
			continue
		}
		if back, err := col.read(text); err == nil {
			out[name] = back
		}
	}
	return out
}
