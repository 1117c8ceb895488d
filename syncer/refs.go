package syncer

import (
	"context"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
)

// refField is a canonical field fed by a remote reference.
type refField struct {
	field   string
	remote  string
	objects []string // remote objects it may point to
}

func (o *Object) refFields() []refField {
	var out []refField
	for _, entry := range o.Map.Entries() {
		f, ok := o.Schema.Field(entry.Remote)
		if !ok || f.Kind != record.Reference || entry.Field == "" {
			continue
		}
		out = append(out, refField{field: entry.Field, remote: entry.Remote, objects: strings.Split(f.RefersTo, ",")})
	}
	return out
}

// maxRefCache bounds what a cycle remembers of which entity a remote record
// is: owners and companies are asked for again and again.
const maxRefCache = 50_000

// resolveRefs looks up the entities behind every reference of the page.
func (in *intake) resolveRefs(ctx context.Context) error {
	fields := in.object.refFields()
	if len(fields) == 0 {
		return nil
	}
	want := in.wantedRefs(fields)
	for system, objects := range want {
		for object, ids := range objects {
			links, err := in.tx.Links.ByRemote(ctx, system, object, ids...)
			if err != nil {
				return err
			}
			for id, l := range links {
				in.remember(ledger.Ref{System: system, Object: object, ID: id}, l.Entity)
			}
		}
	}
	return nil
}

// wantedRefs lists the references of the page that are not known yet, by
// system and object.
func (in *intake) wantedRefs(fields []refField) map[string]map[string][]string {
	want := map[string]map[string][]string{}
	for _, r := range in.rows {
		for _, f := range fields {
			in.wantRef(want, in.remoteRef(f, r.fields[f.field].Text()))
			in.wantRef(want, in.remoteRef(f, in.links[r.ID].Shadow.Held[f.remote].Text()))
		}
	}
	for _, e := range in.entities {
		for _, f := range fields {
			if ref, ok := plan.ParseRef(e.Golden[f.field].Text()); ok {
				in.wantRef(want, ref)
			}
		}
	}
	return want
}

func (in *intake) remember(ref ledger.Ref, id record.EntityID) {
	in.refs[ref] = id
	if len(in.cycle.refs) < maxRefCache {
		in.cycle.refs[ref] = id
	}
}

func (in *intake) wantRef(want map[string]map[string][]string, ref ledger.Ref) {
	if ref.ID == "" {
		return
	}
	if _, known := in.refs[ref]; known {
		return
	}
	if id, known := in.cycle.refs[ref]; known {
		in.refs[ref] = id
		return
	}
	if want[ref.System] == nil {
		want[ref.System] = map[string][]string{}
	}
	in.refs[ref] = ""
	want[ref.System][ref.Object] = append(want[ref.System][ref.Object], ref.ID)
}

// remoteRef reads a raw reference: an id of the one object the field points
// to, or "Object/id" where it may point to several.
func (in *intake) remoteRef(f refField, text string) ledger.Ref {
	object, id, several := strings.Cut(text, "/")
	if !several {
		object, id = f.objects[0], text
	}
	return ledger.Ref{System: in.system.Name, Object: object, ID: id}
}

// readRefs returns what was read with every reference as an entity id where
// the record it names is linked, else as "system/object/id".
func (in *intake) readRefs(f record.Fields) record.Fields {
	return in.rewriteRefs(f, func(rf refField, text string) ledger.Ref { return in.remoteRef(rf, text) })
}

// goldenRefs does so for a golden record, whose references are entity ids
// already or were not known when they were read.
func (in *intake) goldenRefs(f record.Fields) record.Fields {
	return in.rewriteRefs(f, func(_ refField, text string) ledger.Ref {
		ref, _ := plan.ParseRef(text)
		return ref
	})
}

func (in *intake) rewriteRefs(f record.Fields, read func(refField, string) ledger.Ref) record.Fields {
	out, copied := f, false
	for _, rf := range in.object.refFields() {
		v := f[rf.field]
		if !v.IsPresent() || v.Kind() != record.Reference {
			continue
		}
		ref := read(rf, v.Text())
		if ref.ID == "" {
			continue
		}
		text := plan.FormatRef(ref)
		if id := in.refs[ref]; id != "" {
			text = string(id)
		}
		if text == v.Text() {
			continue
		}
		if !copied {
			out, copied = f.Clone(), true
		}
		out[rf.field] = record.Of(record.Reference, text)
	}
	return out
}
