package format

import (
	"slices"
	"strings"
)

// anyCurrency is the ISO 4217 code for "no currency".
const anyCurrency = "XXX"

// The active ISO 4217 currencies by the number of decimals they have.
const (
	noDecimals    = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "
	threeDecimals = " BHD IQD JOD KWD LYD OMR TND "
	fourDecimals  = " CLF UYW "
	twoDecimals   = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF" +
		" CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL" +
		" HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR" +
		" MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK" +
		" SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD" +
		" XCG YER ZAR ZMW ZWG "
)

// MinorUnits returns how many decimals a currency has (JPY 0, EUR 2, BHD 3),
// and whether the ISO 4217 code is known.
func MinorUnits(currency string) (decimals int, known bool) {
	if len(currency) != 3 || strings.Contains(currency, " ") {
		return 0, false
	}
	word := " " + currency + " "
	switch {
	case strings.Contains(twoDecimals, word):
		return 2, true
	case strings.Contains(noDecimals, word):
		return 0, true
	case strings.Contains(threeDecimals, word):
		return 3, true
	case strings.Contains(fourDecimals, word):
		return 4, true
	}
	return 0, false
}

// signs returns the currencies a sign may stand for.
func signs(sign string) []string {
	switch strings.ToLower(sign) {
	case "€":
		return []string{"EUR"}
	case "£":
		return []string{"GBP", "EGP", "FKP", "GIP", "SHP", "SYP", "LBP"}
	case "$":
		return []string{
			"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "ARS", "CLP", "COP", "BSD", "BBD", "BMD", "BND", "BZD",
			"FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "UYU", "XCD", "DOP", "CUP",
		}
	case "¥", "￥", "元":
		return []string{"JPY", "CNY"}
	case "kr":
		return []string{"SEK", "NOK", "DKK", "ISK"}
	case "fr", "sfr":
		return []string{"CHF"}
	case "₹":
		return []string{"INR"}
	case "₽":
		return []string{"RUB"}
	case "₩":
		return []string{"KRW", "KPW"}
	case "₪":
		return []string{"ILS"}
	case "₺":
		return []string{"TRY"}
	case "₴":
		return []string{"UAH"}
	case "₫":
		return []string{"VND"}
	case "zł":
		return []string{"PLN"}
	case "kč":
		return []string{"CZK"}
	case "ft":
		return []string{"HUF"}
	}
	return nil
}

// currencyOf returns the one currency a mark means: an ISO code, or a sign
// that is used alone by one currency (£ counts as the pound sterling). It
// returns "" where several are possible.
func currencyOf(mark string) string {
	code := strings.ToUpper(mark)
	if _, known := MinorUnits(code); known || code == anyCurrency {
		return code
	}
	if all := signs(mark); len(all) == 1 || mark == "£" || mark == "₩" {
		return all[0]
	}
	return ""
}

// marks reports whether a mark may stand for the currency.
func marks(mark, currency string) bool {
	if strings.EqualFold(mark, currency) {
		return true
	}
	return slices.Contains(signs(mark), currency)
}
