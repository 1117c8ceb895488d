package record

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
)

// Object names one of the canonical objects.
type Object string

// The canonical objects.
const (
	Person   Object = "person"   // a lead or contact
	Company  Object = "company"  // an account or organisation
	Deal     Object = "deal"     // an opportunity
	Campaign Object = "campaign" // a marketing campaign
	Touch    Object = "touch"    // a person meeting a campaign
	Activity Object = "activity" // a sales attempt: call, e-mail, meeting, task
	Owner    Object = "owner"    // a user or queue that owns records
	Relation Object = "relation" // from, to, kind, status: contact role, employment, membership
	Change   Object = "change"   // a dated change of one field, as a system's own history tells it
)

// Objects lists every canonical object in the order they are pushed: what
// others refer to comes first.
func Objects() []Object {
	return []Object{Owner, Company, Person, Campaign, Deal, Activity, Touch, Relation, Change}
}

// Rank is the position of o in the push order; unknown objects come last.
func (o Object) Rank() int {
	for i, known := range Objects() {
		if o == known {
			return i
		}
	}
	return len(Objects())
}

// Valid tells whether o is one of the canonical objects.
func (o Object) Valid() bool { return o.Rank() < len(Objects()) }

// EntityID identifies one entity in the ledger: one person, company, deal or
// other object, whatever systems it is linked in. It is made from the first
// remote record the entity was seen as, so that reading the same records again
// from nothing in the same order gives the same ids.
type EntityID string

// NewEntityID returns the id of an entity first seen as this remote record.
// Salt tells entities apart that began with the same record.
func NewEntityID(as Object, system, remoteObject, remoteID string, salt int) EntityID {
	h := sha256.New()
	for _, part := range []string{string(as), system, remoteObject, remoteID, strconv.Itoa(salt)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return EntityID(idEncoding().EncodeToString(h.Sum(nil)[:15]))
}

func idEncoding() *base32.Encoding {
	return base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
}
