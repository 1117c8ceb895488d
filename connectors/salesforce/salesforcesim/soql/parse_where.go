package soql

import (
	"strconv"
	"strings"
)

func (p *parser) or() (Expr, error) { return p.chain("OR", p.and) }

func (p *parser) and() (Expr, error) { return p.chain("AND", p.unary) }

func (p *parser) chain(word string, part func() (Expr, error)) (Expr, error) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	args := []Expr{first}
	for {
		if _, ok := p.word(word); !ok {
			break
		}
		arg, err := part()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	if len(args) == 1 {
		return first, nil
	}
	return &Logic{Or: word == "OR", Args: args}, nil
}

func (p *parser) unary() (Expr, error) {
	if _, ok := p.word("NOT"); ok {
		arg, err := p.unary()
		return &Not{Arg: arg}, err
	}
	if p.sign("(") {
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.wantSign(")")
	}
	return p.compare()
}

func (p *parser) compare() (Expr, error) {
	it, err := p.column()
	if err != nil {
		return nil, err
	}
	c := &Compare{Field: it.Field}
	if c.Op, err = p.operator(); err != nil {
		return nil, err
	}
	switch c.Op {
	case "IN", "NOT IN", "INCLUDES", "EXCLUDES":
		return c, p.list(c)
	}
	v, err := p.value()
	c.Values = []Value{v}
	return c, err
}

func (p *parser) operator() (string, error) {
	if w, ok := p.word("LIKE", "IN", "INCLUDES", "EXCLUDES"); ok {
		return w, nil
	}
	if _, ok := p.word("NOT"); ok {
		return "NOT IN", p.wantWord("IN")
	}
	for _, s := range []string{"=", "!=", "<>", "<=", ">=", "<", ">"} {
		if p.sign(s) {
			if s == "<>" {
				return "!=", nil
			}
			return s, nil
		}
	}
	return "", p.unexpected()
}

func (p *parser) list(c *Compare) error {
	if err := p.wantSign("("); err != nil {
		return err
	}
	if t := p.peek(); t.kind == tokWord && strings.EqualFold(t.text, "SELECT") {
		sub, err := p.query()
		if err != nil {
			return err
		}
		c.Sub = sub
		return p.wantSign(")")
	}
	for {
		v, err := p.value()
		if err != nil {
			return err
		}
		c.Values = append(c.Values, v)
		if !p.sign(",") {
			return p.wantSign(")")
		}
	}
}

func (p *parser) value() (Value, error) {
	t := p.peek()
	v := Value{Pos: t.pos, Text: t.text}
	switch t.kind {
	case tokString:
		v.Kind = String
	case tokNumber:
		if _, err := strconv.ParseFloat(t.text, 64); err != nil {
			return v, p.unexpected()
		}
		v.Kind = Number
	case tokTime:
		kind, text, ok := readTime(t.text)
		if !ok {
			return v, p.unexpected()
		}
		v.Kind, v.Text = kind, text
	case tokWord:
		return p.wordValue()
	default:
		return v, p.unexpected()
	}
	p.at++
	return v, nil
}

func (p *parser) wordValue() (Value, error) {
	t := p.peek()
	v := Value{Pos: t.pos, Text: strings.ToUpper(t.text)}
	switch v.Text {
	case "NULL":
		v.Kind = Null
	case "TRUE", "FALSE":
		v.Kind, v.Text = Boolean, strings.ToLower(t.text)
	default:
		if !isDateLiteral(v.Text) {
			return v, p.unexpected()
		}
		v.Kind = DateLiteral
	}
	p.at++
	if v.Kind == DateLiteral && takesNumber(v.Text) {
		if err := p.wantSign(":"); err != nil {
			return v, err
		}
		n, err := p.count()
		v.N = n
		return v, err
	}
	return v, nil
}
