package expression

// budget bounds one evaluation and carries what its functions need. Functions
// and operators pay before they work.
type budget struct {
	prepared

	bytes, calls int
}

func (b *budget) refill() { b.bytes, b.calls = maxBytes, maxCalls }

// spend pays for one call that touches so many bytes.
func (b *budget) spend(bytes int) error {
	b.calls--
	b.bytes -= bytes
	if b.calls < 0 {
		return fail("it takes too many steps")
	}
	if b.bytes < 0 {
		return fail("it handles too much text")
	}
	return nil
}

// grow pays for a text of that length which is about to be made.
func (b *budget) grow(length int) error {
	if length > maxText {
		return fail("it makes too long a text")
	}
	return b.spend(length)
}
