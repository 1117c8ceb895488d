package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
)

// TestResult is the outcome of one of a configuration's own mapping tests.
type TestResult struct {
	Name   string
	Passed bool
}

// testConf is one entry of a `tests:` list. Golden values lie over what In
// made of the given record before Out is asked.
type testConf struct {
	Name      string    `yaml:"name,required"`
	Given     diag.Node `yaml:"given"`
	Golden    diag.Node `yaml:"golden"`
	Expect    diag.Node `yaml:"expect"`
	ExpectOut diag.Node `yaml:"expect_out"`
	Problems  diag.Node `yaml:"problems"`
}

// RunTests runs the `tests:` list of an object against its map, offline. Only
// the fields a test names are compared; null there stands for null and for
// absent. Each difference is a located diagnostic with what was wanted and
// what came.
func RunTests(node diag.Node, m *Map) ([]TestResult, diag.List) {
	var confs []diag.Node
	problems := diag.Decode(node, &confs)
	var results []TestResult
	for _, n := range confs {
		var c testConf
		found := diag.Decode(n, &c)
		if !found.HasErrors() {
			found.Add(m.test(&c, n)...)
		}
		problems.Add(found...)
		results = append(results, TestResult{Name: c.Name, Passed: !found.HasErrors()})
	}
	return results, problems
}

func (m *Map) test(c *testConf, n diag.Node) diag.List {
	var problems diag.List
	if c.Expect.IsNull() && c.ExpectOut.IsNull() && c.Problems.IsNull() {
		problems.Add(n.Errorf("the test expects nothing").WithHint("add expect, expect_out or problems"))
		return problems
	}
	remote, canonical := vocabulary{m.kinds, m.scope.Open}, vocabulary{kinds: m.canonical}
	raw := readFields(c.Given, remote, &problems)
	golden := readFields(c.Golden, canonical, &problems)
	got, failed := m.In(raw)
	canonical.compare(c.Expect, got, failed, &problems)
	if !c.ExpectOut.IsNull() {
		out, outFailed := m.Out(got.Merge(golden))
		failed = append(failed, outFailed...)
		remote.compare(c.ExpectOut, out, failed, &problems)
	}
	expectedProblems(c, n, failed, &problems)
	return problems
}

// expectedProblems compares the fields that failed with those the test names.
func expectedProblems(c *testConf, n diag.Node, failed []Problem, problems *diag.List) {
	var want []string
	if !c.Problems.IsNull() {
		want = c.Problems.Strings(problems)
	}
	var seen []string
	for _, p := range failed {
		seen = append(seen, p.Field, p.Remote)
		if !slices.Contains(want, p.Field) && !slices.Contains(want, p.Remote) {
			problems.Add(n.Errorf("test %q: %v", c.Name, p.Error()))
		}
	}
	for _, name := range want {
		if !slices.Contains(seen, name) {
			problems.Add(c.Problems.Errorf("test %q: %s was expected to fail, but it did not", c.Name, name))
		}
	}
}

// readFields reads a record as a test writes it: by the kinds of the fields
// where they are known, else as YAML has them.
func readFields(n diag.Node, known vocabulary, problems *diag.List) record.Fields {
	fields := record.Fields{}
	if n.IsNull() {
		return fields
	}
	if !n.IsMap() {
		problems.Add(n.Errorf("expected a mapping of fields to values, found %s", n.Kind()))
		return fields
	}
	for _, key := range n.Keys() {
		value, _ := n.Get(key.Name)
		if !known.has(key, problems) {
			continue
		}
		if kind, told := known.kinds[key.Name]; told {
			fields[key.Name] = readValue(value, kind)
		} else {
			fields[key.Name] = guessValue(value)
		}
	}
	return fields
}

// vocabulary are the fields a test may name. An open one is of a system whose
// schema is not known.
type vocabulary struct {
	kinds map[string]record.Kind
	open  bool
}

func (w vocabulary) has(key diag.Key, problems *diag.List) bool {
	if _, ok := w.kinds[key.Name]; ok || w.open {
		return true
	}
	problems.Add(key.Errorf("unknown field %q", key.Name).WithNearest(key.Name, slices.Sorted(maps.Keys(w.kinds))))
	return false
}

// readValue reads a value of a kind.
func readValue(n diag.Node, kind record.Kind) record.Value {
	if n.IsNull() {
		return record.NullOf(kind)
	}
	if n.IsList() {
		return readSet(n)
	}
	if v, ok := readAmount(n.String(), kind); ok {
		return v
	}
	if v, err := record.Parse(kind, n.String()); err == nil {
		return v
	}
	return record.Of(kind, n.String())
}

func readSet(n diag.Node) record.Value {
	members := make([]string, 0, len(n.Items()))
	for _, item := range n.Items() {
		members = append(members, item.String())
	}
	return record.OfSet(members...)
}

// guessValue reads a value of a field whose kind is not known, as YAML has it.
func guessValue(n diag.Node) record.Value {
	switch {
	case n.IsNull():
		return record.NullOf(record.String)
	case n.IsList():
		return readSet(n)
	}
	switch value := n.Value().(type) {
	case bool:
		return record.OfBool(value)
	case int64:
		return record.OfInt(value)
	case float64:
		if v, err := record.Parse(record.Decimal, n.String()); err == nil {
			return v
		}
	}
	return record.OfString(n.String())
}

// readAmount reads money as people write it in a test: EUR 1234.50.
func readAmount(text string, kind record.Kind) (record.Value, bool) {
	if kind != record.Money {
		return record.Value{}, false
	}
	code, number, _ := strings.Cut(text, " ")
	v, err := record.Parse(record.Decimal, number)
	d, ok := v.Decimal()
	if err != nil || !ok {
		return record.Value{}, false
	}
	minor, err := format.ToMinor(d, code)
	return record.OfMoney(minor, code), err == nil
}

func (w vocabulary) compare(want diag.Node, got record.Fields, failed []Problem, problems *diag.List) {
	if want.IsNull() {
		return
	}
	if !want.IsMap() {
		problems.Add(want.Errorf("expected a mapping of fields to values, found %s", want.Kind()))
		return
	}
	for _, key := range want.Keys() {
		value, _ := want.Get(key.Name)
		if !w.has(key, problems) {
			continue
		}
		v, kind := got[key.Name], w.kinds[key.Name]
		if v.IsPresent() {
			kind = v.Kind()
		}
		if wanted := readValue(value, kind); !alike(wanted, v) {
			problems.Add(value.Errorf("%s: want %s, got %s%s", key.Name, shown(wanted), shown(v), because(key.Name, failed)))
		}
	}
}

func alike(want, got record.Value) bool {
	if want.IsPresent() != (got.IsPresent() || got.State() == record.Placeholder) {
		return false
	}
	return !want.IsPresent() || want.Text() == got.Text()
}

// shown prints a value of a test for its author.
func shown(v record.Value) string {
	if !v.IsPresent() && v.State() != record.Placeholder {
		return v.String()
	}
	if minor, code, ok := v.Money(); ok {
		return fmt.Sprintf("%q", format.Amount{Minor: minor, Currency: code}.String())
	}
	if v.Kind() == record.Set {
		return fmt.Sprintf("%q", v.Members())
	}
	return fmt.Sprintf("%q", v.Text())
}

func because(field string, failed []Problem) string {
	for _, p := range failed {
		if p.Field == field || p.Remote == field {
			return " (" + p.Err.Error() + ")"
		}
	}
	return ""
}
