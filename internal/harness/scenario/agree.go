package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

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
	s.await("the two to agree after "+after, func() []string { return s.differences(people) })
}

// await waits until there is no doubt left.
func (s *story) await(what string, doubts func() []string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), s.Patience)
	defer cancel()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		doubt := doubts()
		if len(doubt) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			s.Fatalf("waited %s in vain for %s:\n%s\nthe daemon's last words:\n%s", s.Patience, what, strings.Join(doubt, "\n"), s.program.tail())
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
