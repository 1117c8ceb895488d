package hubspotsim

import "strings"

// kind is one object type under all its names.
type kind struct {
	plural, singular, typeID string
	baseID                   int64
	modified, created        string
	defaults                 []string
}

func objectKinds() []kind {
	activity := func(plural, singular, typeID string, baseID int64) kind {
		return kind{plural, singular, typeID, baseID, "hs_lastmodifieddate", "hs_createdate", []string{"hs_createdate", "hs_lastmodifieddate", "hs_object_id"}}
	}
	return []kind{
		{
			"contacts", "contact", "0-1", 110_300_000_000, "lastmodifieddate", "createdate",
			[]string{"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"},
		},
		{
			"companies", "company", "0-2", 29_000_000_000, "hs_lastmodifieddate", "createdate",
			[]string{"createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"},
		},
		{
			"deals", "deal", "0-3", 16_400_000_000, "hs_lastmodifieddate", "createdate",
			[]string{"amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"},
		},
		activity("calls", "call", "0-48", 60_100_000_000),
		activity("meetings", "meeting", "0-47", 61_100_000_000),
		activity("tasks", "task", "0-27", 62_100_000_000),
		activity("emails", "email", "0-49", 63_100_000_000),
		activity("notes", "note", "0-46", 64_100_000_000),
		activity("communications", "communication", "0-18", 65_100_000_000),
	}
}

// is reports whether name is one of the spellings HubSpot accepts.
func (k kind) is(name string) bool {
	return name == k.typeID || strings.EqualFold(name, k.plural) || strings.EqualFold(name, k.singular)
}

func (t *Twin) table(name string) *table {
	if tb := t.tables[name]; tb != nil {
		return tb
	}
	for _, tb := range t.tables {
		if tb.is(name) {
			return tb
		}
	}
	return nil
}
