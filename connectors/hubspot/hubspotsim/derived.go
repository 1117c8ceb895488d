package hubspotsim

import (
	"strconv"
	"strings"
	"time"
)

// value returns a property as HubSpot would answer it: stored, or derived from
// the rest of the record; empty when unset.
func (t *Twin) value(tb *table, r *record, name string) string {
	switch name {
	case "hs_object_id":
		return itoa(r.id)
	case tb.modified:
		return iso(r.modified)
	case tb.created:
		if v := tb.stored(r, name); v != "" {
			return v
		}
		return iso(r.created)
	case "hs_createdate":
		return iso(r.created)
	}
	if v := tb.stored(r, name); v != "" {
		return v
	}
	if v, ok := origin(r, name); ok {
		return v
	}
	if v, ok := t.entered(tb, r, name); ok {
		return v
	}
	switch tb.plural {
	case "contacts":
		return t.contactValue(tb, r, name)
	case "deals":
		return t.dealValue(tb, r, name)
	}
	return ""
}

// origin derives who made and last changed a record.
func origin(r *record, name string) (string, bool) {
	switch name {
	case "hs_object_source", "hs_object_source_label":
		return r.origin.SourceType, true
	case "hs_object_source_id":
		return r.origin.SourceID, true
	case "hs_object_source_user_id", "hs_created_by_user_id":
		return userString(r.origin), true
	case "hs_updated_by_user_id":
		return userString(r.editor), true
	case "hs_merged_object_ids":
		ids := make([]string, len(r.merged))
		for i, id := range r.merged {
			ids[i] = itoa(id)
		}
		return strings.Join(ids, ";"), true
	}
	return "", false
}

func userString(a *Actor) string {
	if a.UserID == 0 {
		return ""
	}
	return itoa(a.UserID)
}

// entered derives the dates a record came into a lifecycle or deal stage.
func (t *Twin) entered(tb *table, r *record, name string) (string, bool) {
	of := "lifecyclestage"
	stage, ok := strings.CutPrefix(name, "hs_lifecyclestage_")
	if ok {
		stage, ok = strings.CutSuffix(stage, "_date")
	}
	for _, prefix := range []string{"hs_v2_date_entered_", "hs_date_entered_"} {
		if rest, found := strings.CutPrefix(name, prefix); found && tb.plural == "deals" {
			of, stage, ok = "dealstage", rest, true
		}
	}
	if !ok {
		return "", false
	}
	for _, v := range r.versions(tb.key(of)) {
		if v.value == stage {
			return iso(v.at), true
		}
	}
	return "", true
}

func (t *Twin) contactValue(tb *table, r *record, name string) string {
	email := tb.stored(r, "email")
	switch name {
	case "hs_email_domain":
		_, domain, _ := strings.Cut(email, "@")
		return domain
	case "hs_full_name_or_email":
		full := strings.TrimSpace(tb.stored(r, "firstname") + " " + tb.stored(r, "lastname"))
		if full == "" {
			return email
		}
		return full
	case "hs_is_contact", "hs_is_unworked":
		return "true"
	case "hs_all_contact_vids":
		return itoa(r.id)
	case "hs_pipeline":
		return "contacts-lifecycle-pipeline"
	case "num_notes":
		return "0"
	case "hs_marketable_status":
		return "false"
	}
	if rest, ok := strings.CutPrefix(name, "hs_email_optout"); ok {
		return t.optout(email, strings.TrimPrefix(rest, "_"))
	}
	return ""
}

func (t *Twin) dealValue(tb *table, r *record, name string) string {
	stage, known := t.stage(tb.stored(r, "pipeline"), tb.stored(r, "dealstage"))
	if !known {
		return ""
	}
	probability := stage.Metadata["probability"]
	closed, won := stage.Metadata["isClosed"] == "true", probability == "1.0"
	switch name {
	case "hs_deal_stage_probability":
		return probability
	case "hs_is_closed":
		return strconv.FormatBool(closed)
	case "hs_is_closed_won":
		return strconv.FormatBool(closed && won)
	case "hs_is_closed_lost":
		return strconv.FormatBool(closed && !won)
	case "amount_in_home_currency":
		return tb.stored(r, "amount")
	case "hs_closed_amount":
		if closed && won {
			return tb.stored(r, "amount")
		}
		return "0"
	case "days_to_close":
		if closed {
			return daysToClose(tb, r)
		}
	}
	return ""
}

func daysToClose(tb *table, r *record) string {
	end, ok := parseTime(tb.stored(r, "closedate"))
	if !ok {
		return ""
	}
	return itoa(max(0, (end-r.created)/(24*time.Hour).Milliseconds()))
}
