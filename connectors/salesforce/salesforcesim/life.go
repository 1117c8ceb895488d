package salesforcesim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// remove puts a row, and what belongs to it, into the recycle bin.
func (t *Twin) remove(w *writer, o *object, r *row) *rowError {
	if !o.remove {
		return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "entity type cannot be deleted: "+o.label)
	}
	if r.deleted {
		return deletedError()
	}
	if err := t.rowFault(w, o, r, nil); err != nil {
		return err
	}
	t.bin(w, o, r)
	for _, c := range o.children {
		if !c.cascade {
			continue
		}
		t.eachChild(o, r, c, func(kids *object, kid *row) { t.bin(w, kids, kid) })
	}
	return nil
}

func (t *Twin) bin(w *writer, o *object, r *row) {
	next := r.clone()
	next.deleted, next.stamp, next.modifiedBy = true, t.stampNow(w), w.user
	next.modified, next.deletedAt = next.stamp, next.stamp
	t.swap(w, o, r, next)
}

// eachChild calls do for the live rows that refer to r by one relationship.
func (t *Twin) eachChild(o *object, r *row, c child, do func(*object, *row)) {
	kids := t.objects[strings.ToLower(c.object)]
	ix := kids.values[kids.must(c.field)]
	if ix == nil {
		return
	}
	for _, seq := range ix.seqs(o.id(r)) {
		if kid := kids.rows[seq-1]; kid != nil && !kid.deleted {
			do(kids, kid)
		}
	}
}

func (t *Twin) undelete(w *writer, o *object, r *row) *rowError {
	if !r.deleted {
		return refuse("UNDELETE_FAILED", "Entity is not in the recycle bin")
	}
	if o.must("MasterRecordId") >= 0 && o.text(r, "MasterRecordId") != "" {
		return refuse("UNDELETE_FAILED", "Entity was merged and cannot be undeleted")
	}
	next := r.clone()
	next.deleted, next.stamp, next.modifiedBy = false, t.stampNow(w), w.user
	next.modified = next.stamp
	t.swap(w, o, r, next)
	for _, c := range o.children {
		if !c.cascade {
			continue
		}
		kids := t.objects[strings.ToLower(c.object)]
		for _, seq := range kids.values[kids.must(c.field)].seqs(o.id(r)) {
			if kid := kids.rows[seq-1]; kid != nil && kid.deleted && kid.deletedAt == r.deletedAt {
				back := kid.clone()
				back.deleted, back.stamp = false, next.stamp
				t.swap(w, kids, kid, back)
			}
		}
	}
	return nil
}

// mergeRows merges losers into a master of the same object: losers go to the
// bin with the master's id, their children move over, blanks stay blank.
func (t *Twin) mergeRows(w *writer, o *object, master *row, losers []*row) *rowError {
	if !o.merge || len(losers) == 0 || len(losers) > 2 {
		return refuse("INVALID_OPERATION", "a merge takes one master and one or two others of Account, Contact or Lead")
	}
	for _, loser := range losers {
		if loser.deleted || master.deleted || loser == master {
			return deletedError()
		}
	}
	for _, loser := range losers {
		for _, c := range o.children {
			if f := t.objects[strings.ToLower(c.object)]; f.history || c.field == "MasterRecordId" {
				continue
			}
			t.eachChild(o, loser, c, func(kids *object, kid *row) { t.reparent(w, kids, kid, c.field, o.id(master)) })
		}
		next := loser.clone()
		next.deleted, next.stamp, next.modifiedBy = true, t.stampNow(w), w.user
		next.modified, next.deletedAt = next.stamp, next.stamp
		next.set(o.must("MasterRecordId"), o.id(master))
		t.swap(w, o, loser, next)
	}
	next := master.clone()
	next.stamp, next.modifiedBy = t.stampNow(w), w.user
	next.modified = next.stamp
	t.swap(w, o, master, next)
	return nil
}

// reparent moves a child without its own triggers; its stamps move.
func (t *Twin) reparent(w *writer, kids *object, kid *row, field, to string) {
	next := kid.clone()
	next.set(kids.must(field), to)
	next.stamp, next.modified, next.modifiedBy = t.stampNow(w), t.now(), w.user
	t.derive(kids, kid, next)
	t.swap(w, kids, kid, next)
}

// Converted names what a lead became.
type Converted struct {
	Contact, Account, Opportunity string
}

