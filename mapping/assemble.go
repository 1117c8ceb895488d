package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// assemble makes the map of what was built.
func (b *builder) assemble(node diag.Node) *Map {
	m := &Map{kinds: kindsOf(b.remote), canonical: kindsOf(b.canonical), revision: b.revision(node), scope: b.inScope}
	remote, fields, written := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range b.built {
		m.entries = append(m.entries, e.describe())
		if s := e.in; s != nil && s.ready() {
			m.ins = append(m.ins, s)
			fields[s.dst] = true
			note(remote, s.reads()...)
			note(remote, e.conf.CurrencyFrom)
		}
		if s := e.out; s != nil && s.ready() {
			m.outs = append(m.outs, s)
			note(remote, s.dst, s.codeTo)
			note(written, s.dst, s.codeTo)
			if b.offline {
				m.kinds[s.dst] = s.kind
			}
		}
	}
	m.remote, m.fields, m.outFields = sorted(remote), sorted(fields), sorted(written)
	return m
}

// ready tells that a side compiled; one with a mistake in its expression did
// not.
func (s *side) ready() bool { return s.program != nil || s.src != "" }

func note(set map[string]bool, names ...string) {
	for _, name := range names {
		if name != "" {
			set[name] = true
		}
	}
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

func kindsOf(o schema.Object) map[string]record.Kind {
	kinds := make(map[string]record.Kind, len(o.Fields))
	for _, f := range o.Fields {
		kinds[f.Name] = f.Kind
	}
	return kinds
}

func (e *built) describe() Entry {
	d := Entry{
		Field: e.conf.Field, Remote: e.conf.Remote, RewriteForm: e.conf.RewriteForm, Placeholder: e.conf.Placeholder != "",
	}
	if e.in != nil && e.in.ready() {
		d.In, d.InRule, d.InReads = true, e.in.rule, e.in.reads()
	}
	if e.out != nil && e.out.ready() {
		d.Out, d.OutRule, d.OutReads = true, e.out.rule, e.out.reads()
	}
	return d
}

// revision hashes what is written, whatever its order and layout.
func (b *builder) revision(node diag.Node) string {
	parts := make([]string, 0, len(node.Items())+1)
	for _, n := range append(node.Items(), b.opts.Picklists) {
		text, err := json.Marshal(n.Value())
		if err != nil { // plain YAML values always have a JSON form
			text = []byte(err.Error())
		}
		parts = append(parts, string(text))
	}
	slices.Sort(parts)
	h := sha256.New()
	for _, p := range parts {
		_, _ = h.Write([]byte(p + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}
