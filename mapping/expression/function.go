package expression

import "slices"

// call runs a function. Missing and null arguments are nil.
type call func(b *budget, args []any) (any, error)

// function is a named function with the Go signatures it is checked against.
type function struct {
	name  string
	types []any
	run   call
	usage string
	doc   string
}

// Usage documents one function.
type Usage struct {
	Name string
	Form string // as in "phone(text, region)"
	Doc  string
}

// Functions documents every function, sorted by name.
func Functions() []Usage {
	all := functions()
	out := make([]Usage, len(all))
	for i, f := range all {
		out[i] = Usage{Name: f.name, Form: f.usage, Doc: f.doc}
	}
	return out
}

func functions() []function {
	all := slices.Concat(
		textFunctions(), partFunctions(), testFunctions(), listFunctions(), choiceFunctions(),
		numberFunctions(), timeFunctions(), normalFunctions(), lookupFunctions(),
	)
	slices.SortFunc(all, func(a, b function) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return all
}

func names() []string {
	all := functions()
	out := make([]string, len(all))
	for i, f := range all {
		out[i] = f.name
	}
	return out
}

// argument returns the text of an argument; ok is false where it is null.
func argument(args []any, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	return text(args[i])
}

// or returns the text of an argument, or what stands for a missing one.
func or(args []any, i int, missing string) string {
	if s, ok := argument(args, i); ok {
		return s
	}
	return missing
}

// whole returns an argument as a whole number.
func whole(args []any, i, missing int) (int, error) {
	if i >= len(args) || args[i] == nil {
		return missing, nil
	}
	switch n := args[i].(type) {
	case int:
		return n, nil
	case float64:
		if n == float64(int(n)) {
			return int(n), nil
		}
	}
	return 0, fail("a whole number is needed")
}

// onText makes a function of one text that gives text, null for null.
func onText(f func(string) string) call {
	return func(b *budget, args []any) (any, error) {
		s, ok := argument(args, 0)
		if !ok {
			return nil, nil
		}
		if err := b.spend(len(s)); err != nil {
			return nil, err
		}
		out := f(s)
		return out, b.grow(len(out))
	}
}
