package csv_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

func writer(t *testing.T, dir, options string) connectors.Writer {
	t.Helper()
	c := build(t, connectors.Env{}, "folder: "+dir+"\nfiles: {p: {file: p.csv, id: [id], write: true"+options+"}}")
	w, ok := c.(connectors.Writer)
	if !ok {
		t.Fatal("no writer")
	}
	return w
}

func contents(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func op(kind connectors.OpKind, id, city string) connectors.Op {
	return connectors.Op{ID: "op-" + string(kind) + id, Kind: kind, Object: "p", RemoteID: id, Fields: record.Fields{"city": record.OfString(city)}}
}

func write(t *testing.T, w connectors.Writer, ops ...connectors.Op) []connectors.Result {
	t.Helper()
	results, err := w.Write(t.Context(), ops)
	if err != nil || len(results) != len(ops) {
		t.Fatal(results, err)
	}
	return results
}

func TestOtherRowsStayByteForByte(t *testing.T) {
	tests := map[string]struct {
		file, options string
		op            connectors.Op
		want          string
	}{
		"update": {
			"\ufeffid;city ;x\r\n1;\"Graz\";  y \r\n\r\n2; Linz;\"a;b\"\r\nbroken \"row\r\n3;Wels;z", `, delimiter: ";"`,
			connectors.Op{ID: "o", Kind: connectors.Update, Object: "p", RemoteID: "2", Fields: record.Fields{"x": record.OfString("c\"d")}},
			"\ufeffid;city ;x\r\n1;\"Graz\";  y \r\n\r\n2;\" Linz\";\"c\"\"d\"\r\nbroken \"row\r\n3;Wels;z",
		},
		"update of the last row": {"id,city\n1,a\n2,b", "", op(connectors.Update, "2", "c"), "id,city\n1,a\n2,c"},
		"archive":                {"id,city\n1,a\n2,b\n3,c\n", "", op(connectors.Archive, "2", ""), "id,city\n1,a\n3,c\n"},
		"create":                 {"id,city\n1,a", "", op(connectors.Create, "", "Graz"), "id,city\n1,a\nop-create,Graz\n"},
		"create after a header":  {"id,city", "", op(connectors.Create, "", "Graz"), "id,city\nop-create,Graz\n"},
		"windows-1252":           {"id,city\n1,K\xf6ln\n2,b\n", ", encoding: windows-1252", op(connectors.Update, "2", "Düren €"), "id,city\n1,K\xf6ln\n2,D\xfcren \x80\n"},
		"utf-16": {
			wide("id,city\n1,Köln 🦜\n2,b\n3,c\n", binary.LittleEndian), "", op(connectors.Update, "2", "Düren 🦜"),
			wide("id,city\n1,Köln 🦜\n2,Düren 🦜\n3,c\n", binary.LittleEndian),
		},
		"json lines": {
			"{\"city\":\"a\",\"id\":1,\"deep\":{\"x\":[1.0]}}\n{\"id\":2}\n", ", layout: jsonl", op(connectors.Update, "1", "Graz"),
			"{\"city\":\"Graz\",\"id\":1,\"deep\":{\"x\":[1.0]}}\n{\"id\":2}\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := files(t, map[string]string{"p.csv": test.file})
			got := write(t, writer(t, dir, test.options), test.op)
			if got[0].Status != connectors.Applied {
				t.Fatal(got[0].Err)
			}
			if text := contents(t, filepath.Join(dir, "p.csv")); text != test.want {
				t.Errorf("got  %q\nwant %q", text, test.want)
			}
		})
	}
}

func TestFormulasAreGuarded(t *testing.T) {
	for _, text := range []string{"=1+2", "+1", "-1", "@x", "\tx", "\rx", "'=1", "it's", "'quoted'", "a=b", "\"=x\n=y"} {
		dir := files(t, map[string]string{"p.csv": "id,city,n\n1,a,1\n"})
		w := writer(t, dir, ", columns: [{name: n, kind: integer}]")
		o := op(connectors.Update, "1", text)
		o.Fields["n"] = record.OfInt(-5)
		got := write(t, w, o)[0]
		if got.Status != connectors.Applied || got.Echo == nil || got.Echo.Fields["city"].Text() != text {
			t.Errorf("%q: %v, reads back %v", text, got.Err, got.Echo)
		}
		stored := contents(t, filepath.Join(dir, "p.csv"))
		for _, start := range []string{",=", ",+", ",@", ",\t", ",\"=", ",\"+", ",\"\t", ",\"\r"} {
			if strings.Contains(stored, start) {
				t.Errorf("%q is stored as %q", text, stored)
			}
		}
		if !strings.HasSuffix(stored, ",-5\n") {
			t.Errorf("a number was guarded: %q", stored)
		}
	}
}

