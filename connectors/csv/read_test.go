package csv_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// files writes files into a fresh folder.
func files(t *testing.T, contents map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range contents {
		put(t, filepath.Join(dir, name), text)
	}
	return dir
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// shown is a page in one line: records as id=field, issues as ref!column.
func shown(records []connectors.Record, issues []connectors.Issue, field string) string {
	var out []string
	for _, r := range records {
		out = append(out, r.ID+"="+r.Fields[field].Text())
	}
	for _, i := range issues {
		out = append(out, strings.TrimSuffix(i.Ref+"!"+i.Field, "!"))
	}
	return strings.Join(out, " ")
}

func wide(text string, order binary.ByteOrder) string {
	units := utf16.Encode([]rune("\ufeff" + text))
	out := make([]byte, 2*len(units))
	for i, u := range units {
		order.PutUint16(out[2*i:], u)
	}
	return string(out)
}

func TestReadsWhatExportsLookLike(t *testing.T) {
	tests := map[string]struct{ file, options, want string }{
		"byte order mark":          {"\ufeffid,city\n1,Graz\n", "", "1=Graz"},
		"windows line ends":        {"id,city\r\n1,Graz\r\n2,Linz\r\n", "", "1=Graz 2=Linz"},
		"no last line end":         {"id,city\n1,Graz\n2,Linz", "", "1=Graz 2=Linz"},
		"quotes and line breaks":   {"id,city\n1,\"Graz, \"\"old\"\"\ntown\"\n2,Linz\n", "", "1=Graz, \"old\"\ntown 2=Linz"},
		"quote inside a field":     {"id,city\n1,5\" disk\n", "", `1=5" disk`},
		"semicolons":               {"id;city\n1;Graz, West\n", `, delimiter: ";"`, "1=Graz, West"},
		"tabs":                     {"id\tcity\n1\tGraz\n", `, delimiter: "\t"`, "1=Graz"},
		"single quotes":            {"id,city\n1,'a, b'\n", `, quote: "'"`, "1=a, b"},
		"windows-1252":             {"id,city\n1,K\xf6ln \x80\n", ", encoding: windows-1252", "1=Köln €"},
		"latin1":                   {"id,city\n1,K\xf6ln\n", ", encoding: latin1", "1=Köln"},
		"utf-16 little endian":     {wide("id,city\n1,Köln 🦜\n2,Linz\n", binary.LittleEndian), "", "1=Köln 🦜 2=Linz"},
		"utf-16 big endian":        {wide("id,city\r\n1,Köln\r\n2,Linz\r\n", binary.BigEndian), ", encoding: utf-16", "1=Köln 2=Linz"},
		"wrong encoding":           {"id,city\n1,K\xf6ln\n2,Linz\n", "", "2=Linz people.csv:2"},
		"blank lines":              {"\nid,city\n\n1,Graz\n\r\n\n2,Linz\n\n", "", "1=Graz 2=Linz"},
		"missing and extra fields": {"id,city\n1\n2,Linz,\n3,Wels,x\n", "", "2=Linz people.csv:2 people.csv:4"},
		"quote never closed":       {"id,city\n1,\"Graz\n2,Linz\n3,Wels\n", "", "2=Linz 3=Wels people.csv:2"},
		"text after the quote":     {"id,city\n1,\"Graz\"x\n2,Linz\n", "", "2=Linz people.csv:2"},
		"19 digits":                {"id,city\n5805028000000645014,a\n5805028000000645015,b\n", "", "5805028000000645014=a 5805028000000645015=b"},
		"damaged ids":              {"id,city\n5.80503E+18,a\n#REF!,b\n,c\n7,d\n", "", "7=d people.csv:2 people.csv:3 people.csv:4"},
		"damaged cell":             {"id,city\n1,#REF!\n2,Linz\n", "", "1= 2=Linz people.csv:2!city"},
		"repeated id":              {"id,city\n1,a\n2,b\n1,c\n1,d\n", "", "1=a 2=b people.csv:4 people.csv:5"},
		"repeated id kept":         {"id,city\n1,a\n2,b\n1,c\n1,d\n", ", repeated: keep", "1=a 2=b 1#2=c 1#3=d"},
		"no header":                {"1,Graz\n2,Linz\n", ", no_header: true, columns: [{name: id}, {name: city}]", "1=Graz 2=Linz"},
		"repeated column":          {"id,city,city\n1,Graz,Linz\n", "", "1=Graz"},
		"json lines":               {"{\"id\":9007199254740993,\"city\":\"Graz\"}\n{\"id\":\"b\",\"city\":null}\n{\"id\":3,\n", ", layout: jsonl", "9007199254740993=Graz b= people.csv:3"},
		"zero bytes":               {"id,city\n1,a\x00b\n2,Linz\n", "", "2=Linz people.csv:2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := files(t, map[string]string{"people.csv": test.file})
			for _, size := range []string{"1", "2", "1000"} {
				c := build(t, connectors.Env{}, "folder: "+dir+"\npage_size: "+size+"\nfiles: {people: {file: people.csv, id: [id]"+test.options+"}}")
				records, issues := readAll(t, c, connectors.Query{Object: "people", Fields: []string{"city"}})
				if got := shown(records, issues, "city"); got != test.want {
					t.Errorf("pages of %s:\ngot  %s\nwant %s", size, got, test.want)
				}
				for _, i := range issues {
					if f := fault.As(i.Err); f.Class != fault.Malformed || strings.Contains(i.Err.Error(), "Graz") {
						t.Errorf("the issue reads: %v", i.Err)
					}
				}
			}
		})
	}
}

