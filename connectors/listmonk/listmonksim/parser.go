package listmonksim

import (
	"fmt"
	"strings"
)

// parser reads a condition by recursive descent.
type parser struct {
	db    *database
	words []string
}

func (p *parser) unexpected() error {
	if len(p.words) == 0 {
		return errEnd
	}
	return fmt.Errorf("syntax error at or near %q", p.words[0])
}

// take eats the words if they come next.
func (p *parser) take(words ...string) bool {
	if len(p.words) < len(words) {
		return false
	}
	for i, w := range words {
		if !strings.EqualFold(p.words[i], w) {
			return false
		}
	}
	p.words = p.words[len(words):]
	return true
}

func (p *parser) expect(words ...string) error {
	if !p.take(words...) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *parser) or() (condition, error) { return p.chain("OR", p.and) }

func (p *parser) and() (condition, error) { return p.chain("AND", p.not) }

// chain reads conditions joined by AND or by OR.
func (p *parser) chain(word string, part func() (condition, error)) (condition, error) {
	var parts []condition
	for {
		c, err := part()
		if err != nil {
			return nil, err
		}
		if parts = append(parts, c); !p.take(word) {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return func(r row) (bool, error) {
		for _, c := range parts {
			if ok, err := c(r); err != nil || ok == (word == "OR") {
				return ok, err
			}
		}
		return word == "AND", nil
	}, nil
}

func (p *parser) not() (condition, error) {
	switch {
	case p.take("NOT"):
		c, err := p.not()
		return negate(c), err
	case p.take("TRUE"):
		return func(row) (bool, error) { return true, nil }, nil
	}
	if before := p.words; p.take("(") {
		c, err := p.or()
		if err == nil && p.take(")") {
			return c, nil
		}
		p.words = before // then it is a value in brackets, or several
	}
	return p.comparison()
}

func negate(c condition) condition {
	return func(r row) (bool, error) {
		ok, err := c(r)
		return !ok && err == nil, err
	}
}

func (p *parser) comparison() (condition, error) {
	left, err := p.value()
	if err != nil {
		return nil, err
	}
	switch {
	case p.take("NOT", "IN"):
		c, err := p.in(left)
		return negate(c), err
	case p.take("IN"):
		return p.in(left)
	}
	op := p.next()
	holds, known := map[string]func(int) bool{
		"=": func(c int) bool { return c == 0 }, "<>": func(c int) bool { return c != 0 }, ">": func(c int) bool { return c > 0 },
		"<": func(c int) bool { return c < 0 }, ">=": func(c int) bool { return c >= 0 }, "<=": func(c int) bool { return c <= 0 },
	}[op]
	if !known {
		return nil, fmt.Errorf("syntax error at or near %q", op)
	}
	right, err := p.value()
	if err != nil {
		return nil, err
	}
	return func(r row) (bool, error) {
		a, err := left(r)
		if err != nil {
			return false, err
		}
		b, err := right(r)
		if err != nil {
			return false, err
		}
		c, err := compare(a, b)
		return err == nil && holds(c), err
	}, nil
}

// value reads a column, a literal, a function, or several in brackets.
func (p *parser) value() (operand, error) {
	if p.take("(") {
		return p.tuple()
	}
	word := p.next()
	if v, ok := literal(word); ok {
		return func(row) (any, error) { return v, nil }, nil
	}
	if word == "" || !wordly(word[0]) {
		return nil, fmt.Errorf("syntax error at or near %q", word)
	}
	name := strings.ToLower(word[strings.LastIndexByte(word, '.')+1:])
	if !p.take("(") {
		return column(name), nil
	}
	switch name {
	case "count":
		return column("count(*)"), p.expect("*", ")")
	case "sum":
		return column("sum(id)"), p.expect("id", ")")
	case "lower":
		of, err := p.value()
		if err != nil {
			return nil, err
		}
		return func(r row) (any, error) {
			v, err := of(r)
			text, _ := v.(string)
			return strings.ToLower(text), err
		}, p.expect(")")
	case "mod":
		return p.mod()
	}
	return nil, fmt.Errorf("function %s does not exist", name)
}

func column(name string) operand {
	return func(r row) (any, error) {
		if v := r(name); v != nil {
			return v, nil
		}
		return nil, fmt.Errorf("column %q does not exist", name)
	}
}

func (p *parser) mod() (operand, error) {
	of, err := p.value()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	v, _ := literal(p.next())
	by, ok := v.(int64)
	if !ok || by == 0 {
		return nil, p.unexpected()
	}
	return func(r row) (any, error) {
		v, err := of(r)
		n, _ := v.(int64)
		return n % by, err
	}, p.expect(")")
}

// tuple reads the rest of several values in brackets; they are compared as a
// text.
func (p *parser) tuple() (operand, error) {
	var parts []operand
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		if parts = append(parts, v); !p.take(",") {
			break
		}
	}
	return func(r row) (any, error) {
		var b strings.Builder
		for _, part := range parts {
			v, err := part(r)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, "%v\x00", v)
		}
		return b.String(), nil
	}, p.expect(")")
}

// in reads the list or query that a value is looked for in.
func (p *parser) in(left operand) (condition, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	s := &selection{}
	var err error
	if p.take("SELECT") {
		err = p.query(s)
	} else {
		err = p.list(s)
	}
	if err != nil {
		return nil, err
	}
	return func(r row) (bool, error) {
		v, err := left(r)
		if err != nil {
			return false, err
		}
		set, err := s.run()
		return set[v], err
	}, p.expect(")")
}

func (p *parser) list(s *selection) error {
	s.result = map[any]bool{}
	for {
		v, err := p.value()
		if err != nil {
			return err
		}
		literal, err := v(func(string) any { return nil })
		if err != nil {
			return err
		}
		if s.result[literal] = true; !p.take(",") {
			return nil
		}
	}
}

// query reads the rest of a SELECT.
func (p *parser) query(s *selection) (err error) {
	if s.what, err = p.value(); err != nil {
		return err
	}
	if err = p.expect("FROM"); err != nil {
		return err
	}
	name := p.next()
	if s.from = p.db.table(name); s.from == nil {
		return fmt.Errorf("relation %q does not exist", name)
	}
	if s.where, err = p.optional("WHERE"); err != nil {
		return err
	}
	if p.take("GROUP", "BY") {
		if s.group, err = p.value(); err != nil {
			return err
		}
	}
	if s.having, err = p.optional("HAVING"); err != nil {
		return err
	}
	s.ordered = p.take("ORDER", "BY", "id")
	if p.take("LIMIT") {
		v, _ := literal(p.next())
		n, ok := v.(int64)
		if !ok || n < 0 {
			return p.unexpected()
		}
		s.limit = int(n)
	}
	return nil
}

// optional reads a condition if it comes after this word; else all hold.
func (p *parser) optional(word string) (condition, error) {
	if p.take(word) {
		return p.or()
	}
	return func(row) (bool, error) { return true, nil }, nil
}
