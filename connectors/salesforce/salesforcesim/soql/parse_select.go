package soql

import "strings"

func (p *parser) selectList(q *Query) error {
	for {
		it, err := p.item()
		if err != nil {
			return err
		}
		q.Select = append(q.Select, it)
		if !p.sign(",") {
			return nil
		}
	}
}

func (p *parser) item() (Item, error) {
	if p.sign("(") {
		child, err := p.query()
		if err != nil {
			return Item{}, err
		}
		return Item{Child: child, Field: child.From}, p.wantSign(")")
	}
	if _, ok := p.word("TYPEOF"); ok {
		return p.typeOf()
	}
	it, err := p.column()
	if err != nil {
		return it, err
	}
	if t := p.peek(); t.kind == tokWord && !strings.EqualFold(t.text, "FROM") {
		it.Alias = p.next().text
	}
	return it, nil
}

// column reads a field or a function of one.
func (p *parser) column() (Item, error) {
	n, err := p.name()
	if err != nil || !p.sign("(") {
		return Item{Field: n}, err
	}
	it := Item{Func: strings.ToUpper(n.Path), Field: Name{Pos: n.Pos}}
	if p.sign(")") {
		return it, nil
	}
	arg, err := p.column()
	if err != nil {
		return it, err
	}
	it.Field = arg.Field
	return it, p.wantSign(")")
}

func (p *parser) typeOf() (Item, error) {
	field, err := p.name()
	if err != nil {
		return Item{}, err
	}
	it := Item{TypeOf: true, Field: field}
	for {
		word, ok := p.word("WHEN", "ELSE", "END")
		switch {
		case !ok:
			return it, p.unexpected()
		case word == "END":
			return it, nil
		case word == "ELSE":
			if it.Else, err = p.names(); err != nil {
				return it, err
			}
		default:
			c, err := p.typeCase()
			if err != nil {
				return it, err
			}
			it.Cases = append(it.Cases, c)
		}
	}
}

func (p *parser) typeCase() (TypeCase, error) {
	object, err := p.name()
	if err != nil {
		return TypeCase{}, err
	}
	if err := p.wantWord("THEN"); err != nil {
		return TypeCase{}, err
	}
	fields, err := p.names()
	return TypeCase{Object: object.Path, Fields: fields}, err
}
