package scenario

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Pair is the two systems that the story plays in.
type Pair struct {
	Marketing End
	Sales     Seller
	// Disturb makes bad days between two chapters: a server restarts, a
	// connection is cut. It may be nil.
	Disturb func(t *testing.T)
	// Patience is how long the two may take to agree; 30 s if not set.
	Patience time.Duration
}

// Run tells the story over the pair with the real program at path.
func Run(t *testing.T, path string, pair Pair) {
	t.Helper()
	if pair.Patience == 0 {
		pair.Patience = 30 * time.Second
	}
	s := &story{
		T: t, Pair: pair, program: newProgram(t, path, pair.Marketing, pair.Sales),
		domain: fmt.Sprintf("s%08x.story.example", rand.Uint32()), gone: map[string]bool{}, want: map[string]func(Person) string{},
	}
	t.Cleanup(s.cleanUp)
	s.begin()
	s.change()
	s.crash()
	s.rest()
}

// story is one telling.
type story struct {
	*testing.T
	Pair

	program *program
	domain  string
	gone    map[string]bool // addresses deleted on one side
	// want says of an address what must be true of both its records, "" if it is.
	want map[string]func(Person) string
}

func (s *story) address(who string) string { return who + "@" + s.domain }

func (s *story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *story) born(end End, who, city string) string {
	s.Helper()
	name := strings.ToUpper(who[:1]) + who[1:] + " Story"
	id, err := end.Create(s.Context(), Person{Email: s.address(who), Name: name, City: city})
	s.must(err)
	return id
}

// id finds a person's record at an end.
func (s *story) id(end End, who string) string {
	s.Helper()
	people, err := end.People(s.Context(), s.domain)
	s.must(err)
	i := slices.IndexFunc(people, func(p Person) bool { return p.Email == s.address(who) })
	if i < 0 {
		s.Fatalf("%s is not at the end where the story needs them", who)
	}
	return people[i].ID
}

// begin: people are known on one side or both, the plan is looked at and
// applied, and both sides know everyone.
func (s *story) begin() {
	for _, who := range []string{"ada", "ben", "cleo", "dora", "emil"} {
		s.born(s.Marketing, who, "Berlin")
	}
	for _, who := range []string{"fritz", "gert"} {
		s.born(s.Sales, who, "Hamburg")
	}
	s.born(s.Marketing, "hanna", "Kiel")
	s.born(s.Sales, "hanna", "Kiel")
	s.program.do("check")
	s.program.do("plan", "--out", "first.plan")
	if people := s.people(s.Sales); len(people) != 3 {
		s.Fatalf("planning wrote: sales has %d people, not 3", len(people))
	}
	s.program.do("apply", "first.plan")
	s.program.do("sync", "--once")
	s.agree("the first apply", 8)
}

// change: while the daemon runs, both sides do what people do.
func (s *story) change() {
	s.program.start()
	edit := func(end End, who string, field Field, value string) {
		s.Helper()
		s.must(end.Edit(s.Context(), s.id(end, who), field, value))
	}
	edit(s.Marketing, "ada", City, "Bonn")
	edit(s.Sales, "ben", City, "Ulm")
	edit(s.Marketing, "fritz", Name, "Fritz Neu")
	edit(s.Marketing, "cleo", OptOut, "")
	edit(s.Sales, "dora", OptOut, "")
	s.expect("ada", "city Bonn", func(p Person) bool { return p.City == "Bonn" })
	s.expect("ben", "city Ulm", func(p Person) bool { return p.City == "Ulm" })
	s.expect("fritz", "the new name", func(p Person) bool { return p.Name == "Fritz Neu" })
	s.expect("cleo", "the opt-out", func(p Person) bool { return p.OptedOut })
	s.expect("dora", "the opt-out", func(p Person) bool { return p.OptedOut })
	s.advance("ada", Opportunity)
	s.advance("ben", Opportunity)
	s.born(s.Marketing, "ida", "Trier")
	s.agree("edits on both sides", 9)
	if s.Disturb != nil {
		s.Disturb(s.T)
	}
	s.advance("ada", Won)
	s.advance("ben", Lost)
	// Both sides edit one person at once: whichever wins, both must show it.
	edit(s.Marketing, "gert", City, "Jena")
	edit(s.Sales, "gert", City, "Mainz")
	s.expect("gert", "one of the two edits", func(p Person) bool { return p.City == "Jena" || p.City == "Mainz" })
	s.agree("bad days and a draw", 9)
}

