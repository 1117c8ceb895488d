package expression

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

func listFunctions() []function {
	return []function{
		{"split", []any{new(func(string, string) []string)}, split, "split(text, separator)", "The parts of a text, trimmed; empty ones are left out."},
		{"join", []any{new(func(any, string) string)}, join, "join(list, separator)", "The members as one text; null ones are left out."},
		{"first", []any{new(func(any) string)}, first, "first(list)", "The first member, null if there is none."},
		{"last", []any{new(func(any) string)}, last, "last(list)", "The last member, null if there is none."},
		{"unique", []any{new(func(any) []string)}, unique, "unique(list)", "The members, sorted, each once."},
	}
}

func split(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	separator := or(args, 1, "")
	if !ok {
		return nil, nil
	}
	if err := b.spend(len(s)); err != nil {
		return nil, err
	}
	if separator == "" {
		return []string{s}, nil
	}
	if strings.Count(s, separator) >= maxList {
		return nil, fail("split gives too many parts")
	}
	parts := strings.Split(s, separator)
	kept := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

func join(b *budget, args []any) (any, error) {
	if len(args) == 0 || args[0] == nil {
		return nil, nil
	}
	members, err := list(args[0])
	if err != nil || len(members) == 0 {
		return nil, err
	}
	separator := or(args, 1, "")
	length := len(separator) * len(members)
	for _, m := range members {
		length += len(m)
	}
	if err := b.grow(length); err != nil {
		return nil, err
	}
	return strings.Join(members, separator), nil
}

func first(b *budget, args []any) (any, error) { return at(b, []any{args[0], 0}) }

func last(b *budget, args []any) (any, error) { return at(b, []any{args[0], -1}) }

// at returns one member, from the end if the index is negative; outside it is
// null. Of a text it returns one character.
func at(b *budget, args []any) (any, error) {
	i, err := whole(args, 1, 0)
	if err != nil {
		return nil, err
	}
	if s, ok := args[0].(string); ok {
		part := cut(s, i, 1)
		if part == "" {
			return nil, b.spend(len(s))
		}
		return part, b.spend(len(s))
	}
	members, err := list(args[0])
	if err != nil {
		return nil, err
	}
	if i < 0 {
		i += len(members)
	}
	if i < 0 || i >= len(members) {
		return nil, b.spend(0)
	}
	return members[i], b.spend(len(members))
}

func unique(b *budget, args []any) (any, error) {
	members, err := list(args[0])
	if err != nil || members == nil {
		return nil, err
	}
	for _, m := range members {
		if err := b.spend(len(m)); err != nil {
			return nil, err
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(members))), nil
}

// choiceFunctions pick or digest values.
func choiceFunctions() []function {
	return []function{
		{"coalesce", []any{new(func(...any) any)}, coalesce, "coalesce(a, b, ...)", "The first value that is neither null nor blank."},
		{"default", []any{new(func(any, any) any)}, coalesce, "default(value, instead)", "The value, or the second one where it is null or blank."},
		{"hash", []any{new(func(...any) string)}, hash, "hash(a, ...)", "SHA-256 of the values in hexadecimal, the same for ever; null if all are null."},
	}
}

func coalesce(b *budget, args []any) (any, error) {
	for _, v := range args {
		empty, err := blank(b, []any{v})
		if err != nil {
			return nil, err
		}
		if empty == false {
			return v, nil
		}
	}
	return nil, nil
}

// hash keeps values apart that concatenation would run together. One text
// alone is hashed as it is, so that others can compute the same.
func hash(b *budget, args []any) (any, error) {
	parts, known := make([]*string, len(args)), 0
	for i := range args {
		s, ok := argument(args, i)
		if !ok {
			continue
		}
		if err := b.spend(len(s)); err != nil {
			return nil, err
		}
		parts[i] = &s
		known++
	}
	if known == 0 {
		return nil, nil
	}
	if len(parts) == 1 {
		return digest([]byte(*parts[0])), nil
	}
	joined, err := json.Marshal(parts)
	if err != nil {
		return nil, fail("hash cannot read its arguments")
	}
	return digest(joined), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
