package mapping

import (
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// check looks at the entries together.
func (b *builder) check(node diag.Node) {
	given, written := map[string]*built{}, map[string]*built{}
	for _, e := range b.built {
		if e.in != nil {
			b.once(given, e, e.inKey, e.in.dst, "field")
		}
		if e.out != nil {
			b.once(written, e, e.outKey, strings.ToLower(e.out.dst), "remote field")
		}
	}
	b.crossed()
	b.currencies(written)
	if b.opts.Create && !b.offline {
		b.required(node, written)
	}
}

func (b *builder) once(seen map[string]*built, e *built, at diag.Node, name, what string) {
	first, dup := seen[name]
	if !dup {
		seen[name] = e
		return
	}
	place := first.conf.node.Pos()
	b.problems.Add(at.Errorf("%s %s is already given by the entry on line %d", what, at.String(), place.Line).
		WithHint("keep one of them, or limit one with direction"))
}

// crossed warns of two entries that exchange two names, which is nearly always
// a slip.
func (b *builder) crossed() {
	to := map[string]string{}
	for _, e := range b.built {
		to[e.conf.Field] = e.conf.Remote
	}
	for _, e := range b.built {
		field, remote := e.conf.Field, e.conf.Remote
		if field != "" && remote != "" && field < remote && to[remote] == field {
			b.problems.Add(e.inKey.Warnf("%s and %s are mapped crosswise", field, remote))
		}
	}
}

// currencies decides where the currency of an amount is written: beside it,
// unless the field is read-only or has an entry of its own.
func (b *builder) currencies(written map[string]*built) {
	for _, e := range b.built {
		if e.out == nil || e.out.codeTo == "" {
			continue
		}
		rf, _ := b.remote.Field(e.out.codeTo)
		e.out.codeKind = rf.Kind
		if _, own := written[strings.ToLower(e.out.codeTo)]; own || rf.ReadOnly {
			e.out.codeTo = ""
		}
	}
}

func (b *builder) required(node diag.Node, written map[string]*built) {
	for _, f := range b.remote.Fields {
		if !f.Required || f.ReadOnly {
			continue
		}
		e, ok := written[strings.ToLower(f.Name)]
		switch {
		case !ok:
			b.problems.Add(node.Errorf("%s requires %s, which no entry writes", b.remote.Name, f.Name).
				WithHint("add {remote: %s, out: ..., placeholder: ...}, or do not create records there", f.Name))
		case e.conf.Placeholder == "" && e.conf.Out.IsNull():
			b.problems.Add(e.outKey.Warnf("%s requires %s: records without it cannot be created", b.remote.Name, f.Name).
				WithHint("add a placeholder"))
		}
	}
}

// lengths compares what the canonical field may hold with what the remote one
// accepts.
func (b *builder) lengths(c *entryConf, cf, rf schema.Field) {
	if rf.MaxLen == 0 || c.Truncate {
		return
	}
	if n := len([]rune(c.Placeholder)); n > rf.MaxLen {
		b.problems.Add(c.at("placeholder").Errorf("the placeholder has %d characters, %s accepts %d", n, rf.Name, rf.MaxLen))
	}
	if c.Field == "" || !c.Out.IsNull() || !c.Values.IsNull() {
		return
	}
	const short = 256 // what one line of text holds in most systems
	if cf.MaxLen > rf.MaxLen || cf.Kind == record.Text && cf.MaxLen == 0 && rf.MaxLen < short {
		b.problems.Add(c.at("remote").Warnf("%s may be longer than the %d characters %s accepts; longer texts are held", cf.Name, rf.MaxLen, rf.Name).
			WithHint("set truncate: true to cut them"))
	}
}

// mask tells the expressions that read remote fields which texts there mean
// nothing, and which are our own placeholders.
func (b *builder) mask() {
	placeholders := map[string]string{}
	for _, e := range b.built {
		if e.conf.Placeholder != "" {
			placeholders[e.conf.Remote] = e.conf.Placeholder
		}
	}
	for _, e := range b.built {
		if e.in == nil {
			continue
		}
		if e.in.program == nil {
			e.in.placeholder = placeholders[e.in.src]
			continue
		}
		for _, name := range e.in.program.Reads() {
			rf, _ := b.remote.Field(name)
			if p := placeholders[name]; p != "" || len(rf.Empty) > 0 {
				e.in.masks = append(e.in.masks, mask{field: name, empty: rf.Empty, placeholder: p})
			}
		}
	}
}
