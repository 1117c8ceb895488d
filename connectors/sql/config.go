// Package sql reads and writes the tables of a database: PostgreSQL, MySQL or
// MariaDB, or SQLite. What changed is found by the column that holds the time
// of the last change.
package sql

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/record"
)

// Config is the part of connectors/<name>.yaml that is the sql connector's own.
type Config struct {
	Driver      string           `yaml:"driver,required" oneof:"postgres mysql sqlite" doc:"Which database it is; mysql is MariaDB too."`
	DSN         secret.Secret    `yaml:"dsn" doc:"Address with user and password, as in postgres://user:password@host:5432/database?sslmode=verify-full or mysql://user:password@host:3306/database?tls=true."`
	File        string           `yaml:"file" doc:"For SQLite: the file."`
	Plaintext   bool             `yaml:"plaintext" doc:"Allow a connection that is not encrypted to another machine."`
	Zone        string           `yaml:"zone" doc:"IANA time zone of columns whose times name none; UTC unless set."`
	Timeout     time.Duration    `yaml:"timeout" doc:"Longest time for one call, 1s to 10m; 30s unless set."`
	Connections int              `yaml:"connections" doc:"Connections at a time, 1 to 32; 4 unless set."`
	PageSize    int              `yaml:"page_size" doc:"Rows a page, 1 to 10000; 1000 unless set."`
	Tables      map[string]Table `yaml:"tables,required" doc:"One entry for each object, by its name."`
}

// Table says where the rows of one object are and what their columns mean.
type Table struct {
	Table    string        `yaml:"table" doc:"Name of the table or view, with its schema if need be (sales.people); the object's name unless set."`
	Query    string        `yaml:"query" doc:"A SELECT in place of a table. Its rows are read only."`
	As       string        `yaml:"as" doc:"The canonical object the rows usually are."`
	ID       string        `yaml:"id,required" doc:"The column that identifies a row; it must be unique."`
	Modified []string      `yaml:"modified" doc:"The column with the time of the last change. Of several, the first that is not null counts. Without one the whole table is read each time."`
	Created  string        `yaml:"created" doc:"The column with the time of creation."`
	Overlap  time.Duration `yaml:"overlap" doc:"How late a change may become visible: the longest transaction, and how far the clocks of those who write differ. 1m unless set."`
	Deleted  string        `yaml:"deleted" doc:"The column that marks a row as removed: true or not 0, or the time of the removal."`
	Write    bool          `yaml:"write" doc:"Tandem may create and change rows, and remove them where deleted is set."`
	Touch    bool          `yaml:"touch" doc:"Tandem sets the time of the last change itself, for a table without a trigger that does so."`
	Columns  []Column      `yaml:"columns" doc:"Columns that mean more than their type says."`
}

// Column says what a column holds.
type Column struct {
	Name     string   `yaml:"name,required"`
	Kind     string   `yaml:"kind" doc:"Type of the values; by the column's type unless set."`
	Format   string   `yaml:"format" doc:"How times, dates and numbers are written where the column's type does not say: iso, unix, unix_ms or a pattern such as dd.mm.yyyy hh:mm; 1.234,56 for numbers in a text."`
	Currency string   `yaml:"currency" doc:"ISO 4217 code of amounts, which are in whole units (12.34)."`
	Zone     string   `yaml:"zone" doc:"Zone of this column's times."`
	Empty    []string `yaml:"empty" doc:"Texts that mean no value, besides nothing at all."`
	RefersTo string   `yaml:"refers_to" doc:"For a reference: the object its ids belong to."`
	Unique   bool     `yaml:"unique" doc:"No two rows hold the same value, though no index says so: the column may be looked up."`
	ReadOnly bool     `yaml:"read_only" doc:"Never written."`
}

const (
	driverPostgres = "postgres"
	driverMySQL    = "mysql"
	driverSQLite   = "sqlite"

	defaultPage    = 1000
	defaultOverlap = time.Minute
)

func decode(node diag.Node) (Config, diag.List) {
	cfg := Config{Timeout: 30 * time.Second, Connections: 4, PageSize: defaultPage}
	problems := diag.Decode(node, &cfg)
	if problems.HasErrors() {
		return cfg, problems
	}
	cfg.checkBounds(&problems, node)
	checkZone(&problems, node.At("zone"), cfg.Zone)
	if len(cfg.Tables) == 0 {
		problems.Errorf(node.At("tables"), "there is no table")
	}
	for name, t := range cfg.Tables {
		if t.Overlap == 0 {
			t.Overlap = defaultOverlap
		}
		if t.Table == "" && t.Query == "" {
			t.Table = name
		}
		cfg.Tables[name] = t
		problems.Add(t.check(node.At("tables").At(name), cfg)...)
	}
	return cfg, problems.Sorted()
}

