package salesforcesim

import "github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"

// Digits of record ids, in the order the vendor sorts them, so that ids rise
// with the order of creation.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// instance is the part of an id that names the simulated installation. Objects
// that share a key prefix at the vendor get one each, so that no ids are equal.
func instance(object string) string {
	switch object {
	case "ContactHistory", "LeadStatus":
		return "al0000"
	case "OpportunityFieldHistory":
		return "am0000"
	}
	return "ak0000"
}

// idOf writes the id of the n-th row of a kind: prefix and instance, number
// and the checksum.
func idOf(start string, n uint32) string {
	b := []byte(start + "000000")
	for i := len(b) - 1; n > 0; i-- {
		b[i] = base62[n%62]
		n /= 62
	}
	id, _ := soql.ID18(string(b)) // fifteen letters and digits always have a checksum
	return id
}

// seqOf reads the number of a row back from its id of either length.
func seqOf(start, id string) (uint32, bool) {
	full, ok := soql.ID18(id)
	if !ok || full[:9] != start {
		return 0, false
	}
	var n uint32
	for i := 9; i < 15; i++ {
		d := digit(full[i])
		n = n*62 + d
	}
	return n, true
}

func digit(c byte) uint32 {
	switch {
	case c <= '9':
		return uint32(c - '0')
	case c <= 'Z':
		return uint32(c-'A') + 10
	}
	return uint32(c-'a') + 36
}
