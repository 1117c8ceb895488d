package salesforcesim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

var emailForm = regexp.MustCompile(`^[^@\s<>(),;:"]+@[^@\s<>(),;:"]+\.[^@\s.<>(),;:"]+$`)

// checkAccess refuses changes of fields that cannot be written.
func checkAccess(o *object, changes []change, writable func(*field) bool) *rowError {
	var bad []string
	for _, c := range changes {
		if f := o.fields[c.field]; !writable(f) {
			bad = append(bad, f.name)
		}
	}
	if bad == nil {
		return nil
	}
	return refuse("INVALID_FIELD_FOR_INSERT_UPDATE", fmt.Sprintf("Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", strings.Join(bad, ", ")), bad...)
}

func creatable(f *field) bool { return f.create }

func updatable(f *field) bool { return f.update }

// checkRow refuses a row as it would become. Changed are the fields to look at.
func (t *Twin) checkRow(o *object, r *row, changed []change) []*rowError {
	if missing := missingFields(o, r); missing != nil {
		return []*rowError{refuse("REQUIRED_FIELD_MISSING", fmt.Sprintf("Required fields are missing: [%s]", strings.Join(missing, ", ")), missing...)}
	}
	var errs []*rowError
	for _, c := range changed {
		if c.text == "" {
			continue
		}
		f := o.fields[c.field]
		err := checkValue(f, c.text)
		if err == nil && f.typ == "reference" {
			err = t.checkReference(o, f, c.text)
		}
		if err == nil && f.unique {
			err = t.checkUnique(o, c, r.seq)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if errs == nil {
		errs = t.checkRules(o, r)
	}
	return errs
}

func missingFields(o *object, r *row) []string {
	var missing []string
	for i, f := range o.fields {
		if !f.required || f.defaulted || !f.create || f.sys != sysNone {
			continue
		}
		if _, ok := r.at(i); !ok {
			missing = append(missing, f.name)
		}
	}
	if o.name == "CampaignMember" && o.text(r, "LeadId") == "" && o.text(r, "ContactId") == "" {
		missing = append(missing, "LeadId", "ContactId")
	}
	return missing
}

func checkValue(f *field, text string) *rowError {
	switch {
	case f.typ == "email" && !emailForm.MatchString(text):
		return refuse("INVALID_EMAIL_ADDRESS", fmt.Sprintf("%s: invalid email address: %s", f.label, text), f.name)
	case f.length > 0 && f.kind() != soql.Multi && utf8.RuneCountInString(text) > f.length:
		return refuse("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)", f.label, text, f.length), f.name)
	case f.restricted && (f.typ == "picklist" || f.typ == "multipicklist") && !allPicked(f, text):
		return refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", fmt.Sprintf("%s: bad value for restricted picklist field: %s", f.label, text), f.name)
	case f.precision > 0 && len(strings.TrimLeft(strings.SplitN(text, ".", 2)[0], "-")) > f.precision-f.scale:
		return refuse("NUMBER_OUTSIDE_VALID_RANGE", fmt.Sprintf("%s: value outside of valid range on numeric field: %s", f.label, text), f.name)
	}
	return nil
}

func allPicked(f *field, text string) bool {
	for v := range strings.SplitSeq(text, ";") {
		if !slices.ContainsFunc(f.picks, func(p string) bool { return strings.EqualFold(p, v) }) {
			return false
		}
	}
	return true
}

func (t *Twin) checkReference(o *object, f *field, id string) *rowError {
	target := t.objectOf(id)
	known := false
	for _, name := range f.refTo {
		known = known || t.objects[strings.ToLower(name)] != nil
	}
	if !known {
		return nil // a kind of record the twin does not keep
	}
	if target == nil || !slices.Contains(f.refTo, target.name) {
		if t.prefixKnown(f, id) {
			return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
		}
		return refuse("FIELD_INTEGRITY_EXCEPTION", fmt.Sprintf("%s: id value of incorrect type: %s", f.label, id), f.name)
	}
	p := target.find(id)
	switch {
	case p == nil:
		return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	case p.deleted:
		return refuse("ENTITY_IS_DELETED", "entity is deleted")
	case f.name == "OwnerId" && target.name == "User" && target.text(p, "IsActive") == "false":
		return refuse("INACTIVE_OWNER_OR_USER", fmt.Sprintf("operation performed with inactive user [%s] as owner of %s", id[:15], strings.ToLower(o.name)))
	}
	return nil
}

// prefixKnown reports whether an id is of the right kind but of no row here.
func (t *Twin) prefixKnown(f *field, id string) bool {
	return slices.ContainsFunc(f.refTo, func(name string) bool {
		o := t.objects[strings.ToLower(name)]
		return o != nil && strings.HasPrefix(id, o.prefix)
	})
}

func (t *Twin) checkUnique(o *object, c change, seq uint32) *rowError {
	for _, other := range t.byKey(o, o.fields[c.field].name, c.text) {
		if other.seq != seq {
			name := o.fields[c.field].name
			return refuse("DUPLICATE_VALUE", fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", name, o.id(other)[:15]), name)
		}
	}
	return nil
}

func (t *Twin) checkRules(o *object, r *row) []*rowError {
	var errs []*rowError
	for _, rule := range t.opt.Rules {
		if strings.EqualFold(rule.Object, o.name) && rule.Fails(func(name string) string { return o.text(r, name) }) {
			e := refuse("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.Message)
			if rule.Field != "" {
				e.fields = []string{rule.Field}
			}
			errs = append(errs, e)
		}
	}
	return errs
}

// checkDuplicates plays the duplicate rule, which a header may override.
func (t *Twin) checkDuplicates(w *writer, o *object, r *row) *rowError {
	email := o.text(r, "Email")
	if w.allowSave || email == "" || !slices.Contains(t.opt.DuplicateEmail, o.name) {
		return nil
	}
	var found []map[string]any
	for _, other := range t.byKey(o, "Email", email) {
		if other.seq != r.seq {
			found = append(found, map[string]any{
				"additionalInformation": []any{}, "fieldDiffs": []any{}, "matchConfidence": 100.0,
				"record": map[string]any{"attributes": map[string]any{"type": o.name, "url": "/services/data/" + defaultVersion + "/sobjects/" + o.name + "/" + o.id(other)}, "Id": o.id(other)},
			})
		}
	}
	if found == nil {
		return nil
	}
	e := refuse("DUPLICATES_DETECTED", "Use one of these records?")
	e.duplicates = map[string]any{
		"allowSave": true, "duplicateRule": "Standard_" + o.name + "_Duplicate_Rule", "duplicateRuleEntityType": o.name, "errorMessage": "Use one of these records?",
		"matchResults": []any{map[string]any{"entityType": o.name, "errors": []any{}, "matchEngine": "FuzzyMatchEngine", "matchRecords": found, "rule": "Standard_" + o.name + "_Match_Rule_v1_0", "size": len(found), "success": true}},
	}
	return e
}
