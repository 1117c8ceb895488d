package hubspotsim_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func f(name, op string, value any) m {
	out := m{"propertyName": name, "operator": op}
	switch v := value.(type) {
	case string:
		out["value"] = v
	case []string:
		out["values"] = v
	}
	return out
}

func where(filters ...m) m {
	group := rows{}
	for _, one := range filters {
		group = append(group, one)
	}
	return m{"filterGroups": rows{m{"filters": group}}, "limit": 200}
}

func with(body m, key string, value any) m {
	body[key] = value
	return body
}

func by(name, direction string) rows { return rows{m{"propertyName": name, "direction": direction}} }

func TestSearchOperators(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	a := p.contact(map[string]string{"email": "ann@example.com", "city": "Ulm", "lifecyclestage": "lead", "hs_linkedin_url": "x"})
	b := p.contact(map[string]string{"email": "bob@example.org", "city": "Bonn", "lifecyclestage": "customer"})
	c := p.contact(map[string]string{"firstname": "Cem"})
	cases := []struct {
		name string
		body m
		want []string
	}{
		{"EQ any case", where(f("city", "EQ", "uLM")), []string{a}},
		{"EQ unique", where(f("email", "EQ", "BOB@example.org")), []string{b}},
		{"NEQ", where(f("city", "NEQ", "ulm")), []string{b}},
		{"IN lower case", where(f("city", "IN", []string{"ulm", "bonn"})), []string{a, b}},
		{"IN as typed finds nothing", where(f("city", "IN", []string{"Ulm"})), nil},
		{"IN ids", where(f("hs_object_id", "IN", []string{c, a})), []string{a, c}},
		{"NOT_IN", where(f("lifecyclestage", "NOT_IN", []string{"lead"})), []string{b, c}},
		{"HAS_PROPERTY", where(f("email", "HAS_PROPERTY", nil)), []string{a, b}},
		{"NOT_HAS_PROPERTY", where(f("email", "NOT_HAS_PROPERTY", nil)), []string{c}},
		{"CONTAINS_TOKEN", where(f("email", "CONTAINS_TOKEN", "*@example.org")), []string{b}},
		{"GT id", where(f("hs_object_id", "GT", a)), []string{b, c}},
		{"LTE id", where(f("hs_object_id", "LTE", b)), []string{a, b}},
		{"GTE far past", where(f("lastmodifieddate", "GTE", "1")), []string{a, b, c}},
		{"LT far past", where(f("lastmodifieddate", "LT", "1000")), nil},
		{"BETWEEN", where(m{"propertyName": "hs_object_id", "operator": "BETWEEN", "value": b, "highValue": c}), []string{b, c}},
		{"two groups", m{"filterGroups": rows{m{"filters": rows{f("city", "EQ", "ulm")}}, m{"filters": rows{f("firstname", "EQ", "cem")}}}}, []string{a, c}},
		{"descending", with(where(), "sorts", by("hs_object_id", "DESCENDING")), []string{c, b, a}},
		{"by text", with(where(), "sorts", by("city", "ASCENDING")), []string{c, b, a}},
		{"query", m{"query": "ann"}, []string{a}},
	}
	for _, tc := range cases {
		r := p.want(200, "POST", contactsPath+"/search", tc.body)
		if !slices.Equal(r.ids(), tc.want) || r.at("total") != float64(len(tc.want)) {
			t.Errorf("%s: want %v, got %v of %v", tc.name, tc.want, r.ids(), r.at("total"))
		}
	}
}

