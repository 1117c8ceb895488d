package csv

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
)

// Config is the part of connectors/<name>.yaml that is the csv connector's own.
type Config struct {
	Folder   string          `yaml:"folder,required" doc:"The folder the files are in."`
	Zone     string          `yaml:"zone" doc:"IANA time zone of times that name none; UTC unless set."`
	Encoding string          `yaml:"encoding" oneof:"utf-8 utf-16 utf-16le utf-16be windows-1252 latin1" doc:"Encoding of the files; a byte order mark comes first."`
	State    string          `yaml:"state" doc:"Folder for the lists of ids of complete files; .tandem in the folder unless set."`
	PageSize int             `yaml:"page_size" doc:"Rows a page; 1000 unless set."`
	Files    map[string]File `yaml:"files,required" doc:"One entry for each object, by its name."`
}

// File says how the files of one object are written.
type File struct {
	Path      string   `yaml:"file,required" doc:"Name of the file below the folder, or a pattern such as Deals-*.csv."`
	As        string   `yaml:"as" doc:"The canonical object the rows usually are."`
	Layout    string   `yaml:"layout" oneof:"csv jsonl" doc:"csv, or jsonl: one JSON object a line."`
	Delimiter string   `yaml:"delimiter" doc:"One character between fields; a comma unless set. Write \\t for a tab."`
	Quote     string   `yaml:"quote" doc:"One character around fields; \" unless set."`
	Encoding  string   `yaml:"encoding" oneof:"utf-8 utf-16 utf-16le utf-16be windows-1252 latin1" doc:"Encoding of this object's files."`
	NoHeader  bool     `yaml:"no_header" doc:"The first row is data; the columns are those listed, in their order."`
	ID        []string `yaml:"id,required" doc:"The column, or columns, that together identify a row."`
	Modified  string   `yaml:"modified" doc:"The column with the time of the last change; the file's own time unless set."`
	Created   string   `yaml:"created" doc:"The column with the time of creation."`
	Complete  bool     `yaml:"complete" doc:"The files always hold every record: a row that vanished is gone."`
	Repeated  string   `yaml:"repeated" oneof:"issue keep" doc:"What to do with a second row of the same id: issue parks it, keep reads it under the id with #2, #3 after it."`
	Write     bool     `yaml:"write" doc:"Tandem may create, change and remove rows. Needs a single file and a single id column."`
	Formulas  string   `yaml:"formulas" oneof:"guard keep" doc:"guard puts ' before a text that a spreadsheet would run as a formula; keep writes it as it is."`
	Columns   []Column `yaml:"columns" doc:"Columns that are more than text. Others are read as text."`
}

// Column says what a column holds and how it is written.
type Column struct {
	Name      string   `yaml:"name,required"`
	Kind      string   `yaml:"kind" doc:"Type of the values; string unless set."`
	Format    string   `yaml:"format" doc:"How numbers, dates and times are written: an example such as € 3.500,00 or a pattern such as dd.mm.yyyy hh:mm."`
	Currency  string   `yaml:"currency" doc:"ISO 4217 code of amounts."`
	Zone      string   `yaml:"zone" doc:"Zone of this column's times."`
	Empty     []string `yaml:"empty" doc:"Texts that mean no value, besides nothing at all."`
	RefersTo  string   `yaml:"refers_to" doc:"For a reference: the object its ids belong to."`
	Separator string   `yaml:"separator" doc:"Between the members of a set; ; unless set."`
	True      []string `yaml:"true_words" doc:"Words for true; true, yes and 1 unless set."`
	False     []string `yaml:"false_words" doc:"Words for false; false, no and 0 unless set."`
	Options   []string `yaml:"options" doc:"The values an enum may have."`
}

const defaultPage = 1000

func decode(node diag.Node) (Config, diag.List) {
	cfg := Config{PageSize: defaultPage}
	problems := diag.Decode(node, &cfg)
	if problems.HasErrors() {
		return cfg, problems
	}
	if cfg.PageSize < 1 || cfg.PageSize > 10_000 {
		problems.Errorf(node.At("page_size"), "the page size must be between 1 and 10000")
	}
	if len(cfg.Files) == 0 {
		problems.Errorf(node.At("files"), "there is no file")
	}
	if _, err := time.LoadLocation(cfg.Zone); err != nil || strings.EqualFold(cfg.Zone, "local") {
		problems.Add(node.At("zone").Errorf("%q is not a time zone", cfg.Zone).WithHint("write an IANA name such as Europe/Berlin"))
	}
	files := node.At("files")
	for name, f := range cfg.Files {
		at := files.At(name)
		problems.Add(f.check(at, cfg)...)
	}
	return cfg, problems.Sorted()
}

func (f File) check(at diag.Node, cfg Config) (problems diag.List) {
	if !filepath.IsLocal(f.Path) {
		problems.Add(at.At("file").Errorf("%q leads out of the folder", f.Path).WithHint("name a file below the folder"))
	}
	if _, err := filepath.Match(f.Path, ""); err != nil {
		problems.Errorf(at.At("file"), "%q is not a pattern of file names", f.Path)
	}
	if f.As != "" && !record.Object(f.As).Valid() {
		problems.Add(at.At("as").Errorf("there is no canonical object %q", f.As).WithNearest(f.As, objectNames()))
	}
	for key, mark := range map[string]string{"delimiter": f.Delimiter, "quote": f.Quote} {
		if mark != "" && (len(mark) != 1 || mark[0] >= 0x80 || mark == "\n" || mark == "\r") {
			problems.Errorf(at.At(key), "the %s must be one ASCII character", key)
		}
	}
	if len(f.ID) == 0 {
		problems.Errorf(at.At("id"), "no column identifies a row")
	}
	if f.NoHeader && len(f.Columns) == 0 {
		problems.Errorf(at.At("no_header"), "without a header the columns must be listed")
	}
	if f.Write && (strings.ContainsAny(f.Path, "*?[") || len(f.ID) != 1 || f.Repeated == "keep") {
		problems.Errorf(at.At("write"), "only a single file with a single id column, each id once, can be written")
	}
	return append(problems, f.checkColumns(at.At("columns"), cfg)...)
}

func (f File) checkColumns(at diag.Node, cfg Config) (problems diag.List) {
	items, seen := at.Items(), map[string]bool{}
	for i, c := range f.Columns {
		here := at
		if i < len(items) {
			here = items[i]
		}
		if seen[c.Name] {
			problems.Errorf(here.At("name"), "the column %q is listed twice", c.Name)
		}
		seen[c.Name] = true
		if _, problem := compile(c, cfg.Zone); problem.text != "" {
			problems.Add(here.At(problem.key).Errorf("%s", problem.text).WithNearest(c.Kind, problem.candidates))
		}
		if c.RefersTo != "" && !hasFile(cfg, c.RefersTo) {
			problems.Add(here.At("refers_to").Errorf("there is no object %q", c.RefersTo).WithNearest(c.RefersTo, cfg.names()))
		}
	}
	return problems
}

func hasFile(cfg Config, name string) bool {
	_, ok := cfg.Files[name]
	return ok
}

func (c Config) names() []string {
	names := make([]string, 0, len(c.Files))
	for name := range c.Files {
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
