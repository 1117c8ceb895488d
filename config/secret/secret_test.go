package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.yaml.in/yaml/v3"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
)

const value = "hunter2-s3cr3t"

type nested struct {
	Token  secret.Secret
	Ptr    *secret.Secret
	hidden secret.Secret
	List   []secret.Secret
	Map    map[string]secret.Secret
	Any    any
}

func holders() map[string]any {
	s := secret.New(value)
	n := nested{Token: s, Ptr: &s, hidden: s, List: []secret.Secret{s}, Map: map[string]secret.Secret{"k": s}, Any: s}
	return map[string]any{"value": s, "pointer": &s, "nested": n, "nested pointer": &n, "list": []any{s, &s}, "error": fmt.Errorf("with %v", s)}
}

func check(t *testing.T, how, out string) {
	t.Helper()
	for _, leak := range []string{value, "hunter2", fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), string([]byte(value))} {
		if strings.Contains(out, leak) {
			t.Errorf("%s leaks: %s", how, out)
		}
	}
}

func TestNeverPrinted(t *testing.T) {
	for name, v := range holders() {
		for _, verb := range "vsqxXdbcoOpTtUeEfFgGw!" {
			for _, flag := range []string{"", "+", "#", "-", " ", "0", "30", ".3", "+#"} {
				format := "%" + flag + string(verb)
				check(t, name+" "+format, fmt.Sprintf(format, v))
			}
		}
		check(t, name+" Sprint", fmt.Sprint(v))
		encode(t, name+" json", func() ([]byte, error) { return json.Marshal(v) })
		encode(t, name+" json indent", func() ([]byte, error) { return json.MarshalIndent(map[string]any{"v": v}, "", " ") })
		encode(t, name+" yaml", func() ([]byte, error) { return yaml.Marshal(v) })
	}
	encode(t, "xml", func() ([]byte, error) { return xml.Marshal(secret.New(value)) })
	s := secret.New(value)
	if got := fmt.Sprintf("%v|%s|%#v|%d", s, s, s, s); got != strings.Repeat("[redacted]|", 3)+"[redacted]" {
		t.Errorf("printed as %s", got)
	}
	if got, err := json.Marshal(map[string]any{"a": secret.New(value)}); err != nil || string(got) != `{"a":"[redacted]"}` {
		t.Errorf("JSON %s, %v", got, err)
	}
}

func encode(t *testing.T, how string, f func() ([]byte, error)) {
	t.Helper()
	out, err := f()
	check(t, how, string(out))
	if err != nil {
		check(t, how+" error", err.Error())
	}
}

func TestNeverLogged(t *testing.T) {
	for name, v := range holders() {
		var out bytes.Buffer
		z := zerolog.New(&out)
		z.Info().Interface("v", v).Any("w", v).Str("s", fmt.Sprint(v)).Msgf("%v %+v", v, v)
		text, structured := slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))
		text.Info("m", "v", v, slog.Any("w", v))
		structured.Info("m", "v", v, slog.Any("w", v))
		if out.Len() == 0 {
			t.Fatal("nothing was logged")
		}
		check(t, name+" log", out.String())
	}
	var out bytes.Buffer
	z := zerolog.New(&out)
	z.Info().Object("o", secret.New(value)).Stringer("st", secret.New(value)).Send()
	if got := out.String(); !strings.Contains(got, `"o":{"value":"[redacted]"},"st":"[redacted]"`) {
		t.Errorf("zerolog printed %s", got)
	}
}

func TestEqualAndZero(t *testing.T) {
	var zero secret.Secret
	if !zero.IsZero() || zero.Reveal() != "" || zero.Reference() != "" || zero.Resolve(secret.Resolver{}) != nil {
		t.Error("the zero secret is not empty")
	}
	a := secret.New(value)
	if a.IsZero() || !a.Equal(secret.New(value)) || a.Equal(secret.New("other")) || a.Equal(zero) || a.Reveal() != value {
		t.Error("Equal or Reveal is wrong")
	}
}

type settings struct {
	Token secret.Secret `yaml:"token,required"`
	Key   secret.Secret `yaml:"key"`
}

func TestDecodeRefusesWhatIsNoReference(t *testing.T) {
	tests := map[string]string{
		"token: hunter2-s3cr3t":          "must not be written",
		"token: 'x ${env:A} hunter2'":    "must not be written",
		"token: ${env:A}hunter2":         "not a reference",
		"token: ${vault:hunter2}":        "not a reference",
		"token: ${env:hunter2-a}":        "not the name of an environment variable",
		"token: ${file:hunter2}":         "must be absolute",
		"token: [hunter2]":               "found a list",
		"token: 12345":                   "must not be written",
		"token: |\n  hunter2\n  hunter2": "must not be written",
	}
	for src, want := range tests {
		n, problems := diag.Parse("c.yaml", []byte(src))
		problems.Add(diag.Decode(n, new(settings))...)
		if len(problems) != 1 || !strings.Contains(problems[0].Summary, want) || !strings.Contains(problems[0].Hint, "${env:NAME}") {
			t.Errorf("%s: %v", src, problems)
			continue
		}
		var out bytes.Buffer
		if err := problems.Render(&out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "hunter2") {
			t.Errorf("the message repeats the secret:\n%s", out.String())
		}
		if problems[0].Pos.Line != 1 || problems[0].Pos.Column != 8 {
			t.Errorf("%s: located at %s", src, problems[0].Pos)
		}
	}
}

