package record_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/record"
)

func TestFieldsSurviveStoring(t *testing.T) {
	t.Parallel()
	cases := map[string]record.Fields{
		"none":  {},
		"plain": {"email": record.Of(record.Email, "a@b.example"), "n": record.OfInt(-7)},
		"escaped": {
			`na"me\`: record.OfString("a\"b\\c\nd\te\x00f\x7f"),
			"url":    record.Of(record.URL, "https://x.example/?a=1&b=<2>"),
		},
		"unicode": {"naïve": record.OfString("🎉 \u2028 é ʼ \u202e"), "set": record.OfSet("b", "a")},
		"states":  {"null": record.NullOf(record.Date), "ph": record.PlaceholderOf(record.Text, "-"), "empty": record.OfString("")},
		"commas":  {"a": record.OfString(`",",",`), "b": record.OfString("}")},
		"large":   {"a": record.OfString(strings.Repeat("x\n", 1<<19))},
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := f.Encode()
			if !json.Valid(b) {
				t.Fatal("the stored form is not JSON")
			}
			got, err := record.DecodeFields(b)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(f) || got == nil {
				t.Errorf("differs in %v", got.Diff(f))
			}
			if string(got.Encode()) != string(b) {
				t.Error("the stored form of what was read is another one")
			}
			if string(f.AppendEncoded([]byte("x"))) != "x"+string(b) {
				t.Error("AppendEncoded appends something else")
			}
		})
	}
}

func TestAbsentFieldsAreNotStored(t *testing.T) {
	t.Parallel()
	if got := string(record.Fields{"a": {}, "b": record.OfBool(true)}.Encode()); got != `{"b":"=btrue"}` {
		t.Errorf("got %s", got)
	}
}

func TestDamagedFieldsAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"{", "{}x", `{"a"}`, `{"a":}`, `{"a":"=s1"`, `{"a":"=s1",}`, `{"a":"=s1"}}`, `{"a":"="}`, `{"a":"?s1"}`,
		`{"a":"=Z1"}`, `{"a":1}`, `["=s1"]`, "{\"a\":\"=s\n\"}", `{"a":"=s\x"}`, `{"a":"=s1\`, `{"a":"`,
	} {
		if _, err := record.DecodeFields([]byte(s)); err == nil {
			t.Errorf("%q was read", s)
		}
	}
	if f, err := record.DecodeFields([]byte(` { "a" : "=sx" } `)); err != nil || f["a"].Text() != "x" {
		t.Errorf("spaces between tokens: %v", err)
	}
}

// FuzzDecodeFields compares with encoding/json: what it reads is read the
// same, what it refuses is refused.
func FuzzDecodeFields(f *testing.F) {
	for _, s := range []string{
		"{}", `{"a":"=s1"}`, `{"a":"=s1","b":"-d","a":"~t\u00e9\n\""}`, `{"a":"=s` + "\xff" + `"}`, `{"\ud800":"=s\ud83c\udf89"}`,
		` {"a":"=s1"}`, `{"a":"=s,","b":"=s\\"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := record.DecodeFields([]byte(s))
		if s == "" {
			return
		}
		var raw map[string]string
		want := record.Fields{}
		refErr := json.Unmarshal([]byte(s), &raw)
		for name, stored := range raw {
			var v record.Value
			if e := v.UnmarshalText([]byte(stored)); e != nil {
				refErr = e
			}
			want[name] = v
		}
		if (err == nil) != (refErr == nil) {
			t.Fatalf("%q: got error %v, want %v", s, err, refErr)
		}
		if err == nil && !got.Equal(want) {
			t.Fatalf("%q differs in %v", s, got.Diff(want))
		}
	})
}

func wideRecord() record.Fields {
	f := record.Fields{}
	for name := range strings.FieldsSeq("email first_name last_name company phone title city country lead_status lifecycle owner source campaign score note") {
		f[name] = record.OfString("value of " + name)
	}
	return f
}

func BenchmarkEncode(b *testing.B) {
	f := wideRecord()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = f.AppendEncoded(buf[:0])
	}
}

func BenchmarkDecode(b *testing.B) {
	s := wideRecord().Encode()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.DecodeFields(s); err != nil {
			b.Fatal(err)
		}
	}
}
