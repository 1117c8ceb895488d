package config

import (
	"net"
	"net/url"
	"regexp"
	"strconv"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
)

// Listen is an address to listen at; "" for none.
type Listen string

// DecodeNode reads host:port, or off.
func (l *Listen) DecodeNode(n diag.Node) diag.List {
	var problems diag.List
	text := n.Str(&problems)
	if len(problems) > 0 {
		return problems
	}
	if text == off {
		*l = ""
		return nil
	}
	*l = Listen(text)
	_, port, err := net.SplitHostPort(text)
	number, bad := strconv.ParseUint(port, 10, 16)
	if err != nil || bad != nil || number > 65535 {
		return diag.List{n.Errorf("%q is not an address to listen at", text).WithHint(`write host:port, such as "127.0.0.1:8484", ":8484" for all interfaces, or off`)}
	}
	return nil
}

func (Listen) shape() shape {
	return shape{name: "host:port or off", schema: map[string]any{"type": "string"}}
}

// Endpoint is the address of a server, in which references to secrets may
// stand. It is not known before Resolve.
type Endpoint struct {
	node diag.Node
	text string
	url  secret.Secret
}

// IsZero tells that no address is configured.
func (e Endpoint) IsZero() bool { return e.text == "" }

// Reveal returns the address with its password, or "" before Resolve.
func (e Endpoint) Reveal() string { return e.url.Reveal() }

// String never shows the address.
func (Endpoint) String() string { return secret.Secret{}.String() }

const redisHint = "write redis://host:6379/0, rediss:// for TLS, or unix:///path; or take the whole address from ${env:REDIS_URL}"

var inlinePassword = regexp.MustCompile(`://[^/@]*:([^@/]*)@`)

// DecodeNode reads an address. A password written out is an error.
func (e *Endpoint) DecodeNode(n diag.Node) diag.List {
	var problems diag.List
	text := n.Str(&problems)
	if len(problems) > 0 || text == "" {
		return problems
	}
	if m := inlinePassword.FindStringSubmatch(text); m != nil && m[1] != "" && (len(m[1]) < 2 || m[1][:2] != "${") {
		return diag.List{hide(n.Errorf("a password must not be written in the configuration")).WithHint("write ${env:NAME} or ${file:/path} in its place")}
	}
	e.node, e.text = n, text
	probe := secret.Resolver{
		Env:      func(string) (string, bool) { return "x", true },
		ReadFile: func(string) ([]byte, error) { return []byte("x"), nil },
	}
	if expanded, bad := probe.Expand(n, text); len(bad) > 0 || expanded.Reveal() != text {
		return bad // the address is checked once the references are resolved
	}
	return e.check(text)
}

func (Endpoint) shape() shape {
	return shape{name: "address, may hold ${env:NAME} and ${file:/path}", schema: map[string]any{"type": "string"}}
}

// check never repeats the address: it may hold a password.
func (e *Endpoint) check(text string) diag.List {
	u, err := url.Parse(text)
	if err == nil && ((u.Scheme == "redis" || u.Scheme == "rediss") && u.Hostname() != "" || u.Scheme == "unix" && u.Path != "") {
		return nil
	}
	return diag.List{hide(e.node.Errorf("this is not the address of a Redis server")).WithHint("%s", redisHint)}
}

func (e *Endpoint) resolve(r secret.Resolver) diag.List {
	if e.IsZero() {
		return nil
	}
	expanded, problems := r.Expand(e.node, e.text)
	if len(problems) > 0 {
		return problems
	}
	e.url = expanded
	return e.check(expanded.Reveal())
}

// hide cuts the source line at the value, which may hold a password.
func hide(d diag.Diagnostic) diag.Diagnostic {
	line := []rune(d.Source)
	d.Source = string(line[:min(max(d.Pos.Column-1, 0), len(line))]) + "[redacted]"
	return d
}