// crash: the daemon dies, the world goes on, and the daemon finds it so.
func (s *story) crash() {
	s.program.kill()
	s.must(s.Marketing.Edit(s.Context(), s.id(s.Marketing, "hanna"), City, "Speyer"))
	s.must(s.Marketing.Delete(s.Context(), s.id(s.Marketing, "emil")))
	s.gone[s.address("emil")] = true
	s.born(s.Sales, "jan", "Worms")
	s.expect("hanna", "city Speyer", func(p Person) bool { return p.City == "Speyer" })
	s.program.start()
	s.agree("a crash", 9)
	s.program.stop()
}

// rest: nothing is written when nothing changed.
func (s *story) rest() {
	s.program.do("sync", "--once")
	before := s.people(s.Marketing, s.Sales)
	out := s.program.do("sync", "--once", "--json")
	var last struct {
		Writes *int `json:"writes"`
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err == nil && last.Writes != nil && *last.Writes != 0 {
		s.Errorf("a cycle without a change wrote %d rows", *last.Writes)
	}
	if after := s.people(s.Marketing, s.Sales); !slices.Equal(before, after) {
		s.Errorf("a cycle without a change changed people:\n%v\n%v", before, after)
	}
	for _, p := range s.people(s.Marketing) {
		if s.gone[p.Email] {
			s.Errorf("a deleted person was made again")
		}
	}
}

func (s *story) advance(who string, to Status) {
	s.Helper()
	s.must(s.Sales.Advance(s.Context(), s.id(s.Sales, who), to))
	s.expect(who+" ", "status "+string(to), func(p Person) bool { return p.Status == to })
}

// expect adds what must be true of both records of a person from now on; a
// later demand under the same name takes the place of an earlier one.
func (s *story) expect(who, what string, holds func(Person) bool) {
	s.want[who] = func(p Person) string {
		if holds(p) {
			return ""
		}
		return what
	}
}

func (s *story) people(ends ...End) []Person {
	s.Helper()
	var all []Person
	for _, end := range ends {
		people, err := end.People(s.Context(), s.domain)
		s.must(err)
		slices.SortFunc(people, func(a, b Person) int { return strings.Compare(a.Email+a.ID, b.Email+b.ID) })
		all = append(all, people...)
	}
	return all
}

// agree waits until both ends show the same people, each once, and all that
// the story demands of them.
func (s *story) agree(after string, people int) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), s.Patience)
	defer cancel()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		doubt := s.differences(people)
		if len(doubt) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			s.Fatalf("after %s the two do not agree within %s:\n%s\nthe daemon's last words:\n%s",
				after, s.Patience, strings.Join(doubt, "\n"), s.program.tail())
		case <-tick.C:
		}
	}
}

// differences compares the two ends.
func (s *story) differences(people int) []string {
	s.Helper()
	marketing, doubt := s.byAddress("marketing", s.Marketing)
	sales, more := s.byAddress("sales", s.Sales)
	doubt = append(doubt, more...)
	alive := 0
	for address, b := range sales {
		if s.gone[address] {
			continue
		}
		alive++
		a, found := marketing[address]
		a.ID, b.ID = "", ""
		a.Status, b.Status = known(a.Status), known(b.Status)
		if !found || a != b {
			doubt = append(doubt, fmt.Sprintf("%s: marketing %+v, sales %+v", address, a, b))
		}
	}
	if alive != people {
		doubt = append(doubt, fmt.Sprintf("%d people at sales, not %d", alive, people))
	}
	for who, holds := range s.want {
		address := s.address(strings.TrimSpace(who))
		if what := holds(sales[address]); what != "" {
			doubt = append(doubt, who+" lacks "+what)
		}
	}
	slices.Sort(doubt)
	return doubt
}

// known takes a person of whom sales said nothing for a lead: what a CRM gives
// a new record by itself is not told to marketing before somebody acts on it.
func known(s Status) Status {
	if s == None {
		return Lead
	}
	return s
}

func (s *story) byAddress(side string, end End) (map[string]Person, []string) {
	s.Helper()
	people, err := end.People(s.Context(), s.domain)
	if err != nil {
		return nil, []string{side + ": " + err.Error()}
	}
	all, doubt := map[string]Person{}, []string(nil)
	for _, p := range people {
		if _, twice := all[p.Email]; twice {
			doubt = append(doubt, side+" has "+p.Email+" twice")
		}
		all[p.Email] = p
	}
	return all, doubt
}

// cleanUp removes what the story made.
func (s *story) cleanUp() {
	s.program.kill()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.Context()), time.Minute)
	defer cancel()
	for _, end := range []End{s.Marketing, s.Sales} {
		people, err := end.People(ctx, s.domain)
		for _, p := range people {
			if err == nil {
				err = end.Delete(ctx, p.ID)
			}
		}
		if err != nil {
			s.Errorf("the story's people in %s could not all be removed: %v", s.domain, err)
		}
	}
}
