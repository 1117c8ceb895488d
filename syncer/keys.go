package syncer

import (
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/identity"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// keys are a record's match keys: ids left by another sync first, then the
// configured fields in their normal form.
func (in *intake) keys(r mapped) []ledger.MatchKey {
	var keys []ledger.MatchKey
	for field, to := range in.object.Adopt {
		if v := r.Fields[field]; v.IsPresent() && v.Text() != "" {
			to.ID = v.Text()
			keys = append(keys, identity.RefKey(to))
		}
	}
	if pair, ok := in.cycle.engine.Pairs[in.ref(r.ID)]; ok {
		keys = append(keys, identity.RefKey(pair))
	}
	if in.cycle.adopted[in.object.As] {
		keys = append(keys, identity.RefKey(in.ref(r.ID)))
	}
	return append(keys, matchKeys(in.cycle.engine.Match[in.object.As], r.fields)...)
}

func matchKeys(match []string, fields record.Fields) []ledger.MatchKey {
	var keys []ledger.MatchKey
	for _, name := range match {
		v := fields[name]
		for _, text := range v.Members() {
			kind := v.Kind()
			if name == "other_emails" {
				kind = record.Email
			}
			if normal, ok := mapping.Normal(kind, text); ok {
				keys = append(keys, ledger.MatchKey{Kind: keyKind(name), Value: normal})
			}
		}
	}
	return keys
}

// keyKind lets secondary addresses match primary ones.
func keyKind(field string) string {
	if field == "other_emails" {
		return "email"
	}
	return field
}
