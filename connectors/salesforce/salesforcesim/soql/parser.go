package soql

import (
	"fmt"
	"strconv"
	"strings"
)

type parser struct {
	text string
	toks []token
	at   int
}

// Parse reads one query. Its errors are *Error, worded as the vendor does.
func Parse(text string) (*Query, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, toks: toks}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokEnd {
		return nil, p.unexpected()
	}
	return q, nil
}

func (p *parser) peek() token { return p.toks[p.at] }

func (p *parser) next() token {
	t := p.toks[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

// word reports whether the next token is one of these words, and takes it.
func (p *parser) word(words ...string) (string, bool) {
	t := p.peek()
	if t.kind != tokWord {
		return "", false
	}
	for _, w := range words {
		if strings.EqualFold(t.text, w) {
			p.at++
			return w, true
		}
	}
	return "", false
}

func (p *parser) sign(s string) bool {
	if t := p.peek(); t.kind == tokSign && t.text == s {
		p.at++
		return true
	}
	return false
}

func (p *parser) wantSign(s string) error {
	if p.sign(s) {
		return nil
	}
	return ErrorAt("MALFORMED_QUERY", p.text, p.peek().pos, fmt.Sprintf("expecting a %s, found '%s'", signName(s), p.peek().text))
}

func signName(s string) string {
	switch s {
	case "(":
		return "left parentheses"
	case ")":
		return "right parentheses"
	}
	return "'" + s + "'"
}

func (p *parser) wantWord(w string) error {
	if _, ok := p.word(w); ok {
		return nil
	}
	return p.unexpected()
}

func (p *parser) unexpected() error {
	t := p.peek()
	return ErrorAt("MALFORMED_QUERY", p.text, t.pos, fmt.Sprintf("unexpected token: '%s'", t.text))
}

func (p *parser) name() (Name, error) {
	t := p.peek()
	if t.kind != tokWord {
		return Name{}, p.unexpected()
	}
	p.at++
	return Name{Path: t.text, Pos: t.pos}, nil
}

func (p *parser) names() ([]Name, error) {
	var out []Name
	for {
		n, err := p.name()
		if err != nil {
			return nil, err
		}
		out = append(out, n)
		if !p.sign(",") {
			return out, nil
		}
	}
}

func (p *parser) query() (*Query, error) {
	q := &Query{Limit: -1, Text: p.text}
	if err := p.wantWord("SELECT"); err != nil {
		return nil, err
	}
	if err := p.selectList(q); err != nil {
		return nil, err
	}
	if err := p.from(q); err != nil {
		return nil, err
	}
	if _, ok := p.word("USING"); ok {
		p.at += 2 // SCOPE and its name: every row is in every scope here
	}
	if _, ok := p.word("WHERE"); ok {
		where, err := p.or()
		if err != nil {
			return nil, err
		}
		q.Where = where
	}
	return q, p.tail(q)
}

func (p *parser) from(q *Query) error {
	if err := p.wantWord("FROM"); err != nil {
		return err
	}
	from, err := p.name()
	if err != nil {
		return err
	}
	q.From = from
	if _, ok := p.word("AS"); ok || p.isAlias() {
		alias, err := p.name()
		if err != nil {
			return err
		}
		q.Alias = alias.Path
	}
	return nil
}

func (p *parser) isAlias() bool {
	t := p.peek()
	if t.kind != tokWord {
		return false
	}
	switch strings.ToUpper(t.text) {
	case "WHERE", "WITH", "GROUP", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "USING", "HAVING", "UPDATE":
		return false
	}
	return true
}

func (p *parser) tail(q *Query) error {
	if _, ok := p.word("WITH"); ok {
		p.next() // SECURITY_ENFORCED, USER_MODE: the integration user sees what it sees
	}
	if _, ok := p.word("GROUP"); ok {
		if err := p.groupBy(q); err != nil {
			return err
		}
	}
	if _, ok := p.word("ORDER"); ok {
		if err := p.orderBy(q); err != nil {
			return err
		}
	}
	if err := p.bounds(q); err != nil {
		return err
	}
	return p.trailer()
}

func (p *parser) groupBy(q *Query) error {
	if err := p.wantWord("BY"); err != nil {
		return err
	}
	fields, err := p.names()
	q.GroupBy = fields
	return err
}

// trailer reads what may follow a query and changes nothing here.
func (p *parser) trailer() error {
	for {
		if _, ok := p.word("FOR", "UPDATE"); ok {
			p.next() // FOR VIEW, FOR REFERENCE, FOR UPDATE, UPDATE TRACKING
			continue
		}
		if _, ok := p.word("ALL"); !ok {
			return nil
		}
		if err := p.wantWord("ROWS"); err != nil {
			return err
		}
	}
}

func (p *parser) bounds(q *Query) error {
	var err error
	if _, ok := p.word("LIMIT"); ok {
		if q.Limit, err = p.count(); err != nil {
			return err
		}
	}
	if _, ok := p.word("OFFSET"); ok {
		if q.Offset, err = p.count(); err != nil {
			return err
		}
		if q.Offset > 2000 {
			return &Error{Code: "NUMBER_OUTSIDE_VALID_RANGE", Message: "Maximum SOQL offset allowed is 2000"}
		}
	}
	return nil
}

func (p *parser) count() (int, error) {
	n, err := strconv.Atoi(p.peek().text)
	if err != nil || n < 0 {
		return 0, p.unexpected()
	}
	p.at++
	return n, nil
}

func (p *parser) orderBy(q *Query) error {
	if err := p.wantWord("BY"); err != nil {
		return err
	}
	for {
		it, err := p.column()
		if err != nil {
			return err
		}
		o := Order{Field: it.Field}
		if it.Func != "" {
			o.Field.Path = it.Func + "(" + it.Field.Path + ")"
		}
		if dir, ok := p.word("ASC", "DESC"); ok {
			o.Desc = dir == "DESC"
		}
		if _, ok := p.word("NULLS"); ok {
			end, ok := p.word("FIRST", "LAST")
			if !ok {
				return p.unexpected()
			}
			o.NullsLast = end == "LAST"
		}
		q.OrderBy = append(q.OrderBy, o)
		if !p.sign(",") {
			return nil
		}
	}
}
