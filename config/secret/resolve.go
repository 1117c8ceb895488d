package secret

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
)

const howTo = "write ${env:NAME} to take it from an environment variable or ${file:/path} to read it from a file"

// maxFile bounds a secret file: a key or a token is far smaller.
const maxFile = 1 << 20

// reference says where a secret's value is found.
type reference struct {
	kind string // env or file
	name string
	node diag.Node
}

// String returns the reference as it is written in a configuration.
func (r reference) String() string { return "${" + r.kind + ":" + r.name + "}" }

var (
	referencePattern = regexp.MustCompile(`^\$\{(env|file):([^{}]+)\}$`)
	variablePattern  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// parseReference never repeats the text in a problem: it may be the secret.
func parseReference(text string) (reference, string) {
	m := referencePattern.FindStringSubmatch(text)
	switch {
	case m == nil && strings.HasPrefix(text, "${"):
		return reference{}, "this is not a reference to a secret"
	case m == nil:
		return reference{}, "a secret must not be written in the configuration"
	case m[1] == "env" && !variablePattern.MatchString(m[2]):
		return reference{}, "this is not the name of an environment variable"
	case m[1] == "file" && !filepath.IsAbs(m[2]):
		return reference{}, "the path of a secret file must be absolute"
	}
	return reference{kind: m[1], name: m[2]}, ""
}

// Resolver fetches what references stand for. The environment and the file
// system are handed in, because only the program's entry may touch them.
type Resolver struct {
	Env      func(name string) (value string, found bool)
	ReadFile func(path string) ([]byte, error)
}

// Resolve fetches the value of a secret read from configuration; copies of the
// secret share it. The error is a diag.List located at the reference: it names
// the variable or file, never the value. A secret that is not set, or was made
// by New, is left as it is.
func (s *Secret) Resolve(r Resolver) error {
	if s.state == nil || s.state.value != nil {
		return nil
	}
	ref := s.state.ref
	value, problem, hint := r.lookup(ref)
	if problem != "" {
		return diag.List{ref.node.Errorf("%s", problem).WithHint("%s", hint)}
	}
	s.state.value = keep(value)
	return nil
}

// ResolveAll resolves the secrets and returns all problems at once.
func ResolveAll(r Resolver, secrets ...*Secret) diag.List {
	var problems diag.List
	for _, s := range secrets {
		if found, ok := errors.AsType[diag.List](s.Resolve(r)); ok {
			problems.Add(found...)
		}
	}
	return problems
}

// Expand replaces every reference inside the text, for values that carry a
// secret in their middle, such as a connection URL. The result is secret.
func (r Resolver) Expand(n diag.Node, text string) (Secret, diag.List) {
	var problems diag.List
	out := anyReference.ReplaceAllStringFunc(text, func(found string) string {
		ref, problem := parseReference(found)
		if problem != "" {
			problems.Add(n.Errorf("%s", problem).WithHint("%s", howTo))
			return ""
		}
		value, problem, hint := r.lookup(ref)
		if problem != "" {
			problems.Add(n.Errorf("%s", problem).WithHint("%s", hint))
		}
		return value
	})
	return New(out), problems
}

var anyReference = regexp.MustCompile(`\$\{[^{}]*\}`)

func (r Resolver) lookup(ref reference) (value, problem, hint string) {
	if ref.kind == "env" {
		return r.env(ref.name)
	}
	return r.file(ref.name)
}

func (r Resolver) env(name string) (value, problem, hint string) {
	var found bool
	if r.Env != nil {
		value, found = r.Env(name)
	}
	hint = "set it in the environment Tandem is started with: export " + name + "=…"
	switch value = strings.TrimRight(value, "\r\n"); {
	case !found:
		return "", "the environment variable " + name + " is not set", hint
	case value == "":
		return "", "the environment variable " + name + " is empty", hint
	}
	return value, "", ""
}

func (r Resolver) file(path string) (value, problem, hint string) {
	hint = "create it, or mount it where Tandem runs"
	if r.ReadFile == nil {
		return "", "the secret file " + path + " cannot be read here", hint
	}
	content, err := r.ReadFile(path)
	value = strings.TrimRight(string(content), "\r\n")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "the secret file " + path + " does not exist", hint
	case errors.Is(err, fs.ErrPermission):
		return "", "the secret file " + path + " may not be read", "give the user Tandem runs as permission to read it"
	case err != nil:
		return "", "the secret file " + path + " cannot be read", "check that it is a regular file"
	case value == "":
		return "", "the secret file " + path + " is empty", "write the secret into it"
	case len(value) > maxFile:
		return "", "the secret file " + path + " is larger than 1 MiB", "check that it is the right file"
	}
	return value, "", ""
}

// forms lists how a value may appear in a text, longest first, so that no
// replacement leaves part of another behind.
func forms(value string) []string {
	if value == "" {
		return nil
	}
	quoted, err := json.Marshal(value)
	if err != nil {
		quoted = nil
	}
	all := []string{
		value, url.QueryEscape(value), url.PathEscape(value), strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value)),
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}
