package listmonk

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// decoder turns rows into records of the fields asked for.
type decoder struct {
	object  schema.Object
	asked   []string
	counted []int64
	issues  []connectors.Issue
}

func (c *Connector) decoder(o schema.Object, asked []string) *decoder {
	return &decoder{object: o, asked: asked, counted: c.cfg.Counted}
}

func (d *decoder) records(rows []subscriber) []connectors.Record {
	var out []connectors.Record
	for i := range rows {
		if d.object.Name == subscriptions {
			out = append(out, d.subscriptionsOf(&rows[i])...)
			continue
		}
		out = append(out, d.record(&rows[i]))
	}
	return out
}

// keep leaves of a record's fields those asked for.
func (d *decoder) keep(r connectors.Record) connectors.Record {
	maps.DeleteFunc(r.Fields, func(name string, _ record.Value) bool { return !slices.Contains(d.asked, name) })
	return r
}

func (d *decoder) record(s *subscriber) connectors.Record {
	rec := connectors.Record{
		Object: subscribers, ID: strconv.FormatInt(s.ID, 10), Version: s.version(), Modified: s.changed(), Created: s.Created.UTC(),
		Fields: make(record.Fields, len(d.asked)),
	}
	for _, name := range d.asked {
		f, ok := d.object.Field(name)
		if !ok { // one that this listmonk does not have is absent
			continue
		}
		v, err := d.value(s, f)
		if err != nil {
			d.issues = append(d.issues, connectors.Issue{Object: subscribers, Ref: rec.ID, Field: name, Err: &fault.Error{
				Class: fault.Malformed, Scope: fault.ScopeField, Object: subscribers, Op: "read subscribers", Field: name, Err: err,
			}})
			continue
		}
		rec.Fields[name] = v
	}
	return rec
}

func (d *decoder) value(s *subscriber, f schema.Field) (record.Value, error) {
	switch f.Name {
	case "email":
		return decodeText(f.Kind, s.Email)
	case "name":
		return decodeText(f.Kind, s.Name)
	case "status":
		return decodeText(f.Kind, s.Status)
	case "uuid":
		return decodeText(f.Kind, s.UUID)
	case "created_at":
		return instant(s.Created), nil
	case "updated_at":
		return instant(s.Updated), nil
	case optOutField:
		return record.OfBool(s.optedOut(d.counted)), nil
	case "lists":
		var names []string
		for _, l := range s.Lists {
			if l.Status != unsubscribed {
				names = append(names, l.Name)
			}
		}
		return record.OfSet(names...), nil
	}
	if path, ok := strings.CutPrefix(f.Name, attribPrefix); ok {
		return decode(f.Kind, at(s.Attribs, path))
	}
	for _, l := range s.Lists {
		if f.Name == listPrefix+strconv.FormatInt(l.ID, 10) {
			return decodeText(f.Kind, l.Status)
		}
	}
	return record.NullOf(f.Kind), nil
}
