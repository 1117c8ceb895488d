package sqlite

// CheckVersion lets tests ask about versions they are not built with.
func CheckVersion(have string) error { return checkVersion(have) }
