package config

import (
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
)

// Guard is the breakers before the first write of a cycle.
type Guard struct {
	Creates  Limit `yaml:"creates" doc:"Records created."`
	Updates  Limit `yaml:"updates" doc:"Records updated, for each field."`
	Clears   Limit `yaml:"clears" doc:"Values cleared."`
	OptOuts  Limit `yaml:"opt_outs" doc:"People opted out."`
	Archives Limit `yaml:"archives" doc:"Records archived."`
	Billable Limit `yaml:"billable" doc:"Records that the vendor bills from then on, such as HubSpot's marketing contacts."`
}

// Limit is one breaker. A zero part does not limit; the zero Limit is off.
type Limit struct {
	Share Share `yaml:"share" doc:"Part of the live records of the object in the system, at once; applies from 50 rows up."`
	Count int   `yaml:"count" doc:"Rows within an hour."`
}

func defaultGuard() Guard {
	return Guard{
		Creates: Limit{Share: 0.20, Count: 2_000}, Updates: Limit{Share: 0.30, Count: 10_000},
		Clears: Limit{Share: 0.05, Count: 500}, OptOuts: Limit{Share: 0.05, Count: 500}, Archives: Limit{Share: 0.02, Count: 100},
		Billable: Limit{Share: 0.02, Count: 100},
	}
}

// DecodeNode reads a rule; the part that is not written keeps its value.
func (l *Limit) DecodeNode(n diag.Node) diag.List {
	if n.String() == off {
		*l = Limit{}
		return nil
	}
	if n.IsScalar() {
		return diag.List{n.Errorf("expected {share, count} or off").WithHint("write {share: 20%%, count: 2000}")}
	}
	type plain Limit
	problems := diag.Decode(n, (*plain)(l))
	if count, written := n.Get("count"); written && l.Count < 1 && !problems.HasErrors() {
		problems.Add(count.Errorf("the count must be at least 1").WithHint("write off in place of the whole rule to switch it off"))
	}
	return problems
}

func (l Limit) shape() shape {
	type plain Limit
	return shape{name: "{share, count} or off", orWord: []string{off}, of: plain(l)}
}

// Share is a part of a whole, between 0 and 1.
type Share float64

// DecodeNode reads 20% or 0.2.
func (s *Share) DecodeNode(n diag.Node) diag.List {
	text := n.String()
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return diag.List{n.Errorf("%q is not a share", text).WithHint("write 20%% or 0.2")}
	}
	if percent {
		v /= 100
	}
	switch {
	case v > 1:
		return diag.List{n.Errorf("a share of %s is more than all", text).WithHint("write 20%% or 0.2")}
	case !(v > 0):
		return diag.List{n.Errorf("a share must be more than 0").WithHint("write off in place of the whole rule to switch it off")}
	}
	*s = Share(v)
	return nil
}

// String returns the share in per cent.
func (s Share) String() string {
	return strconv.FormatFloat(float64(s)*100, 'f', -1, 64) + "%"
}

func (Share) shape() shape {
	return shape{name: "share", schema: map[string]any{"type": []string{"number", "string"}, "pattern": `^[0-9.]+ *%?$`}}
}
