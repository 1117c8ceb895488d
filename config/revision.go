package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
)

// Revision is the hash of what decides what is written where: connectors that
// are enabled with their objects, maps and filters, identity, policies, custom
// fields and stages, and the parts that the caller adds. Schedules, limits,
// server, logging, credentials and addresses are not part of it; nor are
// comments, formatting and the order of keys. Only where several objects of a
// system are mapped as the same canonical object does their order count, since
// the first is written by preference.
//
// Of a connector's own keys, lengths of time, credentials and addresses say
// when and where, not what, and are left out.
func (c *Config) Revision(parts ...string) string {
	systems := map[string]any{}
	for _, k := range c.Enabled() {
		systems[k.Name] = k.meaning()
	}
	stages, _ := c.Smarketing.Get("stages")
	whole := map[string]any{
		"systems": systems, "match": c.Match(), "policies": c.policyMeaning(), "fields": c.custom(),
		"pairs": c.Identity.Pairs, "stages": stages.Plain(), "parts": parts,
	}
	text, err := json.Marshal(whole)
	if err != nil {
		panic("config: a revision is made of plain values only: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

func (k *Connector) meaning() map[string]any {
	objects, order := map[string]any{}, map[record.Object][]string{}
	for _, o := range k.Objects {
		objects[o.Name] = o.meaning()
		order[o.As] = append(order[o.As], o.Name)
	}
	return map[string]any{
		"type": k.Type, "role": k.Role, "read_only": k.ReadOnly, "objects": objects, "order": order,
		"own": decisive(k.Rest.Without("auth", "base_url")),
	}
}

func (o Object) meaning() map[string]any {
	observe := slices.Sorted(slices.Values(o.Observe))
	return map[string]any{
		"as": o.As, "create": o.Create.Allowed, "create_when": o.Create.When.Plain(), "filter": o.Filter.Plain(),
		"key": o.Key, "on_delete": o.OnDelete, "adopt": o.Adopt, "read_only": o.ReadOnly, "observe": observe,
		"fields": unordered(o.Fields), "picklists": o.Picklists.Plain(),
	}
}

func (c *Config) policyMeaning() map[string]any {
	out := map[string]any{}
	for as, p := range c.Policies {
		out[string(as)+"/"+defaultKey] = p.Default.meaning()
		for field, f := range p.Fields {
			out[string(as)+"/"+field] = f.meaning()
		}
	}
	return out
}

func (p Policy) meaning() []any {
	others := p.Others
	if others == "" {
		others = "revert"
	}
	return []any{p.Rule, p.Owners, others, p.Order, p.Back, p.Keep, p.Tie, p.First}
}

// custom tells what custom fields there are; how they are labelled is not part.
func (c *Config) custom() map[string]any {
	out := map[string]any{}
	for as, fields := range c.Fields {
		for _, f := range fields {
			out[string(as)+"/"+f.Name] = []any{f.Kind.of.String(), f.Options, f.To}
		}
	}
	return out
}

// unordered is Plain for a list whose order means nothing.
func unordered(n diag.Node) any {
	if !n.IsList() {
		return n.Plain()
	}
	var items []string
	for _, item := range n.Items() {
		text, err := json.Marshal(item.Plain())
		if err != nil {
			panic("config: a node is made of plain values only: " + err.Error())
		}
		items = append(items, string(text))
	}
	slices.Sort(items)
	return items
}

// decisive is Plain without lengths of time and references to secrets.
func decisive(n diag.Node) any {
	if n.IsMap() {
		m := map[string]any{}
		for _, key := range n.Keys() {
			v, _ := n.Get(key.Name)
			if d := decisive(v); d != nil {
				m[key.Name] = d
			}
		}
		return m
	}
	if !n.IsScalar() {
		return n.Plain()
	}
	text := n.String()
	if _, err := diag.ParseDuration(text); err == nil && text != "0" || strings.HasPrefix(text, "${") {
		return nil
	}
	return text
}