// convert turns a lead into a contact of an account, with a deal if asked.
func (t *Twin) convert(w *writer, lead *row, account, deal string) (Converted, *rowError) {
	l, contacts := t.objects["lead"], t.objects["contact"]
	if l.text(lead, "IsConverted") == "true" || lead.deleted {
		return Converted{}, refuse("INVALID_STATUS", "lead is converted or deleted already")
	}
	out := Converted{Account: account}
	if account == "" {
		id, errs := t.create(w, t.objects["account"], t.copyFields(l, lead, t.objects["account"], "Company>Name", "Phone", "Website", "Industry", "OwnerId"))
		if errs != nil {
			return out, errs[0]
		}
		out.Account = id
	}
	changes := t.copyFields(l, lead, contacts, "LastName", "FirstName", "Salutation", "Title", "Phone", "MobilePhone", "Fax", "Email", "LeadSource", "OwnerId",
		"Description", "HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "Street>MailingStreet", "City>MailingCity", "State>MailingState", "PostalCode>MailingPostalCode", "Country>MailingCountry")
	id, errs := t.create(w, contacts, append(changes, change{contacts.must("AccountId"), out.Account}))
	if errs != nil {
		return out, errs[0]
	}
	out.Contact = id
	if deal != "" {
		if out.Opportunity, errs = t.convertDeal(w, deal, out); errs != nil {
			return out, errs[0]
		}
	}
	t.closeLead(w, l, lead, out)
	return out, nil
}

func (t *Twin) convertDeal(w *writer, name string, c Converted) (string, []*rowError) {
	o, roles := t.objects["opportunity"], t.objects["opportunitycontactrole"]
	due := t.Clock.Now().AddDate(0, 3, 0).Format(soql.DateLayout)
	id, errs := t.create(w, o, []change{{o.must("Name"), name}, {o.must("AccountId"), c.Account}, {o.must("StageName"), "Prospecting"}, {o.must("CloseDate"), due}})
	if errs != nil {
		return "", errs
	}
	_, errs = t.create(w, roles, []change{{roles.must("OpportunityId"), id}, {roles.must("ContactId"), c.Contact}, {roles.must("IsPrimary"), "true"}})
	return id, errs
}

func (t *Twin) closeLead(w *writer, l *object, lead *row, c Converted) {
	next := lead.clone()
	next.stamp, next.modifiedBy = t.stampNow(w), w.user
	next.modified = next.stamp
	for name, v := range map[string]string{
		"IsConverted": "true", "Status": "Closed - Converted", "ConvertedDate": time.UnixMilli(next.stamp).UTC().Format(soql.DateLayout),
		"ConvertedContactId": c.Contact, "ConvertedAccountId": c.Account, "ConvertedOpportunityId": c.Opportunity,
	} {
		next.set(l.must(name), v)
	}
	t.swap(w, l, lead, next)
	t.keepHistory(w, l, lead, next)
	for _, kind := range []string{"task", "event"} {
		t.eachChild(l, lead, child{object: kind, field: "WhoId"}, func(kids *object, kid *row) { t.reparent(w, kids, kid, "WhoId", c.Contact) })
	}
	t.eachChild(l, lead, child{object: "campaignmember", field: "LeadId"}, func(kids *object, kid *row) { t.reparent(w, kids, kid, "ContactId", c.Contact) })
}

func (t *Twin) copyFields(from *object, r *row, to *object, names ...string) []change {
	var out []change
	for _, n := range names {
		src, dst, renamed := strings.Cut(n, ">")
		if !renamed {
			dst = src
		}
		if v := from.text(r, src); v != "" {
			out = append(out, change{to.must(dst), v})
		}
	}
	return out
}

// mergeFault merges the rows a merge fault names.
func (t *Twin) mergeFault(rows []string) error {
	if len(rows) < 2 {
		return errors.New("merge fault needs rows: the master's id, then the losers'")
	}
	o := t.objectOf(rows[0])
	if o == nil || slices.ContainsFunc(rows, func(id string) bool { return o.find(id) == nil }) {
		return errors.New("merge fault names rows of no one object")
	}
	var losers []*row
	for _, id := range rows[1:] {
		losers = append(losers, o.find(id))
	}
	if err := t.mergeRows(t.person(""), o, o.find(rows[0]), losers); err != nil {
		return fmt.Errorf("merge fault: %s: %s", err.code, err.message)
	}
	return nil
}
