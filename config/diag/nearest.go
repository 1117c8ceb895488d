package diag

import "strings"

// Nearest returns the candidate most likely meant by name, or "" when none is
// close enough: at most a third of the letters wrong, compared without case
// and with `-` and `_` alike. Of equally near candidates the first wins.
func Nearest(name string, candidates []string) string {
	wanted := fold(name)
	best, bestDistance := "", max(1, len(wanted)/3)+1
	for _, c := range candidates {
		if c == name {
			continue
		}
		if d := distance(wanted, fold(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

func fold(s string) []rune {
	const longest = 64 // bounds the quadratic comparison
	runes := []rune(strings.ReplaceAll(strings.ToLower(s), "-", "_"))
	return runes[:min(len(runes), longest)]
}

// distance counts insertions, deletions, substitutions and swaps of
// neighbours (optimal string alignment).
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
