package diag_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tandem-sync/tandem/config/diag"
)

type upper string

func (u *upper) DecodeNode(n diag.Node) diag.List {
	var problems diag.List
	*u = upper(strings.ToUpper(n.Str(&problems)))
	return problems
}

type common struct {
	Note string `yaml:"note"`
}

type auth struct {
	Method string `yaml:"method,required" oneof:"key oauth jwt"`
	User   string `yaml:"user"`
}

type settings struct {
	common  `yaml:",inline"`
	Type    string            `yaml:"type,required" oneof:"hubspot salesforce csv"`
	Roles   []string          `yaml:"roles" oneof:"marketing sales"`
	Auth    auth              `yaml:"auth"`
	Every   time.Duration     `yaml:"every"`
	Page    int               `yaml:"page"`
	Small   uint8             `yaml:"small"`
	Share   float64           `yaml:"share"`
	On      bool              `yaml:"on"`
	Maybe   *int              `yaml:"maybe"`
	Words   map[string]string `yaml:"words"`
	Objects map[string]*auth  `yaml:"objects"`
	Raw     diag.Node         `yaml:"raw"`
	Shout   upper             `yaml:"shout"`
	Any     any               `yaml:"any"`
	Hidden  string            `yaml:"-"`
	Untold  string
}

func TestDecode(t *testing.T) {
	n := parse(t, `
note: hello
type: hubspot
roles: [marketing, sales]
auth: {method: oauth}
every: 15m
page: 100
small: 255
share: 0.5
on: true
maybe: 3
words: {a: x, b: 2}
objects: {person: {method: key}}
raw: {k: v}
shout: quiet
any: [1, two]
`)
	got := settings{Page: 7, Auth: auth{User: "default"}}
	if problems := diag.Decode(n, &got); len(problems) > 0 {
		t.Fatal(rendered(t, problems))
	}
	if v, _ := got.Raw.Get("k"); v.String() != "v" {
		t.Error("raw node was not kept")
	}
	got.Raw = diag.Node{}
	three := 3
	want := settings{
		common: common{Note: "hello"}, Type: "hubspot", Roles: []string{"marketing", "sales"},
		Auth: auth{Method: "oauth", User: "default"}, Every: 15 * time.Minute, Page: 100, Small: 255, Share: 0.5, On: true,
		Maybe: &three, Words: map[string]string{"a": "x", "b": "2"}, Objects: map[string]*auth{"person": {Method: "key"}},
		Shout: "QUIET", Any: []any{int64(1), "two"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{}), cmp.Comparer(func(a, b diag.Node) bool { return a.IsZero() == b.IsZero() })); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeKeepsDefaultsForNull(t *testing.T) {
	got := settings{Page: 7, Roles: []string{"sales"}, Shout: "X"}
	if problems := diag.Decode(parse(t, "type: csv\npage:\nroles: ~\nshout: null\nmaybe:\n"), &got); len(problems) > 0 {
		t.Fatal(rendered(t, problems))
	}
	if got.Page != 7 || len(got.Roles) != 1 || got.Shout != "X" || got.Maybe != nil {
		t.Errorf("defaults lost: %+v", got)
	}
}

func TestDecodeReportsEverything(t *testing.T) {
	n := parse(t, `
type: hubspto
rolls: [sales]
roles: [sales, markting, ~]
auth:
every: 5
page: "100"
small: 256
share: much
on: yes
words: [a]
objects: {person: {methd: key}}
shout: [a]
Untold: x
zzz: 1
`)
	want := `a.yaml:2:7: error: "hubspto" is not one of: hubspot, salesforce, csv (did you mean "hubspot"?)
a.yaml:3:1: error: unknown key "rolls" (did you mean "roles"?)
a.yaml:4:16: error: "markting" is not one of: marketing, sales (did you mean "marketing"?)
a.yaml:4:26: error: this item is empty
a.yaml:5:6: error: the key "method" is required
a.yaml:6:8: error: "5" is not a duration (write a number and a unit, such as 500ms, 30s, 15m, 36h or 7d; parts may follow each other: 1h30m)
a.yaml:7:7: error: expected a whole number, found text (remove the quotes)
a.yaml:8:8: error: the number is too large
a.yaml:9:8: error: expected a number, found text
a.yaml:10:5: error: expected true or false, found text (write true)
a.yaml:11:8: error: expected a mapping, found a list
a.yaml:12:20: error: unknown key "methd" (did you mean "method"?)
a.yaml:13:8: error: expected text, found a list
a.yaml:14:1: error: unknown key "Untold"
a.yaml:15:1: error: unknown key "zzz"`
	var s settings
	if diff := cmp.Diff(want, diag.Decode(n, &s).Error()); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRequired(t *testing.T) {
	tests := map[string]string{
		"":                  `a.yaml:1:1: error: the key "type" is required`,
		"note: x":           `a.yaml:1:1: error: the key "type" is required`,
		"note: x\ntype: ''": `a.yaml:2:7: error: the key "type" is required`,
		"- a":               `a.yaml:1:1: error: expected a mapping, found a list`,
	}
	for src, want := range tests {
		var s settings
		if got := diag.Decode(parse(t, src), &s).Error(); got != want {
			t.Errorf("%q:\n got %s\nwant %s", src, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a: 1", "a: &x {b: *x}", "a: [", "? {a: b}\n: c", "<<: {a: 1}\n", "--- a\n--- b", "a:\n\tb", "'", "a: 'b\nc: d"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		n, problems := diag.Parse("f", src)
		if problems.HasErrors() {
			for _, p := range problems {
				if p.Pos.Line < 0 || p.Summary == "" {
					t.Fatalf("a problem without place or words: %+v", p)
				}
			}
			return
		}
		var s settings
		for _, p := range diag.Decode(n, &s) {
			if p.Summary == "" {
				t.Fatalf("a problem without words: %+v", p)
			}
		}
		n.Value()
	})
}
