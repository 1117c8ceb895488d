package checks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// result is what `tandem demo --once --json` ends with, as far as it is judged.
type result struct {
	People            *int `json:"people"`
	InSync            int  `json:"in_sync"`
	Pending           int  `json:"pending"`
	Excluded          int  `json:"excluded"`
	Quarantined       int  `json:"quarantined"`
	Dead              int  `json:"dead"`
	SecondCycleWrites *int `json:"second_cycle_writes"`
	Systems           map[string]struct {
		Reads  int `json:"reads"`
		Writes int `json:"writes"`
	} `json:"systems"`
}

// Demo judges the last line of a demo run with the given number of people: the
// states add up, nobody is dead or left pending, and a second cycle had nothing
// to write.
func Demo(in io.Reader, people string, out io.Writer) error {
	asked, err := strconv.Atoi(people)
	if err != nil {
		return fmt.Errorf("%q is not a number of people", people)
	}
	output, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	last := lines[len(lines)-1]
	var r result
	if err := json.Unmarshal([]byte(last), &r); err != nil {
		return fmt.Errorf("the last line of the demo is not a JSON object: %w", err)
	}
	_, _ = fmt.Fprintln(out, last)
	return r.judge(asked)
}

func (r result) judge(asked int) error {
	if r.People == nil || r.SecondCycleWrites == nil {
		return errors.New("people or second_cycle_writes is missing")
	}
	if sum := r.InSync + r.Pending + r.Excluded + r.Quarantined + r.Dead; sum != *r.People {
		return fmt.Errorf("the states add up to %d of %d people", sum, *r.People)
	}
	if *r.People < asked {
		return fmt.Errorf("%d people were asked for, %d are there", asked, *r.People)
	}
	if r.InSync == 0 || r.Dead > 0 || r.Pending > 0 {
		return fmt.Errorf("%d in sync, %d pending, %d dead; want all in sync but the excluded and quarantined", r.InSync, r.Pending, r.Dead)
	}
	if *r.SecondCycleWrites != 0 {
		return fmt.Errorf("the second cycle wrote %d times; want 0", *r.SecondCycleWrites)
	}
	for _, system := range []string{"hubspot", "salesforce"} {
		if s := r.Systems[system]; s.Reads == 0 || s.Writes == 0 {
			return fmt.Errorf("%s: %d reads, %d writes; want some of both", system, s.Reads, s.Writes)
		}
	}
	return nil
}
