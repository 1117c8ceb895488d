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
		bits := 0
		for i := range 5 {
			c := s[group*5+i]
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
				return "", false
			}
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		out[15+group] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
	}
	full := string(out[:])
	if len(s) == 18 && !sameFold(full[15:], s[15:]) {
		return "", false
	}
	return full, true
}

func sameFold(a, b string) bool {
	for i := range a {
		if a[i] != b[i] && (a[i]|0x20 != b[i]|0x20 || isDigit(a[i])) {
			return false
		}
	}
	return true
}
