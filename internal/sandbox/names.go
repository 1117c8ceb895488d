package sandbox

import "strings"

// The words that people and companies are made of: common names only, joined
// at random.

func firstNames() []string {
	return strings.Fields(`Anna Ben Clara David Emma Felix Greta Henry Ines Jonas Kira Leon Mara Nils Olga Paul Rosa Simon Tessa Viktor
Wanda Yusuf Zoe Adam Bianca Carlo Diana Elias Frida Gustav Hanna Ivan Julia Karim Lena Marco Nora Oskar Petra Rafael`)
}

func lastNames() []string {
	return strings.Fields(`Albrecht Baker Cooper Dietrich Engel Fischer Graham Hoffman Ivers Jansen Keller Lindner Marsh Novak Olsen Porter
Quinn Richter Sommer Turner Ulrich Vogel Walker Young Zeller Arnold Brandt Carver Dorn Ebert Falk Gruber Hale Irving Jung Krause Lorenz Meyer`)
}

func companyWords() (first, second []string) {
	return strings.Fields("Nordwind Bluebird Silverline Oakfield Brightwater Redstone Greenway Starlight Ironbridge Cloudberry Riverbend Sunhill Westport Highland Lakeside Amber"),
		strings.Fields("Logistics Software Foods Textiles Energy Consulting Robotics Media Pharma Tools Travel Insurance Optics Furniture Systems Labs")
}

func cities() []string {
	return strings.Fields("Berlin Hamburg Wien London Dublin Utrecht Basel Lyon Porto Turin")
}

func titles() []string {
	return []string{"Head of Purchasing", "Marketing Manager", "Operations Lead", "Managing Director", "Engineer", "Office Manager", "Product Owner", "Controller"}
}

func trafficSources() []string {
	return []string{"ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", "SOCIAL_MEDIA", "REFERRALS", "DIRECT_TRAFFIC", "PAID_SOCIAL", "OTHER_CAMPAIGNS"}
}

func pages() []string {
	return []string{"https://www.tandem.example/", "https://www.tandem.example/pricing", "https://www.tandem.example/webinar", "https://www.tandem.example/guide", "https://www.tandem.example/demo"}
}

func formNames() []string { return []string{"Contact us", "Guide download", "Webinar registration"} }

func openStages() []string {
	return []string{"Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Proposal/Price Quote", "Negotiation/Review"}
}

func lostReasons() []string {
	return []string{"Price", "No budget", "Chose a competitor", "No answer", "Postponed"}
}

func outcomes() []string { return []string{"Connected", "No answer", "Left voicemail", "Busy"} }

func salesPeople() []owner {
	return []owner{
		{first: "Iris", last: "Adler"},
		{first: "Tom", last: "Berg"},
		{first: "Lea", last: "Conrad"},
		{first: "Max", last: "Dahl"},
		{first: "Eva", last: "Ernst"},
		{last: "Gone", gone: true},
	}
}

// slug is a name as part of an address.
func slug(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") }
