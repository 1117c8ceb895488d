package hubspot

// billedField makes a contact a marketing contact. HubSpot bills those by
// number, and takes the mark back only by hand and at the next billing date.
const billedField = "hs_marketable_status"

// Billed tells which contacts HubSpot bills.
func (*Connector) Billed(object string) (field, what string) {
	if object == "contacts" {
		return billedField, "marketing contacts"
	}
	return "", ""
}
