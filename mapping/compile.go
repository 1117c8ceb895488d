package mapping

import (
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping/expression"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Compile checks one object's `fields:` list against the canonical and the
// remote object and returns the map with every problem found. The map may be
// used when the list holds no error.
func Compile(node diag.Node, canonical, remote schema.Object, opts Options) (*Map, diag.List) {
	b := newBuilder(canonical, remote, opts)
	return b.compile(node)
}

// CompileOffline compiles as Compile does where the remote schema is not
// known: only the canonical side is checked, and remote kinds are taken from
// the canonical ones.
func CompileOffline(node diag.Node, canonical schema.Object, opts Options) (*Map, diag.List) {
	b := newBuilder(canonical, schema.Object{}, opts)
	b.offline = true
	b.inScope.Open = true
	return b.compile(node)
}

// builder compiles one map.
type builder struct {
	canonical, remote schema.Object
	offline           bool
	opts              Options
	problems          diag.List
	picklists         map[string]*valueMap
	inScope, outScope expression.Scope
	built             []*built
}

// built is one entry with what became of it.
type built struct {
	conf    *entryConf
	in, out *side
	// outKey is where the remote field, and inKey where the canonical one is
	// written, for messages.
	inKey, outKey diag.Node
}

func newBuilder(canonical, remote schema.Object, opts Options) *builder {
	b := &builder{canonical: canonical, remote: remote, opts: opts, picklists: map[string]*valueMap{}}
	b.inScope.Fields, b.outScope.Fields = typesOf(remote), typesOf(canonical)
	b.inScope.Labels = map[string]map[string]string{}
	for _, f := range remote.Fields {
		for _, o := range f.Options {
			if b.inScope.Labels[f.Name] == nil {
				b.inScope.Labels[f.Name] = make(map[string]string, len(f.Options))
			}
			b.inScope.Labels[f.Name][o.Value] = o.Label
		}
	}
	tables := map[string]map[string]string{}
	for _, key := range opts.Picklists.Keys() {
		n, _ := opts.Picklists.Get(key.Name)
		vm := readValues(n, &b.problems)
		if vm == nil {
			continue
		}
		b.picklists[key.Name] = vm
		tables[key.Name] = map[string]string{}
		for _, p := range vm.pairs {
			tables[key.Name][p.remote] = p.canonical
		}
	}
	b.inScope.Picklists, b.outScope.Picklists = tables, tables
	return b
}

func typesOf(o schema.Object) map[string]expression.Type {
	types := make(map[string]expression.Type, len(o.Fields))
	for _, f := range o.Fields {
		types[f.Name] = expression.TypeOf(f.Kind)
	}
	return types
}

func (b *builder) compile(node diag.Node) (*Map, diag.List) {
	for _, c := range decodeEntries(node, &b.problems) {
		b.entry(c)
	}
	b.mask()
	b.check(node)
	return b.assemble(node), b.problems
}

func (b *builder) entry(c *entryConf) {
	cf, rf, ok := b.resolve(c)
	if !ok {
		return
	}
	f := c.forms(formatKind(c, cf, rf), &b.problems)
	in, out := b.values(c, cf, rf)
	e := &built{conf: c, inKey: c.at("field"), outKey: c.at("remote")}
	if hasIn, hasOut := c.directions(); hasIn || hasOut {
		if hasIn {
			e.in = b.in(c, cf, rf, f, in)
		}
		if hasOut {
			e.out = b.out(c, cf, rf, f, out)
		}
	}
	b.built = append(b.built, e)
}

// formatKind is the kind that a `format:` of one text is about.
func formatKind(c *entryConf, cf, rf schema.Field) record.Kind {
	if c.Field == "" || textual(cf.Kind) && cf.Kind != record.Phone && c.Remote != "" {
		return rf.Kind
	}
	return cf.Kind
}

// resolve finds the fields an entry names.
func (b *builder) resolve(c *entryConf) (cf, rf schema.Field, ok bool) {
	ok = true
	if c.Field != "" {
		var known bool
		if cf, known = b.canonical.Field(c.Field); !known {
			b.problems.Add(c.at("field").Errorf("%s has no field %q", b.canonical.Name, c.Field).WithNearest(c.Field, b.canonical.FieldNames()))
			ok = false
		}
	}
	if c.Remote != "" {
		var known bool
		if rf, known = b.remoteField(c.at("remote"), c.Remote, cf); !known {
			ok = false
		}
	}
	if c.CurrencyFrom != "" {
		if _, known := b.remoteField(c.at("currency_from"), c.CurrencyFrom, schema.Field{}); !known {
			ok = false
		}
	}
	return cf, rf, ok
}

func (b *builder) remoteField(at diag.Node, name string, like schema.Field) (schema.Field, bool) {
	if b.offline {
		return schema.Field{Name: name, Kind: likely(like)}, true
	}
	if f, ok := b.remote.Field(name); ok {
		return f, true
	}
	d := at.Errorf("%s has no field %q", b.remote.Name, name).WithNearest(name, b.remote.FieldNames())
	if b.opts.Degrade {
		d.Severity = diag.Warning
		d.Summary += "; what is mapped to it is left out"
	}
	b.problems.Add(d)
	return schema.Field{}, false
}

// likely is the kind a remote field probably has, from its canonical one.
func likely(like schema.Field) record.Kind {
	if like.Kind == record.Money {
		return record.Decimal
	}
	return like.Kind
}

func (b *builder) in(c *entryConf, cf, rf schema.Field, f *forms, t *table) *side {
	s := &side{
		field: c.Field, remote: c.Remote, src: c.Remote, dst: c.Field, kind: cf.Kind, way: inward,
		table: t, convert: converterTo(cf.Kind, f, inward), empty: rf.Empty, placeholder: c.Placeholder, maxLen: cf.MaxLen,
		truncate: c.Truncate, dropInvalid: c.Invalid == "drop", blank: c.Absent == "blank",
	}
	if !c.In.IsNull() {
		s.src = ""
		b.expression(s, c.In, &b.inScope, f)
		return s
	}
	b.mirror(s, c, rf.Kind, f)
	return s
}

func (b *builder) out(c *entryConf, cf, rf schema.Field, f *forms, t *table) *side {
	s := &side{
		field: c.Field, remote: c.Remote, src: c.Field, dst: c.Remote, kind: rf.Kind,
		table: t, convert: converterTo(rf.Kind, f, outward), placeholder: c.Placeholder, maxLen: rf.MaxLen,
		truncate: c.Truncate, dropInvalid: c.Invalid == "drop",
	}
	if rf.ReadOnly {
		b.problems.Add(c.at("remote").Errorf("%s.%s is read-only", b.remote.Name, rf.Name).WithHint("set direction: in"))
	}
	if rf.Closed && len(rf.Options) > 0 {
		s.offered = make(map[string]bool, len(rf.Options))
		for _, o := range rf.Options {
			s.offered[o.Value] = !o.Gone
		}
	}
	b.lengths(c, cf, rf)
	if !c.Out.IsNull() {
		s.src = ""
		b.expression(s, c.Out, &b.outScope, f)
		return s
	}
	b.mirror(s, c, cf.Kind, f)
	if cf.Kind == record.Money && rf.Kind != record.Money {
		s.codeTo = c.CurrencyFrom
	}
	return s
}

// mirror completes a side that reads one field.
func (b *builder) mirror(s *side, c *entryConf, from record.Kind, f *forms) {
	s.plain = s.table == nil && s.offered == nil && s.maxLen == 0 && identical(s.kind, s.way) && (s.way == inward || s.placeholder == "")
	s.rule = "mirror"
	switch {
	case s.table != nil:
		s.rule = "values"
		return
	case from != s.kind:
		s.rule = from.String() + " to " + s.kind.String()
	}
	if why := f.refusal(from, s.kind); why != "" && !b.offline {
		b.problems.Add(c.node.Errorf("%s cannot be mapped to %s: %s", s.src, s.dst, why))
	}
}

func (b *builder) expression(s *side, n diag.Node, scope *expression.Scope, f *forms) {
	program, mistakes := expression.Compile(n.Str(&b.problems), *scope)
	for _, m := range mistakes {
		b.problems.Add(located(n, m))
	}
	if program == nil {
		return
	}
	s.program, s.rule = program, program.Source()
	if why := unfit(program.Result(), s, f); why != "" {
		b.problems.Add(n.Errorf("the expression gives %s, but %s is %s: %s", program.Result(), s.dst, article(s.kind), why))
	}
}

// unfit says why results of a type cannot be given to a side, or "".
func unfit(t expression.Type, s *side, f *forms) string {
	var natural record.Kind
	switch t {
	case expression.Any:
		return ""
	case expression.Text:
		if s.table == nil && s.kind == record.Boolean {
			return "write a condition, or truth(...)"
		}
		natural = record.String
	case expression.Whole:
		natural = record.Integer
	case expression.Number:
		natural = record.Decimal
	case expression.Bool:
		natural = record.Boolean
	case expression.List:
		natural = record.Set
	}
	if s.table != nil {
		return ""
	}
	if natural != record.String && (s.kind == record.String || s.kind == record.Text) {
		return "write text(...) or join(...) around it"
	}
	if natural == s.kind {
		return ""
	}
	return f.refusal(natural, s.kind)
}
