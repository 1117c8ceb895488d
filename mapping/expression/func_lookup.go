package expression

func lookupFunctions() []function {
	two := []any{new(func(string, any) string)}
	return []function{
		{"picklist", two, picklist, `picklist("name", value)`, "What a named value map gives for the value, null if it has no entry."},
		{"label", two, label, `label("field", value)`, "The label of a picklist value of that field, null if it has none."},
	}
}

func picklist(b *budget, args []any) (any, error) { return lookUp(b, b.scope.Picklists, args) }

func label(b *budget, args []any) (any, error) { return lookUp(b, b.scope.Labels, args) }

func lookUp(b *budget, tables map[string]map[string]string, args []any) (any, error) {
	name, _ := argument(args, 0)
	key, ok := argument(args, 1)
	if err := b.spend(len(key)); err != nil || !ok {
		return nil, err
	}
	if v, found := tables[name][key]; found {
		return v, nil
	}
	return nil, nil
}
