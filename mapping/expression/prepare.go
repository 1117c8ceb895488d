package expression

import (
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/tandem-sync/tandem/record/format"
)

// prepared is what is worked out once, when an expression is compiled, from
// the arguments that have to be written out.
type prepared struct {
	scope    *Scope
	patterns map[string]pattern
	layouts  map[string]format.Layout
	numbers  map[string]format.Number
	zones    map[string]*time.Location
}

// pattern is a compiled regular expression and what one byte of text costs it.
type pattern struct {
	re   *regexp.Regexp
	cost int
}

func layoutKey(layout, zone string) string { return layout + "\x00" + zone }

func (p *prepared) layout(args []any, i int) format.Layout {
	return p.layouts[layoutKey(or(args, i, "iso"), or(args, i+1, ""))]
}

// literals tells which arguments of a function must be written out, so that
// they can be checked when it is compiled: the first of them, and how many.
func literals(name string) (from, count int) {
	switch name {
	case "date", "instant", "format_date":
		return 1, 2
	case "number", "format_number", "country":
		return 1, 1
	case "picklist", "label":
		return 0, 1
	default:
		return 0, 0
	}
}

// call checks the written-out arguments of one call.
func (p *prepared) call(n *ast.CallNode, name string) *Mistake {
	from, count := literals(name)
	texts := make([]string, 0, count)
	for i := from; i < min(from+count, len(n.Arguments)); i++ {
		s, ok := n.Arguments[i].(*ast.StringNode)
		if !ok {
			return &Mistake{At: n.Arguments[i].Location().From, Summary: "this argument of " + name + ` must be written out in quotes`}
		}
		texts = append(texts, s.Value)
	}
	if len(texts) == 0 && name != "date" && name != "instant" {
		return nil
	}
	m := p.argument(name, texts)
	if m != nil {
		m.At = n.Location().From
		if len(n.Arguments) > from {
			m.At = n.Arguments[from].Location().From
		}
	}
	return m
}

func (p *prepared) argument(name string, texts []string) *Mistake {
	switch name {
	case "date", "instant", "format_date":
		return p.addLayout(texts)
	case "number", "format_number":
		n, err := format.ParseNumber(texts[0])
		p.numbers[texts[0]] = n
		return mistake(err)
	case "country":
		if !slices.Contains([]string{"alpha2", "alpha3", "name"}, texts[0]) {
			return &Mistake{Summary: "unknown form of a country", Name: texts[0], Known: []string{"alpha2", "alpha3", "name"}}
		}
	case "picklist":
		if _, ok := p.scope.Picklists[texts[0]]; !ok {
			return &Mistake{Summary: fmt.Sprintf("unknown picklist %q", texts[0]), Name: texts[0], Known: slices.Sorted(maps.Keys(p.scope.Picklists))}
		}
	case "label":
		if _, ok := p.scope.Labels[texts[0]]; !ok && !p.scope.Open {
			return &Mistake{Summary: fmt.Sprintf("field %q has no labels", texts[0]), Name: texts[0], Known: slices.Sorted(maps.Keys(p.scope.Labels))}
		}
	}
	return nil
}

func (p *prepared) addLayout(texts []string) *Mistake {
	layout, zone := "iso", ""
	if len(texts) > 0 {
		layout = texts[0]
	}
	if len(texts) > 1 {
		zone = texts[1]
		loc, err := time.LoadLocation(zone)
		if err != nil {
			return &Mistake{Summary: fmt.Sprintf("unknown time zone %q", zone)}
		}
		p.zones[zone] = loc
	}
	l, err := format.ParseLayout(layout, zone)
	p.layouts[layoutKey(layout, zone)] = l
	return mistake(err)
}

func mistake(err error) *Mistake {
	if err == nil {
		return nil
	}
	return &Mistake{Summary: err.Error()}
}

// pattern compiles the right side of `matches`, which must be written out.
func (p *prepared) pattern(n ast.Node) *Mistake {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return &Mistake{At: n.Location().From, Summary: "a regular expression must be written out in quotes"}
	}
	if len(s.Value) > maxPattern {
		return &Mistake{At: n.Location().From, Summary: fmt.Sprintf("a regular expression may be %d characters long", maxPattern)}
	}
	size, err := programSize(s.Value)
	if err != nil {
		return &Mistake{At: n.Location().From, Summary: "not a regular expression: " + err.Error()}
	}
	if size > maxProgram {
		return &Mistake{At: n.Location().From, Summary: "this regular expression is too large: use smaller repeat counts"}
	}
	p.patterns[s.Value] = pattern{re: regexp.MustCompile(s.Value), cost: 1 + size/8}
	return nil
}

func programSize(source string) (int, error) {
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller adds the place
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller adds the place
	}
	return len(prog.Inst), nil
}
