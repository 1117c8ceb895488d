// Package secret holds credentials in a type that cannot be printed, and reads
// them from where a configuration refers to: an environment variable
// (`${env:NAME}`) or a file (`${file:/path}`).
//
// References are understood in YAML values that are already parsed, never in
// the raw text of a file, so that what a secret contains cannot change the
// configuration around it.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"strings"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/diag"
)

const redacted = "[redacted]"

// Secret is a credential. However it is printed, logged or encoded it reads
// "[redacted]"; only Reveal returns its value. The zero Secret is not set.
// Compare secrets with Equal: a Secret cannot be compared with == by accident,
// nor be a map key.
type Secret struct {
	_     [0]func() // not comparable
	state *state
}

// state is written only by Resolve, before a configuration is put to use. The
// value is kept in a function, of which fmt can show no more than the address:
// it reaches into unexported fields, where it cannot call Format.
type state struct {
	ref   reference
	value func() string
}

func keep(value string) func() string { return func() string { return value } }

// New returns a secret with the given value, for values that do not come from
// configuration (a token just received) and for tests.
func New(value string) Secret {
	return Secret{state: &state{value: keep(value)}}
}

// Reveal returns the value, or "" before Resolve. Use it only where the value
// leaves the program as a credential.
func (s Secret) Reveal() string {
	if s.state == nil || s.state.value == nil {
		return ""
	}
	return s.state.value()
}

// IsZero reports whether there is neither a value nor a reference to one.
func (s Secret) IsZero() bool {
	return s.Reveal() == "" && s.Reference() == ""
}

// Equal compares the values in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]".
func (Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (Secret) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) } // fmt keeps the error

// MarshalText returns "[redacted]".
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON returns "[redacted]".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalYAML returns "[redacted]".
func (Secret) MarshalYAML() (any, error) { return redacted, nil }

// LogValue returns "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalZerologObject adds the field value="[redacted]".
func (Secret) MarshalZerologObject(e *zerolog.Event) { e.Str("value", redacted) }

// Reference returns where the value comes from, such as `${env:NAME}`; it is
// not secret. It is "" for a secret made by New.
func (s Secret) Reference() string {
	if s.state == nil || s.state.ref.kind == "" {
		return ""
	}
	return s.state.ref.String()
}

// DecodeNode reads a reference and keeps it; Resolve fetches the value. A value
// written out in the configuration is an error.
func (s *Secret) DecodeNode(n diag.Node) diag.List {
	if !n.IsScalar() {
		return diag.List{masked(n.Errorf("expected a reference to a secret, found %s", n.Kind()).WithHint("%s", howTo))}
	}
	ref, problem := parseReference(n.String())
	if problem != "" {
		return diag.List{masked(n.Errorf("%s", problem).WithHint("%s", howTo))}
	}
	ref.node = n
	s.state = &state{ref: ref}
	return nil
}

// masked cuts the source line at the value, which may be the secret itself.
func masked(d diag.Diagnostic) diag.Diagnostic {
	line := []rune(d.Source)
	d.Source = string(line[:min(max(d.Pos.Column-1, 0), len(line))]) + redacted
	return d
}

// Redact replaces every occurrence of the secrets' values in the text, also
// where a value stands escaped for a URL or for JSON. Values shorter than four
// characters are left: they occur by chance everywhere.
func Redact(text string, secrets ...Secret) string {
	const shortest = 4
	for _, s := range secrets {
		for _, form := range forms(s.Reveal()) {
			if len(form) >= shortest {
				text = strings.ReplaceAll(text, form, redacted)
			}
		}
	}
	return text
}
