package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// entity is one object of the manifest, ready for use.
type entity struct {
	Object
	name    string
	schema  schema.Object // without extras
	id      path
	updated []path
	created []path
	version path
	goneIf  path
	fields  []field
	extras  path

	list, changes *walk
	gone          *tombs
	get, lookup   *find
	keys          []string // of lookup
	writes        map[connectors.OpKind]*write
	delta         bool // changes can be asked for
	partial       bool // a row holds the fields asked for, not all
}

// field is one field of an object.
type field struct {
	Field
	name  string
	kind  record.Kind
	path  path
	put   path // where it is written
	times layout
}

// walk reads pages.
type walk struct {
	call
	records path
	paging  paging
}

type tombs struct {
	walk
	id, at path
}

// find reads by id or key.
type find struct {
	call
	records, total path
	batch          int
	row            *figure
}

// write carries out rows.
type write struct {
	call
	batch  int
	row    *figure
	answer answer
}

// compiler turns a manifest into entities and tells what is wrong with it.
type compiler struct {
	m        Manifest
	times    times
	problems diag.List
}

func decodeManifest(n diag.Node) (Manifest, diag.List) {
	var m Manifest
	problems := diag.Decode(n, &m)
	return m, problems
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// api is a manifest ready for use: its objects in the order written.
type api struct {
	Manifest
	entities []*entity
	times    times
	check    call

	definition string
}

func compile(n diag.Node, m Manifest) (api, diag.List) {
	c := &compiler{m: m}
	c.times = c.layouts(n.At("times"))
	c.scheme(n.At("auth"))
	check := c.call(n.At("check"), m.Check.Request, http.MethodGet, nil)
	check.op = "check"
	objects := n.At("objects")
	var all []*entity
	for _, k := range objects.Keys() {
		all = append(all, c.entity(objects.At(k.Name), k.Name, m.Objects[k.Name]))
	}
	for _, e := range all {
		c.references(objects.At(e.name), e, all)
	}
	c.errors(n.At("errors"))
	return api{Manifest: m, entities: all, times: c.times, check: check, definition: digest(n)}, c.problems
}

func (c *compiler) scheme(n diag.Node) {
	s := c.m.Auth
	switch kind := s.kind(); {
	case (kind == "header" || kind == "query") && s.Name == "":
		c.problems.Errorf(n, "auth of kind %s needs the name of the %s", kind, map[string]string{"header": "header", "query": "parameter"}[kind])
	case kind == "oauth2" && !strings.HasPrefix(s.TokenURL, "/") && !strings.HasPrefix(s.TokenURL, "https://"):
		c.problems.Add(n.At("token_url").Errorf("auth of kind oauth2 needs token_url").WithHint("write a path below the base URL, as in /oauth/token, or an address that begins with https://"))
	case kind == "query":
		c.problems.Add(n.Warnf("a key in the address ends up in the system's logs").WithHint("use bearer, basic or header if the system takes one of them"))
	}
}

func (c *compiler) entity(n diag.Node, name string, o Object) *entity {
	if o.ID == "" {
		o.ID = "id"
	}
	if o.Overlap == 0 {
		o.Overlap = time.Minute
	}
	if o.PageSize == 0 {
		o.PageSize = 100
	}
	if o.Overlap < time.Second {
		c.problems.Errorf(n.At("overlap"), "overlap must be 1s or more")
	}
	if o.PageSize < 1 || o.PageSize > 10_000 {
		c.problems.Errorf(n.At("page_size"), "page_size must be from 1 to 10000")
	}
	e := &entity{
		Object: o, name: name, id: parsePath(o.ID), updated: o.UpdatedAt.parse(), created: o.CreatedAt.parse(),
		version: parsePath(o.Version), goneIf: parsePath(o.GoneIf), extras: parsePath(o.Extras), writes: map[connectors.OpKind]*write{},
	}
	c.fields(n.At("fields"), e)
	c.reads(n, e)
	c.finds(n, e)
	c.writesOf(n, e)
	e.schema = e.describe()
	return e
}

func (c *compiler) fields(n diag.Node, e *entity) {
	for _, k := range n.Keys() {
		f, at := e.Fields[k.Name], n.At(k.Name)
		kind, _ := record.ParseKind(f.Kind)
		if f.Kind == "" {
			kind = record.String
		}
		own := field{Field: f, name: k.Name, kind: kind, path: path{k.Name}, put: path{k.Name}, times: c.times.rows}
		if f.Path != "" {
			own.path = parsePath(f.Path)
		}
		if f.Write != "" {
			own.put = parsePath(f.Write)
		}
		if f.Format != "" {
			own.times = c.layout(at.At("format"), f.Format)
		}
		if len(f.Options) > 0 && kind != record.Enum && kind != record.Set {
			c.problems.Errorf(at.At("options"), "only an enum or a set has options")
		}
		e.fields = append(e.fields, own)
	}
}

func (c *compiler) reads(n diag.Node, e *entity) {
	names := []string{"since", "page", "offset", "size", "cursor", "last.id", "last.time", "fields"}
	if e.List != nil {
		e.list = c.walk(n.At("list"), *e.List, e, names)
	}
	if e.Changes != nil {
		e.changes = c.walk(n.At("changes"), *e.Changes, e, names)
		if !e.changes.uses("since") && !e.changes.uses("last.time") {
			c.problems.Add(n.At("changes").Errorf("changes does not say since when").WithHint("use {since} in its query, or leave changes out"))
		}
	}
	if e.list != nil {
		e.delta = e.changes != nil || e.list.uses("since")
		e.partial = e.list.uses("fields") || e.changes != nil && e.changes.uses("fields")
	}
	if e.delta && len(e.updated) == 0 {
		c.problems.Errorf(n, "an object whose changes can be asked for needs updated_at")
	}
	c.tombs(n, e, names)
}

func (c *compiler) tombs(n diag.Node, e *entity, names []string) {
	if e.Gone != nil {
		w := c.walk(n.At("gone"), e.Gone.Walk, e, names)
		e.gone = &tombs{walk: *w, id: e.id, at: parsePath(e.Gone.At)}
		if e.Gone.ID != "" {
			e.gone.id = parsePath(e.Gone.ID)
		}
		if e.Gone.Paging.ID == "" {
			e.gone.paging.id = e.gone.id
		}
		if e.Gone.Paging.Time == "" {
			e.gone.paging.time = []path{e.gone.at}
		}
	}
}

func (c *compiler) walk(n diag.Node, w Walk, e *entity, names []string) *walk {
	out := &walk{call: c.call(n, w.Request, http.MethodGet, names), records: parsePath(w.Records)}
	out.op, out.object, out.repeat = "read "+e.name, e.name, true
	out.paging = c.paging(n.At("paging"), w.Paging, e, out.call)
	return out
}

func (c *compiler) finds(n diag.Node, e *entity) {
	if e.Get != nil {
		e.get = c.find(n.At("get"), *e.Get, e, []string{"id", "ids", "fields", "rows"})
	}
	if e.Lookup == nil {
		return
	}
	at := n.At("lookup")
	e.lookup = c.find(at, e.Lookup.Find, e, []string{"key", "value", "values", "fields", "rows"})
	e.keys = e.Lookup.Keys
	for _, key := range e.keys {
		if _, known := e.Fields[key]; !known {
			c.problems.Add(at.At("keys").Errorf("the key %q is no field", key).WithNearest(key, sorted(e.Fields)))
		}
	}
}

func (c *compiler) find(n diag.Node, f Find, e *entity, names []string) *find {
	out := &find{call: c.call(n, f.Request, http.MethodGet, names), records: parsePath(f.Records), total: parsePath(f.Total), batch: max(f.Batch, 1)}
	out.op, out.object, out.repeat = "find "+e.name, e.name, true
	out.row = c.figure(n, "row", f.Row, []string{"id", "value"})
	if f.Total == "" {
		out.total = nil
	}
	return out
}

func (c *compiler) references(n diag.Node, e *entity, all []*entity) {
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = o.name
	}
	for name, f := range e.Fields {
		if f.RefersTo != "" && !slices.Contains(names, f.RefersTo) {
			c.problems.Add(n.At("fields").At(name).At("refers_to").Errorf("there is no object %q", f.RefersTo).WithNearest(f.RefersTo, names))
		}
	}
	for _, name := range e.CheckUnique {
		if !slices.Contains(e.keys, name) {
			c.problems.Errorf(n.At("check_unique"), "%q cannot be looked up: it is no key of lookup", name)
		}
	}
}

// digest is of what a manifest says about the data. How calls are signed and
// paced and where they go is not about it.
func digest(n diag.Node) string {
	text, err := json.Marshal(n.Without("auth", "base_url", "limits", "title").Plain())
	if err != nil {
		panic("rest: a node is made of plain values only: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