func TestSearchBounds(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	p.seed(10_050)
	one := f("hs_object_id", "GT", "1")
	groups := func(n, filters int) m {
		var list rows
		for range n {
			list = append(list, m{"filters": slices.Repeat([]m{one}, filters)})
		}
		return m{"filterGroups": list}
	}
	for name, body := range map[string]m{
		"limit": {"limit": 201}, "beyond the window": {"after": "10000"}, "six groups": groups(6, 1), "seven filters": groups(1, 7), "twenty filters": groups(5, 4),
		"two sorts": {"sorts": append(by("email", "ASCENDING"), by("city", "ASCENDING")...)}, "long": where(f("city", "EQ", strings.Repeat("x", 3000))),
		"unknown property": where(f("nope", "EQ", "x")), "unknown operator": where(f("city", "LIKE", "x")), "bad number": where(f("hs_object_id", "GT", "x")),
	} {
		if r := p.send("POST", contactsPath+"/search", body); r.status != 400 {
			t.Errorf("%s: %d %.200s", name, r.status, r.raw)
		}
	}
	last := p.want(200, "POST", contactsPath+"/search", m{"limit": "200", "after": "9900"})
	if len(last.ids()) != 100 || last.at("total") != 10050.0 || last.after() != "10000" {
		t.Errorf("%d rows, total %v, after %s", len(last.ids()), last.at("total"), last.after())
	}
}

// TestKeysetSearchSeesEveryRecordOnce walks more than the window holds, with
// all rows at one timestamp.
func TestKeysetSearchSeesEveryRecordOnce(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	p.seed(12_000)
	seen, last := 0, "0"
	for {
		body := with(where(f("lastmodifieddate", "GTE", "1000"), f("hs_object_id", "GT", last)), "sorts", by("hs_object_id", "ASCENDING"))
		ids := p.want(200, "POST", contactsPath+"/search", body).ids()
		if len(ids) == 0 {
			break
		}
		seen, last = seen+len(ids), ids[len(ids)-1]
	}
	if seen != 12_000 {
		t.Fatalf("saw %d", seen)
	}
}

func TestSearchFollowsModifiedOrderThroughEdits(t *testing.T) {
	clock := simkit.NewClock(nil)
	p := newPortal(t, hubspotsim.Options{Clock: clock})
	first := int(p.seed(20))
	for _, i := range []int{3, 17, 3, 8} {
		clock.Advance(time.Second)
		if err := p.Edit("contacts", strconv.Itoa(first+i), map[string]string{"city": clock.Now().String()}, hubspotsim.UserActor(1)); err != nil {
			t.Fatal(err)
		}
	}
	r := p.want(200, "POST", contactsPath+"/search", with(with(where(), "sorts", by("lastmodifieddate", "DESCENDING")), "limit", 3))
	if want := []string{strconv.Itoa(first + 8), strconv.Itoa(first + 3), strconv.Itoa(first + 17)}; !slices.Equal(r.ids(), want) || r.at("total") != 20.0 {
		t.Fatalf("want %v, got %v of %v", want, r.ids(), r.at("total"))
	}
	if err := p.Archive("contacts", strconv.Itoa(first+8)); err != nil {
		t.Fatal(err)
	}
	since := strconv.FormatInt(clock.Now().Add(-90*time.Second/100*2).UnixMilli(), 10)
	if r := p.want(200, "POST", contactsPath+"/search", with(where(f("lastmodifieddate", "GTE", since)), "sorts", by("lastmodifieddate", "ASCENDING"))); len(r.ids()) != 1 {
		t.Fatalf("archived rows must not show: %v", r.ids())
	}
}

func TestIndexLagAndLateRows(t *testing.T) {
	clock := simkit.NewClock(nil)
	p := newPortal(t, hubspotsim.Options{Clock: clock, Lag: 5 * time.Second})
	id := p.contact(map[string]string{"email": "a@example.com"})
	count := func() int { return len(p.want(200, "POST", contactsPath+"/search", where()).ids()) }
	if count() != 0 {
		t.Error("the index must not know a new row yet")
	}
	p.want(200, "GET", contactsPath+"/"+id, nil)
	clock.Advance(6 * time.Second)
	if count() != 1 {
		t.Error("the index must know it now")
	}
	p.AddFault(simkit.Fault{Kind: "late_visible", Rows: []string{id}, Value: "1h", Times: 1})
	if count() != 0 || count() != 1 {
		t.Error("late_visible must hide the row once")
	}
	p.AddFault(simkit.Fault{Kind: "lag", Value: "1h", Times: 1})
	if count() != 0 || count() != 1 {
		t.Error("lag must hide the row once")
	}
}
