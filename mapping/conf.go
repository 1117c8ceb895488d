package mapping

import (
	"github.com/tandem-sync/tandem/config/diag"
)

// entryConf is one entry of a `fields:` list as written.
type entryConf struct {
	Field        string    `yaml:"field"`
	Remote       string    `yaml:"remote"`
	Direction    string    `yaml:"direction" oneof:"in out both"`
	In           diag.Node `yaml:"in"`
	Out          diag.Node `yaml:"out"`
	Format       diag.Node `yaml:"format"`
	Values       diag.Node `yaml:"values"`
	OutValues    diag.Node `yaml:"out_values"`
	Unmapped     diag.Node `yaml:"unmapped"`
	Labels       bool      `yaml:"labels"`
	Currency     string    `yaml:"currency"`
	CurrencyFrom string    `yaml:"currency_from"`
	Zone         string    `yaml:"zone"`
	Separator    string    `yaml:"separator"`
	Placeholder  string    `yaml:"placeholder"`
	RewriteForm  bool      `yaml:"rewrite_form"`
	Truncate     bool      `yaml:"truncate"`
	Invalid      string    `yaml:"invalid" oneof:"hold drop"`
	Absent       string    `yaml:"absent" oneof:"skip blank"`

	node diag.Node
}

// formatConf is the mapping form of `format:`.
type formatConf struct {
	Region  string    `yaml:"region"`
	Date    string    `yaml:"date"`
	Number  string    `yaml:"number"`
	True    diag.Node `yaml:"true"`
	False   diag.Node `yaml:"false"`
	Country string    `yaml:"country" oneof:"alpha2 alpha3 name"`
}

// at returns the node of a key, or the entry where it is not written.
func (c *entryConf) at(key string) diag.Node {
	if n, ok := c.node.Get(key); ok {
		return n
	}
	return c.node
}

// directions tells which sides the entry has.
func (c *entryConf) directions() (in, out bool) {
	in = c.Field != "" && (!c.In.IsNull() || c.Remote != "")
	out = c.Remote != "" && (!c.Out.IsNull() || c.Field != "")
	switch c.Direction {
	case "in":
		out = false
	case "out":
		in = false
	}
	return in, out
}

// shape checks that the keys of an entry go together.
func (c *entryConf) shape(problems *diag.List) bool {
	before := len(*problems)
	in, out := c.directions()
	switch {
	case c.Field == "" && c.Remote == "":
		problems.Add(c.node.Errorf("an entry needs a canonical `field`, a `remote` field, or both"))
	case c.Field == "" && c.Out.IsNull():
		problems.Add(c.node.Errorf("remote field %q needs a `field` or an `out` expression", c.Remote))
	case c.Remote == "" && c.In.IsNull():
		problems.Add(c.node.Errorf("field %q needs a `remote` field or an `in` expression", c.Field))
	case !in && !out:
		problems.Add(c.at("direction").Errorf("with direction %q this entry does nothing", c.Direction))
	}
	if !c.In.IsNull() && !in {
		problems.Add(c.In.Errorf("`in` is written, but the entry has no in side").WithHint("it needs a `field` and a direction other than out"))
	}
	if !c.Out.IsNull() && !out {
		problems.Add(c.Out.Errorf("`out` is written, but the entry has no out side").WithHint("it needs a `remote` and a direction other than in"))
	}
	if c.Placeholder != "" && !out {
		problems.Add(c.at("placeholder").Errorf("a placeholder needs an out side"))
	}
	if !c.Values.IsNull() && c.Labels {
		problems.Add(c.at("labels").Errorf("`labels` and `values` exclude each other"))
	}
	return len(*problems) == before
}

func decodeEntries(node diag.Node, problems *diag.List) []*entryConf {
	if node.IsNull() {
		return nil
	}
	if !node.IsList() {
		problems.Add(node.Errorf("expected a list of entries, found %s", node.Kind()))
		return nil
	}
	var out []*entryConf
	for _, item := range node.Items() {
		c := &entryConf{node: item}
		found := diag.Decode(item, c)
		problems.Add(found...)
		if !found.HasErrors() && c.shape(problems) {
			out = append(out, c)
		}
	}
	return out
}