func resolver() secret.Resolver {
	return secret.Resolver{
		Env: func(name string) (string, bool) {
			v, ok := map[string]string{"TOKEN": value, "EMPTY": ""}[name]
			return v, ok
		},
		ReadFile: func(path string) ([]byte, error) {
			switch path {
			case "/run/key":
				return []byte("line 1\nline 2\r\n\n"), nil
			case "/empty":
				return []byte("\n"), nil
			case "/denied":
				return nil, fs.ErrPermission
			case "/broken":
				return nil, errors.New("input/output error near " + value)
			}
			return nil, fs.ErrNotExist
		},
	}
}

func TestResolve(t *testing.T) {
	s := mustDecode(t, "token: ${env:TOKEN}\nkey: ${file:/run/key}\n")
	if s.Token.Reveal() != "" || s.Token.IsZero() || s.Token.Reference() != "${env:TOKEN}" {
		t.Error("a reference was resolved too early or lost")
	}
	shared := s.Token
	if problems := secret.ResolveAll(resolver(), &s.Token, &s.Key); len(problems) > 0 {
		t.Fatal(problems)
	}
	if s.Token.Reveal() != value || shared.Reveal() != value || s.Key.Reveal() != "line 1\nline 2" {
		t.Error("resolved to another value")
	}
}

func mustDecode(t *testing.T, src string) settings {
	t.Helper()
	n, problems := diag.Parse("c.yaml", []byte(src))
	var s settings
	problems.Add(diag.Decode(n, &s)...)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s
}

func TestResolveProblemsNameThePlaceNotTheValue(t *testing.T) {
	tests := map[string]string{
		"${env:MISSING}":   "c.yaml:1:8: error: the environment variable MISSING is not set",
		"${env:EMPTY}":     "c.yaml:1:8: error: the environment variable EMPTY is empty",
		"${file:/missing}": "c.yaml:1:8: error: the secret file /missing does not exist",
		"${file:/empty}":   "c.yaml:1:8: error: the secret file /empty is empty",
		"${file:/denied}":  "c.yaml:1:8: error: the secret file /denied may not be read",
		"${file:/broken}":  "c.yaml:1:8: error: the secret file /broken cannot be read",
		"'${file:/a b.c}'": "c.yaml:1:8: error: the secret file /a b.c does not exist",
	}
	for ref, want := range tests {
		s := mustDecode(t, "token: "+ref)
		err := s.Token.Resolve(resolver())
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", ref, err, want)
			continue
		}
		check(t, ref, err.Error())
	}
	s := mustDecode(t, "token: ${env:A}\nkey: ${file:/b}")
	if problems := secret.ResolveAll(resolver(), &s.Token, &s.Key); len(problems) != 2 {
		t.Errorf("want both problems, got %v", problems)
	}
}

func TestExpand(t *testing.T) {
	n, _ := diag.Parse("c.yaml", []byte("redis: redis://:${env:TOKEN}@host"))
	url, _ := n.Get("redis")
	got, problems := resolver().Expand(url, url.String())
	if len(problems) > 0 || got.Reveal() != "redis://:"+value+"@host" {
		t.Errorf("expanded wrongly: %v", problems)
	}
	for _, bad := range []string{"a ${env:NO} b ${file:/no}", "${x} ${env:1a}"} {
		if _, problems := resolver().Expand(url, bad); len(problems) != 2 {
			t.Errorf("%s: want two problems, got %v", bad, problems)
		}
	}
	if got, problems := (secret.Resolver{}).Expand(url, "token: ${env:TOKEN}"); len(problems) != 1 || got.Reveal() != "token: " {
		t.Errorf("no environment: %v", problems)
	}
}

func TestRedact(t *testing.T) {
	odd := `p@ss "w/rd`
	text := `a hunter2-s3cr3t, p@ss "w/rd; p%40ss+%22w%2Frd; {"x":"p@ss \"w/rd"}; cEBzcyAidy9yZA==; abc`
	got := secret.Redact(text, secret.New(value), secret.New(odd), secret.New("abc"), secret.Secret{})
	want := `a [redacted], [redacted]; [redacted]; {"x":"[redacted]"}; [redacted]; abc`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
