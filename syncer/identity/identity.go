// Package identity decides which entity a remote record is. Links are the
// identity; match keys only propose one. Ambiguity is never guessed. It is
// pure: what the ledger knows is handed in.
package identity

import (
	"fmt"
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Candidate is a remote record whose entity is asked for.
type Candidate struct {
	Ref ledger.Ref
	As  record.Object
	// Keys are its match keys, strongest kind first. Keys of kind Adopted come
	// before all others: another sync left them as the ids of its pairs.
	Keys []ledger.MatchKey
	// Claims is the entity named by our own external id on the record, if that
	// entity has a create under way there; it is a hint checked by the caller.
	Claims record.EntityID
}

// Adopted is the kind of key that holds another system's id of the same
// record: the value is system + "/" + object + "/" + id.
const Adopted = "ref"

// RefKey is the key by which a record is found through ids left by another
// sync.
func RefKey(r ledger.Ref) ledger.MatchKey {
	return ledger.MatchKey{Kind: Adopted, Value: r.System + "/" + r.Object + "/" + r.ID}
}

// Known is what the ledger knows about a page of candidates.
type Known struct {
	Links  map[ledger.Ref]ledger.Link
	ByKey  map[ledger.MatchKey][]record.EntityID
	Exists func(record.EntityID) bool
}

// Decision is what a candidate turned out to be.
type Decision struct {
	Entity record.EntityID // "" if held
	New    bool            // the entity is to be made
	Rule   string          // how it was decided; goes into the link
	Linked bool            // the link was there already
	// Held tells why nothing was decided, for a quarantine entry.
	Held *Ambiguity
}

// Ambiguity is more than one answer.
type Ambiguity struct {
	Cause    string
	Detail   string
	Entities []record.EntityID
}

// Resolve decides for a page of candidates in their order; a candidate sees
// what was decided for those before it.
func Resolve(candidates []Candidate, known Known) []Decision {
	r := resolver{known: known, keys: map[ledger.MatchKey][]record.EntityID{}, made: map[record.EntityID]bool{}}
	out := make([]Decision, len(candidates))
	for i, c := range candidates {
		out[i] = r.resolve(c)
		if out[i].Entity != "" {
			r.learn(c, out[i].Entity)
		}
	}
	return out
}

type resolver struct {
	known Known
	keys  map[ledger.MatchKey][]record.EntityID // learned on this page
	made  map[record.EntityID]bool
}

func (r *resolver) learn(c Candidate, id record.EntityID) {
	r.made[id] = true
	for _, k := range c.Keys {
		if !slices.Contains(r.keys[k], id) {
			r.keys[k] = append(r.keys[k], id)
		}
	}
}

func (r *resolver) holders(k ledger.MatchKey) []record.EntityID {
	ids := slices.Clone(r.known.ByKey[k])
	for _, id := range r.keys[k] {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (r *resolver) resolve(c Candidate) Decision {
	if link, ok := r.known.Links[c.Ref]; ok {
		return Decision{Entity: link.Entity, Rule: link.Rule, Linked: true}
	}
	if c.Claims != "" {
		return Decision{Entity: c.Claims, Rule: "created"}
	}
	for _, kind := range kinds(c.Keys) {
		ids, key := r.holdersOfKind(c, kind)
		switch len(ids) {
		case 0:
		case 1:
			return Decision{Entity: ids[0], Rule: rule(key)}
		default:
			return Decision{Held: &Ambiguity{
				Cause:    "ambiguous match by " + kind,
				Detail:   fmt.Sprintf("%d entities hold the same %s: merge them or correct one, then release this record", len(ids), kind),
				Entities: ids,
			}}
		}
	}
	return Decision{Entity: r.fresh(c), New: true, Rule: "new"}
}

func rule(k ledger.MatchKey) string {
	if k.Kind == Adopted {
		return "adopted"
	}
	return "match:" + k.Kind
}

// kinds lists the kinds of keys in their order, each once, Adopted first.
func kinds(keys []ledger.MatchKey) []string {
	var out []string
	if slices.ContainsFunc(keys, func(k ledger.MatchKey) bool { return k.Kind == Adopted }) {
		out = append(out, Adopted)
	}
	for _, k := range keys {
		if !slices.Contains(out, k.Kind) {
			out = append(out, k.Kind)
		}
	}
	return out
}

func (r *resolver) holdersOfKind(c Candidate, kind string) ([]record.EntityID, ledger.MatchKey) {
	var ids []record.EntityID
	var by ledger.MatchKey
	for _, k := range c.Keys {
		if k.Kind != kind || k.Value == "" {
			continue
		}
		for _, id := range r.holders(k) {
			if !slices.Contains(ids, id) {
				ids, by = append(ids, id), k
			}
		}
	}
	return ids, by
}

// fresh returns an id that no entity has: the record's own, or a salted one
// when the record was an entity of another id before.
func (r *resolver) fresh(c Candidate) record.EntityID {
	for salt := 0; ; salt++ {
		id := record.NewEntityID(c.As, c.Ref.System, c.Ref.Object, c.Ref.ID, salt)
		if !r.made[id] && (r.known.Exists == nil || !r.known.Exists(id)) {
			return id
		}
	}
}

// Primary says which of an entity's links in one system is the one written:
// a live one before others; of these the one whose object stands first in
// order (a contact before a lead), then the oldest record, then the lowest id.
// It returns the index, or -1 when no link is live.
func Primary(links []ledger.Link, order []string) int {
	best := -1
	for i, l := range links {
		if l.State != ledger.Live {
			continue
		}
		if best < 0 || before(l, links[best], order) {
			best = i
		}
	}
	return best
}

func before(a, b ledger.Link, order []string) bool {
	if ra, rb := place(order, a.Object), place(order, b.Object); ra != rb {
		return ra < rb
	}
	if !a.Shadow.Created.Equal(b.Shadow.Created) {
		return a.Shadow.Created.Before(b.Shadow.Created)
	}
	return a.ID < b.ID
}

// place is where an object stands in order; those not listed stand last.
func place(order []string, object string) int {
	if i := slices.Index(order, object); i >= 0 {
		return i
	}
	return len(order)
}

// Clashes returns the keys of an entity that other entities hold too: a
// unique value claimed by two entities is held for both.
func Clashes(id record.EntityID, keys []ledger.MatchKey, holders map[ledger.MatchKey][]record.EntityID) map[ledger.MatchKey][]record.EntityID {
	out := map[ledger.MatchKey][]record.EntityID{}
	for _, k := range keys {
		for _, other := range holders[k] {
			if other != id {
				out[k] = append(out[k], other)
			}
		}
	}
	return out
}