func TestRepeatedIDNamesTheFirstRow(t *testing.T) {
	dir := files(t, map[string]string{"people.csv": "id,city\n1,a\n2,b\n1,c\n"})
	c := build(t, connectors.Env{}, "folder: "+dir+"\nfiles: {people: {file: people.csv, id: [id]}}")
	_, issues := readAll(t, c, connectors.Query{Object: "people"})
	if len(issues) != 1 || issues[0].Ref != "people.csv:4" || !strings.Contains(issues[0].Err.Error(), "row 2") {
		t.Errorf("the issues are %v", issues)
	}
}

func TestAbsentIsNotNull(t *testing.T) {
	dir := files(t, map[string]string{"p.jsonl": "{\"id\":1}\n{\"id\":2,\"city\":null}\n{\"id\":3,\"city\":\"Graz\",\"tags\":[\"b\",\"a\"]}\n"})
	c := build(t, connectors.Env{}, "folder: "+dir+"\nfiles: {p: {file: p.jsonl, layout: jsonl, id: [id], columns: [{name: tags, kind: set}]}}")
	records, issues := readAll(t, c, connectors.Query{Object: "p", Fields: []string{"city", "tags"}})
	if len(records) != 3 || len(issues) != 0 {
		t.Fatal(len(records), issues)
	}
	if _, there := records[0].Fields["city"]; there || !records[1].Fields["city"].IsNull() {
		t.Errorf("absent and null are %v and %v", records[0].Fields["city"], records[1].Fields["city"])
	}
	if got := records[2].Fields["tags"].Members(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the set is %v", got)
	}
}

func TestOnlyChangedFilesAreReadAgain(t *testing.T) {
	dir := files(t, map[string]string{"d-1.csv": "id,city\n1,a\n", "d-2.csv": "id,city\n2,b\n"})
	c := build(t, connectors.Env{}, "folder: "+dir+"\nfiles: {d: {file: d-*.csv, id: [id]}}")
	q := connectors.Query{Object: "d", Fields: []string{"city"}}
	step := func(want string) {
		t.Helper()
		page, err := c.Changes(t.Context(), q)
		if err != nil || page.More {
			t.Fatal(page, err)
		}
		if got := shown(page.Records, page.Issues, "city"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		q.Cursor = page.Next
	}
	step("1=a 2=b")
	step("")
	put(t, filepath.Join(dir, "d-2.csv"), "id,city\n2,c\n") // same size, perhaps within one tick
	step("2=c")
	put(t, filepath.Join(dir, "d-2.csv"), "id,city\n2,c\n") // touched only
	step("")
	put(t, filepath.Join(dir, "d-3.csv"), "id,city\n3,d\n")
	step("3=d")
	step("")
}

func TestFileChangedBetweenPagesIsReadAnew(t *testing.T) {
	rows := func(city string, n int) string {
		var b strings.Builder
		b.WriteString("id,city\n")
		for i := range n {
			b.WriteString(strconv.Itoa(i) + "," + city + "\n")
		}
		return b.String()
	}
	dir := files(t, map[string]string{"d.csv": rows("old", 30)})
	c := build(t, connectors.Env{}, "folder: "+dir+"\npage_size: 10\nfiles: {d: {file: d.csv, id: [id]}}")
	q := connectors.Query{Object: "d", Fields: []string{"city"}}
	page, err := c.Changes(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "d.csv"), rows("new", 25))
	q.Cursor = page.Next
	records, _ := readAll(t, c, q)
	if len(records) != 25 || slices.ContainsFunc(records, func(r connectors.Record) bool { return r.Fields["city"].Text() != "new" }) {
		t.Errorf("%d records after the change", len(records))
	}
}

