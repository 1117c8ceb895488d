package normal

import (
	"strings"

	"github.com/biter777/countries"
)

// Country returns the ISO 3166-1 alpha-2 code of a country given by code or by
// name, in English or as its people often write it.
func Country(text string) (string, bool) {
	text = Trim(text)
	if len(text) < 2 || len(text) > 100 {
		return "", false
	}
	if len(text) == 2 {
		if code, ok := byTwoLetters(text); ok {
			return code, true
		}
	}
	if code := alias(text); code != "" {
		return code, true
	}
	return valid(countries.ByName(text))
}

// byTwoLetters spares the search by name for what is already a code.
func byTwoLetters(text string) (string, bool) {
	upper := strings.ToUpper(text)
	if upper == "UK" {
		return "GB", true
	}
	code, ok := valid(countries.ByName(upper))
	return code, ok && code == upper
}

func valid(c countries.CountryCode) (string, bool) {
	code := c.Alpha2()
	if !c.IsValid() || len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code == "XX" {
		return "", false
	}
	return code, true
}

// CountryName returns the English short name of an alpha-2 code.
func CountryName(code string) (string, bool) {
	c := countries.ByName(code)
	if found, ok := valid(c); !ok || found != code {
		return "", false
	}
	return c.Info().Name, true
}

// CountryAlpha3 returns the three-letter code of an alpha-2 code.
func CountryAlpha3(code string) (string, bool) {
	c := countries.ByName(code)
	if found, ok := valid(c); !ok || found != code {
		return "", false
	}
	return c.Alpha3(), true
}

// alias knows spellings that the library misses: names countries have for
// themselves, inverted forms, and common abbreviations.
func alias(text string) string { //nolint:cyclop,funlen // a table
	folded, _ := Name(text)
	switch folded {
	case "brasil":
		return "BR"
	case "korea south", "south korea", "republic of korea", "korea republic of", "korea":
		return "KR"
	case "korea north", "north korea", "korea democratic peoples republic of", "dprk":
		return "KP"
	case "deutschland", "allemagne", "alemania", "bundesrepublik deutschland", "brd":
		return "DE"
	case "osterreich", "oesterreich":
		return "AT"
	case "schweiz", "suisse", "svizzera", "svizra":
		return "CH"
	case "espana", "spanien":
		return "ES"
	case "italia", "italien":
		return "IT"
	case "nederland", "niederlande", "holland", "the netherlands":
		return "NL"
	case "belgie", "belgique", "belgien":
		return "BE"
	case "polska", "polen":
		return "PL"
	case "cesko", "ceska republika", "czech republic", "czechia", "tschechien":
		return "CZ"
	case "magyarorszag", "ungarn":
		return "HU"
	case "danmark":
		return "DK"
	case "norge", "noreg":
		return "NO"
	case "sverige", "schweden":
		return "SE"
	case "suomi", "finnland":
		return "FI"
	case "hellas", "ellada":
		return "GR"
	case "turkiye", "turkei", "tuerkei":
		return "TR"
	case "frankreich":
		return "FR"
	case "uk", "u k", "great britain", "england", "scotland", "wales", "northern ireland", "united kingdom",
		"united kingdom of great britain and northern ireland":
		return "GB"
	case "usa", "u s a", "us", "u s", "united states", "united states of america", "the united states", "etats unis",
		"estados unidos", "vereinigte staaten":
		return "US"
	case "uae", "u a e", "emirates", "united arab emirates":
		return "AE"
	case "russia", "russian federation":
		return "RU"
	case "viet nam", "vietnam":
		return "VN"
	case "iran", "iran islamic republic of":
		return "IR"
	case "taiwan", "taiwan province of china", "taiwan republic of china":
		return "TW"
	case "hong kong", "hong kong sar":
		return "HK"
	case "ivory coast", "cote divoire", "cote d ivoire":
		return "CI"
	case "macedonia", "north macedonia":
		return "MK"
	case "bolivia", "bolivia plurinational state of":
		return "BO"
	case "venezuela", "venezuela bolivarian republic of":
		return "VE"
	case "moldova", "moldova republic of":
		return "MD"
	case "tanzania", "tanzania united republic of":
		return "TZ"
	case "eswatini", "swaziland":
		return "SZ"
	case "burma", "myanmar":
		return "MM"
	case "cape verde", "cabo verde":
		return "CV"
	case "mexico":
		return "MX"
	case "peru":
		return "PE"
	case "prc", "peoples republic of china", "mainland china":
		return "CN"
	case "congo kinshasa", "drc", "dr congo", "democratic republic of the congo", "congo the democratic republic of the":
		return "CD"
	default:
		return ""
	}
}
