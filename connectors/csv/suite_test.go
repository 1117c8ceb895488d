package csv_test

import (
	stdcsv "encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/csv"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// build makes a connector from the text of its file.
func build(t *testing.T, env connectors.Env, yaml string) connectors.Connector {
	t.Helper()
	node, problems := diag.Parse("files.yaml", []byte(yaml))
	c, more := csv.Factory().New(env, node)
	if problems.Add(more...); problems.HasErrors() {
		t.Fatal(problems)
	}
	return c
}

const peopleYAML = `
files:
  people:
    file: people.csv
    as: person
    id: [id]
    write: true
    complete: true
    columns:
      - {name: id}
      - {name: email, kind: email}
      - {name: city, kind: text}
  calls:
    file: calls-*.csv
    id: [id]
`

func TestConnector(t *testing.T) {
	open := func(t *testing.T, o connectortest.Options, dir string) connectors.Connector {
		t.Helper()
		return build(t, o.Env, "folder: "+dir+peopleYAML)
	}
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.File, Object: "people", Field: "city", Catalog: people(t),
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			b := &folder{t: t, path: filepath.Join(t.TempDir(), "people.csv")}
			b.save(nil)
			if err := os.WriteFile(filepath.Join(filepath.Dir(b.path), "calls-1.csv"), []byte("id,who\n1,2\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return connectortest.Instance{Connector: open(t, o, filepath.Dir(b.path)), Bench: b}
		},
		Create: func(n int) record.Fields {
			return record.Fields{"email": record.Of(record.Email, "p"+strconv.Itoa(n)+"@tandem.example")}
		},
	})
}

func people(t *testing.T) schema.Catalog {
	t.Helper()
	cat, err := build(t, connectors.Env{}, "folder: "+t.TempDir()+peopleYAML).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// folder is a person, or another program, at work on the file.
type folder struct {
	t    *testing.T
	path string
	last int
}

func (f *folder) load() [][]string {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		f.t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read from
	all, err := stdcsv.NewReader(file).ReadAll()
	if err != nil {
		f.t.Fatal(err)
	}
	return all[1:]
}

func (f *folder) save(all [][]string) {
	var b strings.Builder
	w := stdcsv.NewWriter(&b)
	if err := w.WriteAll(append([][]string{{"id", "email", "city"}}, all...)); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(f.path, []byte(b.String()), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) Seed(n int, at time.Time) []string {
	all := f.load()
	ids := make([]string, n)
	for i := range n {
		f.last++
		ids[i] = strconv.Itoa(5805028000000000000 + f.last)
		all = append(all, []string{ids[i], "p" + strconv.Itoa(f.last) + "@seed.example", "Berlin"})
	}
	f.save(all)
	if err := os.Chtimes(f.path, at, at); err != nil {
		f.t.Fatal(err)
	}
	return ids
}

func (f *folder) Edit(id, value string) {
	all := f.load()
	for _, r := range all {
		if r[0] == id {
			r[2] = value
		}
	}
	f.save(all)
}

func (f *folder) Value(id string) (string, bool) {
	for _, r := range f.load() {
		if r[0] == id {
			return r[2], true
		}
	}
	return "", false
}

func (f *folder) Count() int { return len(f.load()) }

func (f *folder) Delete(id string) {
	var kept [][]string
	for _, r := range f.load() {
		if r[0] != id {
			kept = append(kept, r)
		}
	}
	f.save(kept)
}

func (*folder) Merge(string, string) string { return "" }

func problemsOf(t *testing.T, yaml string) diag.List {
	t.Helper()
	node, problems := diag.Parse("files.yaml", []byte(yaml))
	_, more := csv.Factory().New(connectors.Env{}, node)
	problems.Add(more...)
	return problems
}