func TestMissingFileIsNotAnEmptyOne(t *testing.T) {
	c := build(t, connectors.Env{}, "folder: "+t.TempDir()+"\nfiles: {d: {file: d-*.csv, id: [id], complete: true}}")
	for what, call := range map[string]func() error{
		"changes": func() error { _, err := c.Changes(t.Context(), connectors.Query{Object: "d"}); return err },
		"gone":    func() error { _, err := c.Gone(t.Context(), connectors.Query{Object: "d"}); return err },
	} {
		if err := call(); !fault.Is(err, fault.Missing) || fault.As(err).Next == "" {
			t.Errorf("%s of a missing file: %v", what, err)
		}
	}
	cat, err := c.Describe(t.Context())
	if err != nil || len(cat.Missing) != 1 {
		t.Errorf("the gap is not named: %v, %v", cat.Missing, err)
	}
}

func TestLinkOutOfTheFolderIsRefused(t *testing.T) {
	secret := files(t, map[string]string{"secret.csv": "id,city\n1,x\n"})
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(secret, "secret.csv"), filepath.Join(dir, "d.csv")); err != nil {
		t.Skip("no symbolic links here: " + err.Error())
	}
	c := build(t, connectors.Env{}, "folder: "+dir+"\nfiles: {d: {file: d.csv, id: [id]}}")
	if page, err := c.Changes(t.Context(), connectors.Query{Object: "d"}); err == nil {
		t.Errorf("read %d records through a link", len(page.Records))
	}
}

func TestGoneNeedsEveryRowReadable(t *testing.T) {
	dir := files(t, map[string]string{"d.csv": "id,city\n1,a\n2,b\n3,c\n"})
	c := build(t, connectors.Env{}, "folder: "+dir+"\npage_size: 1\nfiles: {d: {file: d.csv, id: [id], complete: true}}")
	q := connectors.Query{Object: "d"}
	page, err := c.Gone(t.Context(), q)
	if err != nil || len(page.Gone) != 0 {
		t.Fatal(page, err)
	}
	q.Cursor = page.Next
	put(t, filepath.Join(dir, "d.csv"), "id,city\n2,b\n#REF!,c\n")
	if _, err := c.Gone(t.Context(), q); !fault.Is(err, fault.Malformed) {
		t.Errorf("with a damaged row: %v", err)
	}
	put(t, filepath.Join(dir, "d.csv"), "id,city\n2,b\n")
	var gone []string
	for range 5 {
		page, err := c.Gone(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page.Gone {
			gone = append(gone, g.ID)
		}
		if q.Cursor = page.Next; !page.More {
			break
		}
	}
	if !slices.Equal(gone, []string{"1", "3"}) {
		t.Errorf("gone are %v", gone)
	}
	if page, err := c.Gone(t.Context(), q); err != nil || len(page.Gone) != 0 {
		t.Errorf("told again: %v, %v", page.Gone, err)
	}
	q.Cursor = "0123"
	if _, err := c.Gone(t.Context(), q); !fault.Is(err, fault.Expired) {
		t.Errorf("an unknown cursor: %v", err)
	}
}