func (c Config) checkBounds(problems *diag.List, node diag.Node) {
	for key, in := range map[string]bool{
		"timeout": c.Timeout >= time.Second && c.Timeout <= 10*time.Minute, "connections": c.Connections >= 1 && c.Connections <= 32,
		"page_size": c.PageSize >= 1 && c.PageSize <= 10_000,
	} {
		if !in {
			problems.Errorf(node.At(key), "%s is out of its bounds", key)
		}
	}
	if c.Driver == driverSQLite && (c.File == "" || !c.DSN.IsZero()) {
		problems.Errorf(node, "SQLite needs file, and no dsn")
	}
	if c.Driver != driverSQLite && (c.File != "" || c.DSN.IsZero()) {
		problems.Errorf(node, "%s needs dsn, and no file", c.Driver)
	}
}

func checkZone(problems *diag.List, at diag.Node, zone string) {
	if _, err := time.LoadLocation(zone); err != nil || strings.EqualFold(zone, "local") {
		problems.Add(at.Errorf("%q is not a time zone", zone).WithHint("write an IANA name such as Europe/Berlin"))
	}
}

// aSelect begins as a query does. What it does besides is held back by the
// transaction, which only reads.
var aSelect = regexp.MustCompile(`(?is)^\s*(select|with)\b`)

func (t Table) check(at diag.Node, cfg Config) (problems diag.List) {
	if t.As != "" && !record.Object(t.As).Valid() {
		problems.Add(at.At("as").Errorf("there is no canonical object %q", t.As).WithNearest(t.As, objectNames()))
	}
	if t.Query != "" && (t.Table != "" || t.Write || t.Touch) {
		problems.Errorf(at.At("query"), "a query is read only and stands in place of a table")
	}
	if t.Query != "" && (!aSelect.MatchString(t.Query) || strings.Contains(t.Query, ";")) {
		problems.Errorf(at.At("query"), "write one SELECT, without a semicolon")
	}
	if t.Overlap < time.Second || t.Overlap > 24*time.Hour {
		problems.Errorf(at.At("overlap"), "the overlap must be from 1s to 24h")
	}
	if t.Touch && (!t.Write || len(t.Modified) != 1) {
		problems.Errorf(at.At("touch"), "only a table that is written, with one column for the time of the change, can be touched")
	}
	return append(problems, t.checkColumns(at, cfg)...)
}

func (t Table) checkColumns(at diag.Node, cfg Config) (problems diag.List) {
	seen := map[string]bool{}
	items := at.At("columns").Items()
	for i, c := range t.Columns {
		here := at
		if i < len(items) {
			here = items[i]
		}
		if seen[c.Name] {
			problems.Errorf(here.At("name"), "the column %q is listed twice", c.Name)
		}
		seen[c.Name] = true
		problems.Add(c.check(here, cfg)...)
	}
	return problems
}

func (c Column) check(at diag.Node, cfg Config) (problems diag.List) {
	checkZone(&problems, at.At("zone"), c.Zone)
	if _, known := record.ParseKind(c.Kind); c.Kind != "" && !known {
		problems.Add(at.At("kind").Errorf("there is no kind %q", c.Kind).WithNearest(c.Kind, record.KindNames()))
		return problems
	}
	// Without a kind it is the database's type that a format must fit.
	if _, err := newColumn(found{name: c.Name}, c, cfg.Zone); err != nil && c.Kind != "" {
		problems.Errorf(at, "%v", err)
	}
	if _, ok := cfg.Tables[c.RefersTo]; c.RefersTo != "" && !ok {
		problems.Add(at.At("refers_to").Errorf("there is no object %q", c.RefersTo).WithNearest(c.RefersTo, cfg.names()))
	}
	return problems
}

func (c Config) names() []string {
	names := make([]string, 0, len(c.Tables))
	for name := range c.Tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func objectNames() []string {
	var names []string
	for _, o := range record.Objects() {
		names = append(names, string(o))
	}
	return names
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
