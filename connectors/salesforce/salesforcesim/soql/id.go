package soql

// ID18 turns a record id of 15 or 18 characters into the 18-character form
// with the right checksum. It refuses anything else, a wrong checksum included.
func ID18(s string) (string, bool) {
	if len(s) != 15 && len(s) != 18 {
		return "", false
	}
	var out [18]byte
	copy(out[:], s[:15])
	for group := range 3 {
		sum, ok := checksum(s[group*5 : group*5+5])
		if !ok {
			return "", false
		}
		out[15+group] = sum
	}
	full := string(out[:])
	if len(s) == 18 && !sameFold(full[15:], s[15:]) {
		return "", false
	}
	return full, true
}

// checksum returns the character that tells which of five are capitals.
func checksum(five string) (byte, bool) {
	bits := 0
	for i := range len(five) {
		c := five[i]
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
			return 0, false
		}
		if c >= 'A' && c <= 'Z' {
			bits |= 1 << i
		}
	}
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits], true
}

func sameFold(a, b string) bool {
	for i := range a {
		if a[i] != b[i] && (a[i]|0x20 != b[i]|0x20 || isDigit(a[i])) {
			return false
		}
	}
	return true
}
