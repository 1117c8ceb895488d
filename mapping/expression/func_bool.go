package expression

import "strings"

// testFunctions are the functions that say true or false.
func testFunctions() []function {
	return []function{
		{"blank", []any{new(func(any) bool)}, blank, "blank(value)", "True for null, for a text of white space and for an empty list."},
		{"has", []any{new(func(any, string) bool)}, has, "has(text or list, part)", "True if the text contains the part, or the list the member."},
		{"truth", []any{new(func(any) bool)}, truth, "truth(value)", "True for true, yes, y, on and 1; false for their opposites; else null."},
	}
}

func blank(b *budget, args []any) (any, error) {
	if len(args) == 0 || args[0] == nil {
		return true, b.spend(0)
	}
	if s, ok := text(args[0]); ok {
		return strings.TrimSpace(s) == "", b.spend(len(s))
	}
	members, err := list(args[0])
	return len(members) == 0, err
}

func has(b *budget, args []any) (any, error) {
	part, ok := argument(args, 1)
	if !ok || args[0] == nil {
		return false, b.spend(0)
	}
	if s, ok := text(args[0]); ok {
		return strings.Contains(s, part), b.spend(len(s) + len(part))
	}
	return member(b, part, args[0])
}

func truth(b *budget, args []any) (any, error) {
	s, _ := argument(args, 0)
	if err := b.spend(len(s)); err != nil {
		return nil, err
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "on", "1":
		return true, nil
	case "false", "no", "n", "off", "0":
		return false, nil
	default:
		return nil, nil
	}
}

// member tells whether a list holds a scalar.
func member(b *budget, want, in any) (any, error) {
	wanted, ok := text(want)
	if !ok {
		return false, b.spend(0)
	}
	members, err := list(in)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if err := b.spend(min(len(m), len(wanted))); err != nil {
			return nil, err
		}
		if m == wanted {
			return true, nil
		}
	}
	return false, nil
}
