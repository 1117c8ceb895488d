package propose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// synonyms are folded names under which systems keep a canonical field.
func synonyms(field string) []string {
	return map[string][]string{
		"email":       {"emailaddress", "mail", "primaryemail", "workemail"},
		"first_name":  {"givenname", "fname", "forename"},
		"last_name":   {"familyname", "surname", "lname"},
		"phone":       {"phonenumber", "telephone", "workphone", "businessphone"},
		"mobile":      {"mobilephone", "mobilephonenumber", "cellphone", "cell", "mobilenumber"},
		"job_title":   {"title", "position"},
		"website":     {"websiteurl", "url", "homepage"},
		"street":      {"address", "streetaddress", "address1", "mailingstreet", "billingstreet"},
		"city":        {"town", "mailingcity", "billingcity"},
		"region":      {"state", "stateprovince", "province", "mailingstate", "billingstate"},
		"postal_code": {"zip", "zipcode", "postcode", "mailingpostalcode", "billingpostalcode"},
		"country":     {"countryregion", "mailingcountry", "billingcountry"},
		"language":    {"preferredlanguage"},
		"description": {"notes", "comments"},
		"score":       {"leadscore", "points"},
		"source":      {"leadsource", "originalsource"},
		"employees":   {"numberofemployees", "numemployees", "employeecount"},
		"revenue":     {"annualrevenue"},
		"created_at":  {"createdate", "createddate", "createdon", "dateadded", "dateentered", "dateadd"},
		"bounced":     {"emailbounced"},
		"company":     {"accountid", "associatedcompanyid", "companyid"},
		"owner":       {"ownerid", "assigneduserid"},
		"domain":      {"companydomain", "companydomainname"},
	}[field]
}

// fold makes names of different habits one: hs_job_title, JobTitle and
// Job_Title__c are the same.
func fold(s string) string {
	s = strings.TrimSuffix(strings.ToLower(s), "__c")
	s = strings.TrimPrefix(s, "hs_")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// How well two fields go together.
const (
	byLabel = 1 + iota
	byName
)

func likeness(c, r schema.Field) int {
	names := append(synonyms(c.Name), fold(c.Name))
	switch {
	case slices.Contains(names, fold(r.Name)):
		return byName
	case r.Label != "" && (slices.Contains(names, fold(r.Label)) || fold(r.Label) == fold(c.Label)):
		return byLabel
	}
	return 0
}

// standard proposes entries for the canonical fields that are not mapped.
func standard(model, remote schema.Object, o *Object, all schema.Catalog) []Entry {
	var out []Entry
	taken := slices.Clone(o.Remotes)
	for _, c := range model.Fields {
		if slices.Contains(o.Fields, c.Name) {
			continue
		}
		found := likest(c, remote, taken)
		for _, r := range found {
			e := entry(c, r, model, remote, all)
			if len(found) > 1 && e.Doubt == "" {
				e.Doubt = fmt.Sprintf("%d fields go by this name; keep one", len(found))
			}
			out = append(out, e)
			taken = append(taken, r.Name)
		}
	}
	return out
}

// likest returns the fields that go best with a canonical one, other than those
// taken.
func likest(c schema.Field, remote schema.Object, taken []string) []schema.Field {
	best, found := 0, []schema.Field(nil)
	for _, r := range remote.Fields {
		n := likeness(c, r)
		if n == 0 || n < best || slices.Contains(taken, r.Name) {
			continue
		}
		if n > best {
			best, found = n, nil
		}
		found = append(found, r)
	}
	return found
}

// entry judges one pair.
func entry(c, r schema.Field, model, remote schema.Object, all schema.Catalog) Entry {
	e := Entry{Field: c.Name, Remote: r.Name, In: r.ReadOnly || r.Volatile || c.Name == "created_at"}
	e.Doubt = doubt(c, r, all)
	if c.Kind == record.Reference || (r.Kind == record.Enum && r.Closed) {
		e.In = true
	}
	if e.Doubt == "" {
		e.compile(model, remote)
	}
	return e
}

// doubt says why the kinds of two fields do not go together by themselves.
func doubt(c, r schema.Field, all schema.Catalog) string {
	text := func(k record.Kind) bool {
		return slices.Contains([]record.Kind{record.String, record.Text, record.Phone, record.Email, record.URL, record.Country}, k)
	}
	switch {
	case c.Kind == record.Reference || r.Kind == record.Reference:
		if to, ok := all.Object(r.RefersTo); !ok || string(to.As) != c.RefersTo || r.Kind != c.Kind {
			return "it refers to something else: " + kindOf(r) + " there, " + kindOf(c) + " here"
		}
		return ""
	case c.Kind == record.Enum:
		return "say what its values mean here, as in values: {" + offered(r) + ": ...}"
	case c.Kind == record.Money && r.Kind != record.Money:
		return "say the currency, as in currency: EUR"
	case c.Kind == r.Kind, text(c.Kind) && text(r.Kind), c.Kind == record.String && r.Kind == record.Enum:
		return ""
	}
	return kindOf(r) + " there, " + kindOf(c) + " here"
}

func kindOf(f schema.Field) string {
	if f.Kind == record.Reference && f.RefersTo != "" {
		return "a reference to " + f.RefersTo
	}
	return f.Kind.String()
}

// offered is the first value of a picklist.
func offered(r schema.Field) string {
	for _, o := range r.Options {
		if !o.Gone {
			return strconv.Quote(o.Value)
		}
	}
	return "VALUE"
}

// compile asks the compiler of field maps.
func (e *Entry) compile(model, remote schema.Object) {
	node, problems := diag.Parse("proposal", []byte("- "+e.String()+"\n"))
	if len(problems) == 0 {
		_, problems = mapping.Compile(node, model, remote, mapping.Options{Degrade: true})
	}
	for _, p := range problems {
		if p.Severity == diag.Error {
			e.Doubt = p.Summary
			return
		}
		e.Note = p.Summary
	}
}

// String is the entry as a field map holds it.
func (e Entry) String() string {
	s := "{field: " + e.Field + ", remote: " + word(e.Remote)
	if e.In {
		s += ", direction: in"
	}
	return s + "}"
}

// word quotes what YAML could take for something else.
func word(s string) string {
	plain := func(r rune) bool {
		return r == '_' || r == '.' || (r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)))
	}
	odd := strings.ContainsFunc(s, func(r rune) bool { return !plain(r) })
	if s == "" || odd || !unicode.IsLetter(rune(s[0])) || slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(s)) {
		return strconv.Quote(s)
	}
	return s
}
