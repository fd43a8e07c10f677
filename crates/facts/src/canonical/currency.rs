//! The currencies of ISO 4217, and how finely each is counted (T13).

/// Currencies counted in hundredths.
const HUNDREDTHS: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN \
    BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP \
    GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD \
    LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP \
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL";
/// Currencies without a smaller unit.
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// Currencies counted in thousandths.
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Units of account counted in ten-thousandths.
const TEN_THOUSANDTHS: &str = "CLF UYW";

/// Decimal places of a currency's smallest unit, or `None` where ISO 4217 has no such currency.
/// Withdrawn codes that recent data still holds (HRK, SLL, ZWL) are known.
#[must_use]
pub fn minor_unit(code: &str) -> Option<u32> {
    let lists = [(HUNDREDTHS, 2), (WHOLE, 0), (THOUSANDTHS, 3), (TEN_THOUSANDTHS, 4)];
    lists.into_iter().find(|(list, _)| list.split(' ').any(|known| known == code)).map(|(_, places)| places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_those_of_iso_4217() {
        assert_eq!(minor_unit("EUR"), Some(2));
        assert_eq!(minor_unit("JPY"), Some(0));
        assert_eq!(minor_unit("KWD"), Some(3));
        assert_eq!(minor_unit("CLF"), Some(4));
        for unknown in ["XYZ", "usd", "EU", "", " ", "AED AFN", "US DOLLAR"] {
            assert_eq!(minor_unit(unknown), None, "{unknown}");
        }
    }
}
