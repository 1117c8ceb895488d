package salesforce

import (
	"math/big"
	"strings"
)

// Digits of record ids in the order Salesforce sorts them.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const (
	shortIDLen = 15
	longIDLen  = 18
	prefixLen  = 3
)

// isID tells whether s has the form of a record id, of either length.
func isID(s string) bool {
	if len(s) != shortIDLen && len(s) != longIDLen {
		return false
	}
	for i := range len(s) {
		if strings.IndexByte(base62, s[i]) < 0 {
			return false
		}
	}
	return true
}

// longID returns the 18-character form of an id, whose last three characters
// tell which of the others are capitals. Text that is no id stays as it is.
func longID(id string) string {
	if !isID(id) {
		return id
	}
	const checks, group = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", 5
	b := []byte(id[:shortIDLen])
	for start := 0; start < shortIDLen; start += group {
		bits := 0
		for i := range group {
			if c := id[start+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		b = append(b, checks[bits])
	}
	return string(b)
}

func idNumber(id string) *big.Int {
	n, base := new(big.Int), big.NewInt(int64(len(base62)))
	for i := prefixLen; i < shortIDLen; i++ {
		n.Mul(n, base)
		n.Add(n, big.NewInt(int64(strings.IndexByte(base62, id[i]))))
	}
	return n
}

func numberID(prefix string, n *big.Int) string {
	rest, digit, base := new(big.Int).Set(n), new(big.Int), big.NewInt(int64(len(base62)))
	b := []byte(prefix + strings.Repeat("0", shortIDLen-prefixLen))
	for i := shortIDLen - 1; i >= prefixLen; i-- {
		rest.DivMod(rest, base, digit)
		b[i] = base62[digit.Int64()]
	}
	return longID(string(b))
}

// cutPoints returns the ids that divide the ids from lo to hi into n ranges of
// equal width: n-1 of them, or none where the ids cannot be counted on.
func cutPoints(lo, hi string, n int) []string {
	if !isID(lo) || !isID(hi) || lo[:prefixLen] != hi[:prefixLen] || n < 2 {
		return nil
	}
	from, span := idNumber(lo), new(big.Int)
	if span.Sub(idNumber(hi), from); span.Cmp(big.NewInt(int64(n))) < 0 {
		return nil
	}
	cuts := make([]string, 0, n-1)
	for i := 1; i < n; i++ {
		at := new(big.Int).Mul(span, big.NewInt(int64(i)))
		at.Div(at, big.NewInt(int64(n)))
		cuts = append(cuts, numberID(lo[:prefixLen], at.Add(at, from)))
	}
	return cuts
}
