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
	// Via tells by which other address Tandem reaches an end: through something
	// that Disturb can spoil. The story itself goes straight there.
	Via map[string]string
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
		T: t, Pair: pair, program: newProgram(t, path, pair),
		domain: fmt.Sprintf("s%08x.story.example", rand.Uint32()), gone: map[string]bool{}, want: map[string]func(Person) string{},
	}
	t.Cleanup(s.cleanUp)
	s.begin()
	s.change()
	s.campaign()
	s.crash()
	s.twice()
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

// campaign: what people do with a mail is told to sales, where both systems
// have a place for it.
func (s *story) campaign() {
	mailer, sends := s.Marketing.(Mailer)
	teller, tells := s.Sales.(Storyteller)
	if !sends || !tells {
		return
	}
	name := "Spring " + strings.TrimSuffix(s.domain, ".story.example")
	s.must(mailer.Campaign(s.Context(), name, []string{s.id(s.Marketing, "ada"), s.id(s.Marketing, "ida")}))
	for _, who := range []string{"ada", "ida"} {
		id := s.id(s.Sales, who)
		s.await("the click of "+who+" to reach sales", func() []string {
			lines, err := teller.Story(s.Context(), id)
			if err != nil {
				return []string{err.Error()}
			}
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, name) }) {
				return append([]string{"the record tells:"}, lines...)
			}
			return nil
		})
	}
}

// twice: two records of sales share an address. Nobody can know whether they
// are one person, so neither is touched and marketing keeps its one.
func (s *story) twice() {
	s.born(s.Marketing, "kai", "Trier")
	s.born(s.Sales, "kai", "Trier")
	other := Person{Email: s.address("kai"), Name: "Kai Story", City: "Worms"}
	if _, err := s.Sales.Create(s.Context(), other); err != nil {
		s.Logf("sales takes no second record with an address: %v", err)
	}
	count := func() (n [2]int) {
		for i, end := range []End{s.Marketing, s.Sales} {
			for _, p := range s.people(end) {
				if p.Email == other.Email {
					n[i]++
				}
			}
		}
		return n
	}
	before := count()
	s.program.do("sync", "--once")
	s.program.do("sync", "--once")
	if after := count(); after != before {
		s.Errorf("a doubled address: %v records at marketing and sales became %v", before, after)
	}
}

// rest: nothing is written when nothing changed.
func (s *story) rest() {
	s.program.do("sync", "--once")
	before := s.people(s.Marketing, s.Sales)
	out := s.program.do("sync", "--once", "--json")
	var last struct {
		Pushed *struct {
			Applied int `json:"applied"`
		} `json:"pushed"`
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Pushed == nil {
		s.Errorf("the cycle's summary cannot be read: %v\n%s", err, out)
	} else if last.Pushed.Applied != 0 {
		s.Errorf("a cycle without a change wrote %d rows", last.Pushed.Applied)
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