func TestRefusedRowsDoNotStopTheOthers(t *testing.T) {
	dir := files(t, map[string]string{"p.csv": "id,city\n1,a\n2,b\n"})
	w := writer(t, dir, ", encoding: windows-1252")
	stale := op(connectors.Update, "2", "x")
	stale.Version = "old"
	stale.ID = "stale"
	unknown := op(connectors.Update, "1", "x")
	unknown.ID, unknown.Fields = "unknown", record.Fields{"nope": record.OfString("x")}
	results := write(t, w, op(connectors.Update, "1", "good"), op(connectors.Update, "9", "x"), op(connectors.Update, "2", "東京"), stale, unknown)
	want := []fault.Class{fault.Unclassified, fault.Missing, fault.Invalid, fault.Stale, fault.Invalid}
	for i, r := range results {
		if i == 0 {
			if r.Status != connectors.Applied {
				t.Error(r.Err)
			}
			continue
		}
		if r.Status != connectors.Rejected || fault.ClassOf(r.Err) != want[i] {
			t.Errorf("row %d is %s: %v", i, r.Status, r.Err)
		}
	}
	if got := contents(t, filepath.Join(dir, "p.csv")); got != "id,city\n1,good\n2,b\n" {
		t.Errorf("the file holds %q", got)
	}
}

func TestCreateMakesTheFile(t *testing.T) {
	dir := t.TempDir()
	w := writer(t, dir, `, modified: changed, columns: [{name: id}, {name: city}, {name: paid, kind: money, format: "€ 3.500,00"}]`)
	o := op(connectors.Create, "", "Graz")
	o.Fields["paid"] = record.OfMoney(123456, "EUR")
	o.Fields["changed"] = record.OfString("2026-01-02T03:04:05Z")
	got := write(t, w, o)
	if got[0].Status != connectors.Applied || got[0].Echo == nil {
		t.Fatal(got[0].Err)
	}
	want := "id,city,paid,changed\nop-create,Graz,\"€ 1.234,56\",2026-01-02T03:04:05Z\n"
	if text := contents(t, filepath.Join(dir, "p.csv")); text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}

func TestWritersSideBySideLoseNothing(t *testing.T) {
	dir := files(t, map[string]string{"p.csv": "id,city\n"})
	w := writer(t, dir, "")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			o := op(connectors.Create, "", "city"+strconv.Itoa(i))
			o.ID = "op-" + strconv.Itoa(i)
			results, err := w.Write(t.Context(), []connectors.Op{o})
			if err != nil || results[0].Status != connectors.Applied {
				t.Errorf("%v, %v", results, err)
			}
		})
	}
	wg.Wait()
	if n := strings.Count(contents(t, filepath.Join(dir, "p.csv")), "\n"); n != 21 {
		t.Errorf("%d lines, want 21", n)
	}
}

func TestFullDiskLeavesTheOldFile(t *testing.T) {
	dir := files(t, map[string]string{"p.csv": "id,city\n1,a\n"})
	w := writer(t, dir, "")
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if f, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		_ = f.Close()
		t.Skip("this user may write everywhere")
	}
	got := write(t, w, op(connectors.Update, "1", "b"))
	if got[0].Status != connectors.Rejected || !fault.As(got[0].Err).Class.Later() {
		t.Errorf("%s %v", got[0].Status, got[0].Err)
	}
	if text := contents(t, filepath.Join(dir, "p.csv")); text != "id,city\n1,a\n" {
		t.Errorf("the file holds %q", text)
	}
}

func TestConfigurationMistakesHaveAPlace(t *testing.T) {
	tests := map[string]string{
		"folder: x\nfiles: {p: {file: ../p.csv, id: [id]}}":                                           "leads out of the folder",
		"folder: x\nfiles: {p: {file: p.csv, id: []}}":                                                "no column identifies",
		"folder: x\nfiles: {p: {file: p-*.csv, id: [id], write: true}}":                               "only a single file",
		"folder: x\nfiles: {p: {file: p.csv, id: [id], delimiter: ab}}":                               "one ASCII character",
		"folder: x\nzone: Berlin\nfiles: {p: {file: p.csv, id: [id]}}":                                "not a time zone",
		"folder: x\nfiles: {p: {file: p.csv, id: [id], columns: [{name: a, kind: textt}]}}":           "there is no kind",
		"folder: x\nfiles: {p: {file: p.csv, id: [id], columns: [{name: a, kind: date, format: q}]}}": "format",
		"folder: x\nfiles: {p: {file: p.csv, id: [id], columns: [{name: a, refers_to: q}]}}":          "no object",
		"folder: x\nfiles: {p: {file: p.csv, id: [id], columns: [{name: a}, {name: a}]}}":             "listed twice",
		"folder: x\nfiles: {p: {file: p.csv, id: [id], as: persn}}":                                   "no canonical object",
		"folder: x\nfiles: {}": "no file",
	}
	for yaml, want := range tests {
		problems := problemsOf(t, yaml)
		if len(problems) == 0 || !strings.Contains(problems[0].String(), want) || problems[0].Pos.Line == 0 {
			t.Errorf("%s: %v, want %q", yaml, problems, want)
		}
	}
}
