package expression

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/tandem-sync/tandem/mapping/normal"
)

func textFunctions() []function {
	one := []any{new(func(string) string)}
	return []function{
		{"trim", one, onText(normal.Trim), "trim(text)", "Drops white space and invisible characters from both ends."},
		{"lower", one, onText(strings.ToLower), "lower(text)", "Lower case."},
		{"upper", one, onText(strings.ToUpper), "upper(text)", "Upper case."},
		{"title", one, onText(title), "title(text)", "Capitals at the start of words, where the text is all upper or all lower case."},
		{"squeeze", one, onText(squeeze), "squeeze(text)", "One space wherever there is white space."},
		{"text", []any{new(func(any) string)}, toText, "text(value)", "A number or truth value as text."},
		{"concat", []any{new(func(...any) string)}, concat, "concat(a, b, ...)", "The values one after the other; null ones are left out."},
		{"replace", []any{new(func(string, string, string) string)}, replace, "replace(text, old, new)", "Every old replaced by new."},
	}
}

// title leaves mixed case alone, because McDonald knows better than we do.
func title(s string) string {
	if s != strings.ToUpper(s) && s != strings.ToLower(s) {
		return s
	}
	return cases.Title(language.Und).String(s)
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func toText(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	if !ok {
		return nil, nil
	}
	return s, b.spend(len(s))
}

func concat(b *budget, args []any) (any, error) {
	parts, length := make([]string, 0, len(args)), 0
	for i := range args {
		if s, ok := argument(args, i); ok {
			parts = append(parts, s)
			length += len(s)
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	if err := b.grow(length); err != nil {
		return nil, err
	}
	return strings.Join(parts, ""), nil
}

func replace(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	old, replacement := or(args, 1, ""), or(args, 2, "")
	if !ok {
		return nil, nil
	}
	if err := b.spend(len(s)); err != nil || old == "" {
		return s, err
	}
	if err := b.grow(len(s) + strings.Count(s, old)*(len(replacement)-len(old))); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s, old, replacement), nil
}

func partFunctions() []function {
	two := []any{new(func(string, string) string)}
	return []function{
		{"before", two, before, "before(text, mark)", "What stands before the first mark; the whole text if there is none."},
		{"after", two, after, "after(text, mark)", "What stands after the first mark; null if there is none."},
		{
			"substring",
			[]any{new(func(string, int, int) string), new(func(string, int) string)},
			substring,
			"substring(text, from[, length])", "A part of the text, counted in characters from 0; a negative from counts from the end.",
		},
		{"length", []any{new(func(any) int)}, length, "length(text or list)", "Characters of a text or members of a list; 0 for null."},
		{"len", []any{new(func(any) int)}, length, "len(text or list)", "The same as length."},
		{"local_part", []any{new(func(string) string)}, localPart, "local_part(email)", "What stands before the @."},
	}
}

func before(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	if !ok {
		return nil, nil
	}
	head, _, _ := strings.Cut(s, or(args, 1, ""))
	if or(args, 1, "") == "" {
		head = s
	}
	return head, b.spend(len(s))
}

func after(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	_, tail, found := strings.Cut(s, or(args, 1, ""))
	if !ok || !found || or(args, 1, "") == "" {
		return nil, b.spend(len(s))
	}
	return tail, b.spend(len(s))
}

func localPart(b *budget, args []any) (any, error) {
	s, _ := argument(args, 0)
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return nil, b.spend(len(s))
	}
	return s[:at], b.spend(len(s))
}

func length(b *budget, args []any) (any, error) {
	if len(args) == 0 || args[0] == nil {
		return 0, b.spend(0)
	}
	if s, ok := text(args[0]); ok {
		return utf8.RuneCountInString(s), b.spend(len(s))
	}
	members, err := list(args[0])
	if err != nil {
		return nil, err
	}
	return len(members), b.spend(len(members))
}

func substring(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	if !ok {
		return nil, nil
	}
	if err := b.spend(len(s)); err != nil {
		return nil, err
	}
	from, err := whole(args, 1, 0)
	if err != nil {
		return nil, err
	}
	count, err := whole(args, 2, len(s))
	if err != nil {
		return nil, err
	}
	return cut(s, from, count), nil
}

// cut returns count characters of s from a position; it never fails.
func cut(s string, from, count int) string {
	runes := []rune(s)
	if from < 0 {
		from = max(0, len(runes)+from)
	}
	from = min(from, len(runes))
	to := len(runes)
	if count < to-from {
		to = from + max(0, count)
	}
	return string(runes[from:to])
}
