package hubspotsim

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// view is what of a record an answer shows.
type view struct {
	names   []string // in alphabetical order
	unset   bool     // unset properties come as null
	history []string
	links   []string // associations, by object
	fresh   string   // "true" or "false" for upserts
	trace   string
}

// readView is what a read shows: the defaults and what was named, if known.
func (tb *table) readView(properties, history []string) view {
	names := properties
	if len(properties) == 0 {
		names = tb.defaults
	}
	v := view{unset: true}
	for _, name := range slices.Concat(names, []string{"hs_object_id", tb.created, tb.modified}) {
		if tb.defs[name] != nil {
			v.names = append(v.names, name)
		}
	}
	for _, name := range history {
		if tb.defs[name] != nil {
			v.history = append(v.history, name)
		}
	}
	slices.Sort(v.names)
	v.names = slices.Compact(v.names)
	return v
}

// fullView is what the answer to a create shows: all that is set.
func (t *Twin) fullView(tb *table, r *record) view {
	return view{names: tb.setNames(r, t.derivedNames(tb))}
}

// changedView is what the answer to an update shows: what was named, and what
// HubSpot always adds.
func (t *Twin) changedView(tb *table, clean map[string]string) view {
	v := view{names: slices.Concat(sortedKeys(clean), t.derivedNames(tb), []string{"lifecyclestage"})}
	v.names = slices.DeleteFunc(v.names, func(name string) bool { return tb.defs[name] == nil })
	slices.Sort(v.names)
	v.names = slices.Compact(v.names)
	return v
}

func (t *Twin) derivedNames(tb *table) []string {
	names := []string{"hs_object_id", "hs_object_source", "hs_object_source_id", "hs_object_source_label", tb.created, tb.modified}
	switch tb.plural {
	case "contacts":
		names = append(names, "hs_all_contact_vids", "hs_email_domain", "hs_full_name_or_email", "hs_is_contact", "hs_is_unworked", "hs_pipeline", "num_notes")
	case "deals":
		names = append(names, "hs_createdate", "hs_is_closed", "hs_is_closed_won", "hs_deal_stage_probability", "amount_in_home_currency")
	}
	return names
}

func (tb *table) setNames(r *record, derived []string) []string {
	names := derived
	for _, p := range r.props {
		names = append(names, tb.names[p.key])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// appendRecord writes a record as JSON. It is by hand because a portal of
// 200,000 people answers pages of it all day.
func (t *Twin) appendRecord(b []byte, tb *table, r *record, v view) []byte {
	b = append(b, `{"id":"`...)
	b = strconv.AppendInt(b, r.id, 10)
	b = append(b, `","properties":{`...)
	first := true
	for _, name := range v.names {
		value := t.value(tb, r, name)
		if value == "" && !v.unset {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendString(b, name)
		b = append(b, ':')
		if value == "" {
			b = append(b, "null"...)
		} else {
			b = appendString(b, value)
		}
	}
	b = append(b, '}')
	b = t.appendHistory(b, tb, r, v.history)
	b = append(append(append(b, `,"createdAt":"`...), iso(r.created)...), `","updatedAt":"`...)
	b = append(append(b, iso(r.modified)...), `","archived":`...)
	b = strconv.AppendBool(b, r.archived != 0)
	if r.archived > 0 {
		b = append(append(append(b, `,"archivedAt":"`...), iso(r.archived)...), '"')
	}
	b = t.appendLinks(b, tb, r, v.links)
	if v.fresh != "" {
		b = append(append(b, `,"new":`...), v.fresh...)
	}
	if v.trace != "" {
		b = appendString(append(b, `,"objectWriteTraceId":`...), v.trace)
	}
	b = append(append(b, `,"url":"https://app.hubspot.com/contacts/`...), itoa(t.opt.PortalID)...)
	b = append(append(append(b, "/record/"...), tb.typeID...), '/')
	return append(strconv.AppendInt(b, r.id, 10), `"}`...)
}

func (t *Twin) appendHistory(b []byte, tb *table, r *record, names []string) []byte {
	if len(names) == 0 {
		return b
	}
	b = append(b, `,"propertiesWithHistory":{`...)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), `:[`...)
		for j, v := range r.versions(tb.key(name)) {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendString(append(b, `{"value":`...), v.value)
			b = append(append(append(b, `,"timestamp":"`...), iso(v.at)...), `","sourceType":`...)
			b = appendString(b, v.by.SourceType)
			if v.by.SourceID != "" {
				b = appendString(append(b, `,"sourceId":`...), v.by.SourceID)
			}
			if v.by.UserID != 0 {
				b = strconv.AppendInt(append(b, `,"updatedByUserId":`...), v.by.UserID, 10)
			}
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (t *Twin) appendLinks(b []byte, tb *table, r *record, objects []string) []byte {
	first := true
	for _, object := range objects {
		to := t.table(object)
		if to == nil {
			continue
		}
		edges := t.edges[edgeKey{tb.plural, r.id, to.plural}]
		if len(edges) == 0 {
			continue
		}
		if first {
			b = append(b, `,"associations":{`...)
		} else {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, to.plural), `:{"results":[`...)
		for i, e := range edges {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(strconv.AppendInt(append(b, `{"id":"`...), e.to, 10), `","type":"`...)
			b = append(append(append(append(b, tb.singular...), "_to_"...), to.singular...), `"}`...)
		}
		b = append(b, `]}`...)
	}
	if !first {
		b = append(b, '}')
	}
	return b
}

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			i++
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			i++
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += size
		}
	}
	return append(b, '"')
}
