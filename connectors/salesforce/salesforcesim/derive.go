package salesforcesim

import (
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// defaults fills what the vendor fills on creation.
func (t *Twin) defaults(w *writer, o *object, r *row) {
	def := func(field, value string) {
		if f := o.must(field); f >= 0 {
			if _, ok := r.at(f); !ok {
				r.set(f, value)
			}
		}
	}
	if o.name != "Organization" && o.name != "Group" {
		def("OwnerId", w.user)
	}
	switch o.name {
	case "Lead":
		def("Status", "Open - Not Contacted")
	case "Task":
		def("Status", "Not Started")
		def("Priority", "Normal")
		def("TaskSubtype", "Task")
	case "Campaign":
		def("Status", "Planned")
	case "CampaignMember":
		def("Status", "Sent")
	case "Event":
		def("ShowAs", "Busy")
		def("EventSubtype", "Event")
		def("GroupEventType", "0")
	}
}

// derive sets the fields that follow from others. Old is nil for a new row.
func (t *Twin) derive(o *object, old, r *row) {
	switch o.name {
	case "Lead", "Contact", "User":
		r.set(o.must("Name"), strings.TrimSpace(o.text(r, "FirstName")+" "+o.text(r, "LastName")))
		if o.name == "Contact" {
			setBool(o, r, "IsEmailBounced", o.text(r, "EmailBouncedReason") != "")
		}
	case "Opportunity":
		t.deriveDeal(o, old, r)
	case "CampaignMember":
		t.deriveMember(o, r)
	case "Task":
		t.deriveTask(o, old, r)
	case "Event":
		t.deriveEvent(o, r)
	}
}

func setBool(o *object, r *row, field string, v bool) {
	text := strconv.FormatBool(v)
	if text == "false" {
		text = "" // kept as no value at all
	}
	r.set(o.must(field), text)
}

func (t *Twin) deriveDeal(o *object, old, r *row) {
	st := stageOf(o.text(r, "StageName"))
	moved := old == nil || o.text(old, "StageName") != o.text(r, "StageName")
	given := old == nil && o.text(r, "Probability") != "" || old != nil && o.text(old, "Probability") != o.text(r, "Probability")
	if moved {
		setBool(o, r, "IsClosed", st.closed)
		setBool(o, r, "IsWon", st.won)
		r.set(o.must("ForecastCategory"), st.forecast)
		r.set(o.must("ForecastCategoryName"), forecastName(st.forecast))
		if !given {
			r.set(o.must("Probability"), st.probability+".0")
		}
		if old != nil {
			r.set(o.must("LastStageChangeDate"), millisText(r.stamp))
		}
	}
	amount, err := strconv.ParseFloat(o.text(r, "Amount"), 64)
	chance, _ := strconv.ParseFloat(o.text(r, "Probability"), 64)
	expected := ""
	if err == nil {
		expected = normalNumber(o.fields[o.must("ExpectedRevenue")], strconv.FormatFloat(amount*chance/100, 'f', -1, 64))
	}
	r.set(o.must("ExpectedRevenue"), expected)
	if day, err := time.Parse(soql.DateLayout, o.text(r, "CloseDate")); err == nil {
		quarter := strconv.Itoa((int(day.Month())-1)/3 + 1)
		r.set(o.must("FiscalQuarter"), quarter)
		r.set(o.must("FiscalYear"), strconv.Itoa(day.Year()))
		r.set(o.must("Fiscal"), strconv.Itoa(day.Year())+" "+quarter)
	}
}

func (t *Twin) deriveMember(o *object, r *row) {
	responded := o.text(r, "Status") == "Responded"
	setBool(o, r, "HasResponded", responded)
	if responded && o.text(r, "FirstRespondedDate") == "" {
		r.set(o.must("FirstRespondedDate"), time.UnixMilli(r.stamp).UTC().Format(soql.DateLayout))
	}
	who, kind := o.text(r, "ContactId"), "Contact"
	if who == "" {
		who, kind = o.text(r, "LeadId"), "Lead"
	}
	r.set(o.must("LeadOrContactId"), who)
	r.set(o.must("Type"), kind)
	p := t.objects[strings.ToLower(kind)]
	person := p.find(who)
	if person == nil {
		return
	}
	for _, name := range []string{"Name", "FirstName", "LastName", "Email", "Phone", "LeadSource"} {
		r.set(o.must(name), p.text(person, name))
	}
	r.set(o.must("LeadOrContactOwnerId"), p.text(person, "OwnerId"))
	company := p.text(person, "Company")
	if kind == "Contact" {
		company = t.nameOf(p.text(person, "AccountId"))
	}
	r.set(o.must("CompanyOrAccount"), company)
}

func (t *Twin) nameOf(id string) string {
	o := t.objectOf(id)
	if o == nil || o.find(id) == nil {
		return ""
	}
	return o.text(o.find(id), "Name")
}

func (t *Twin) deriveTask(o *object, old, r *row) {
	done := o.text(r, "Status") == "Completed"
	was := old != nil && o.text(old, "Status") == "Completed"
	setBool(o, r, "IsClosed", done)
	setBool(o, r, "IsHighPriority", o.text(r, "Priority") == "High")
	switch {
	case done && !was && o.text(r, "CompletedDateTime") == "":
		r.set(o.must("CompletedDateTime"), millisText(r.stamp))
	case !done:
		r.set(o.must("CompletedDateTime"), "")
	}
	r.set(o.must("AccountId"), t.accountOf(o, r))
}

func (t *Twin) deriveEvent(o *object, r *row) {
	start := o.text(r, "StartDateTime")
	if start == "" {
		start = o.text(r, "ActivityDateTime")
	}
	at, ok := soql.ReadInstant(start)
	if ok {
		r.set(o.must("StartDateTime"), start)
		r.set(o.must("ActivityDateTime"), start)
		r.set(o.must("ActivityDate"), at.Format(soql.DateLayout))
		end, given := soql.ReadInstant(o.text(r, "EndDateTime"))
		if given {
			r.set(o.must("DurationInMinutes"), strconv.Itoa(int(end.Sub(at).Minutes())))
		} else {
			minutes := atoi(o.text(r, "DurationInMinutes"))
			end = at.Add(time.Duration(minutes) * time.Minute)
			r.set(o.must("EndDateTime"), soql.Canonical(end))
		}
		r.set(o.must("EndDate"), end.Format(soql.DateLayout))
	}
	r.set(o.must("AccountId"), t.accountOf(o, r))
}

// accountOf is the account an activity counts for.
func (t *Twin) accountOf(o *object, r *row) string {
	for _, id := range []string{o.text(r, "WhatId"), o.text(r, "WhoId")} {
		p := t.objectOf(id)
		if p == nil || p.find(id) == nil {
			continue
		}
		if p.name == "Account" {
			return id
		}
		if account := p.text(p.find(id), "AccountId"); account != "" {
			return account
		}
	}
	return ""
}
