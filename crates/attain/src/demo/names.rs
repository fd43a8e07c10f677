//! Invented names of people, regions, countries and accounts.

/// A region with its countries: code and the legal form of companies there.
pub(super) struct Region {
    pub(super) name: &'static str,
    pub(super) countries: &'static [(&'static str, &'static str)],
}

/// The three regions.
pub(super) static REGIONS: [Region; 3] = [
    Region {
        name: "Central Europe",
        countries: &[
            ("DE", "GmbH"),
            ("DE", "AG"),
            ("AT", "GmbH"),
            ("CH", "AG"),
            ("PL", "Sp. z o.o."),
            ("CZ", "s.r.o."),
        ],
    },
    Region {
        name: "Northern Europe",
        countries: &[
            ("GB", "Ltd"),
            ("IE", "Ltd"),
            ("SE", "AB"),
            ("DK", "A/S"),
            ("NO", "AS"),
            ("FI", "Oy"),
            ("NL", "B.V."),
        ],
    },
    Region {
        name: "Southern Europe",
        countries: &[
            ("FR", "SAS"),
            ("IT", "S.r.l."),
            ("ES", "S.L."),
            ("PT", "Lda"),
            ("GR", "S.A."),
            ("BE", "SA"),
        ],
    },
];

/// The managers, two for each region.
pub(super) const MANAGERS: [&str; 6] = [
    "Henrike Vollbrandt",
    "Tomasz Krajnik",
    "Siobhan Mulcarry",
    "Anders Hjelmvik",
    "Chiara Bonfrisco",
    "Rui Castelhano",
];

/// The account executives, four for each manager.
pub(super) const ACCOUNT_EXECUTIVES: [&str; 24] = [
    "Jonas Weidlinger",
    "Aylin Karadöl",
    "Marek Zbořil",
    "Franziska Oberhauser",
    "Niklas Trautwein",
    "Magdalena Wiśnicka",
    "Dario Brunnegger",
    "Thi Lan Phamova",
    "Callum Strathearn",
    "Priya Raghunandan",
    "Femke Dijkhuis",
    "Oisín Brannelly",
    "Linnea Sandqvarn",
    "Kwame Asarekoh",
    "Mikkel Thorsager",
    "Aino Lehtokari",
    "Élodie Marchessaux",
    "Giulio Tavernari",
    "Inés Valdebuena",
    "Youssef Benkhalil",
    "Beatriz Fontainhas",
    "Nikos Stavridakos",
    "Camille Verhoest",
    "Matteo Cordisco",
];

/// The account managers.
pub(super) const ACCOUNT_MANAGERS: [&str; 8] = [
    "Ulrike Steinbrecker",
    "Pavel Horňák",
    "Gemma Thistlewood",
    "Lars Ekelöf-Brandt",
    "Sanna Kivimaa",
    "Bruno Delacourtie",
    "Lucía Arrizabal",
    "Federica Montesilva",
];

/// The sales development representatives.
pub(super) const SALES_DEVELOPMENT: [&str; 16] = [
    "Lena Hartwigsen",
    "Emre Çalışır",
    "Zofia Burakowska",
    "Timo Grünfelder",
    "Nadia Khoshravi",
    "Jakub Svoboděnko",
    "Ruth Applewhaite",
    "Declan Foyle-Marsh",
    "Ebba Nyströmer",
    "Tariq Mansoorian",
    "Jesper Lundquard",
    "Saara Vuorimäki",
    "Hugo Pellerinot",
    "Martina Squillacci",
    "Álvaro Robledano",
    "Ines Quartilho",
];

/// Beginnings of invented company names.
pub(super) const NAME_STARTS: [&str; 30] = [
    "Alde", "Bren", "Cava", "Dorn", "Elvi", "Fjar", "Galde", "Hesper", "Ilva", "Jor", "Kelde", "Lorn",
    "Mirva", "Nord", "Oska", "Pell", "Quen", "Rosk", "Silva", "Tarv", "Ulmen", "Vesk", "Wald", "Xanth",
    "Yst", "Zeph", "Morav", "Cald", "Strel", "Arbo",
];

/// Ends of invented company names.
pub(super) const NAME_ENDS: [&str; 24] = [
    "vik", "nara", "mont", "holm", "quist", "dane", "lune", "rell", "stedt", "gard", "oria", "wyn", "lind",
    "tova", "berge", "mere", "sund", "zano", "field", "etta", "haven", "dor", "quay", "iska",
];

/// Industries, each with what its companies call themselves.
pub(super) const INDUSTRIES: [(&str, [&str; 3]); 8] = [
    ("Pharmaceuticals", ["Pharma", "Therapeutics", "Medicines"]),
    ("Biotechnology", ["Biologics", "Genomics", "Biotech"]),
    ("Food & Beverage", ["Foods", "Dairy", "Beverages"]),
    ("Chemicals", ["Chemicals", "Coatings", "Polymers"]),
    ("Environmental Testing", ["Water Labs", "Environmental", "Soil Analytics"]),
    ("Academic Research", ["Institute", "Research Foundation", "University Labs"]),
    ("Clinical Diagnostics", ["Diagnostics", "Clinical Labs", "Pathology"]),
    ("Materials", ["Materials", "Alloys", "Semiconductors"]),
];

/// Competitors deals are lost to.
pub(super) const COMPETITORS: [&str; 4] = ["Quorlan", "Tessmark", "Ivarex", "Bellandra"];

/// The three who neither sell nor lead sellers: human resources, the executive, sales operations.
pub(super) const STAFF: [&str; 3] = ["Ottilie Brandvoldt", "Leopold Estergaard", "Wanda Milosznik"];

/// Courses that sellers are sent to.
pub(super) const COURSES: [&str; 4] =
    ["Discovery calls", "Negotiation basics", "Spectroscopy for sellers", "Data protection"];

/// Campaigns, each with the source its leads come from and what it costs in an average month.
pub(super) const CAMPAIGNS: [(&str, &str, i64); 6] = [
    ("Spring trade fair", "event", 9_500),
    ("Autumn trade fair", "event", 9_500),
    ("Search advertising", "web", 6_200),
    ("Webinar series", "web", 2_400),
    ("Outbound calling", "outbound", 1_500),
    ("Customer referrals", "referral", 900),
];

/// Names for a larger company, when the written ones are used up: a known first name with an
/// invented surname, all different.
pub(super) fn further_name(number: usize) -> String {
    let firsts = [&ACCOUNT_EXECUTIVES[..], &ACCOUNT_MANAGERS, &SALES_DEVELOPMENT].concat();
    let first = firsts[number % firsts.len()].split(' ').next().unwrap_or_default();
    let (start, end) = (number / NAME_ENDS.len() % NAME_STARTS.len(), number % NAME_ENDS.len());
    format!("{first} {}{}", NAME_STARTS[start], NAME_ENDS[end])
}

/// The address of a person, without the accents an address cannot carry.
pub(super) fn email(name: &str) -> String {
    let local: String = name.to_lowercase().chars().map(without_accent).collect();
    format!("{local}@example.com")
}

fn without_accent(letter: char) -> char {
    match letter {
        ' ' => '.',
        'á' => 'a',
        'ä' => 'a',
        'ç' => 'c',
        'é' | 'ě' => 'e',
        'í' | 'ı' => 'i',
        'ň' => 'n',
        'ö' => 'o',
        'ř' => 'r',
        'ś' | 'ş' => 's',
        'ü' => 'u',
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_plain() {
        let everyone =
            [&MANAGERS[..], &ACCOUNT_EXECUTIVES, &ACCOUNT_MANAGERS, &SALES_DEVELOPMENT, &STAFF].concat();
        for name in everyone {
            assert!(email(name).is_ascii(), "{}", email(name));
        }
        let further: std::collections::BTreeSet<String> = (0..700).map(further_name).collect();
        assert!(further.len() == 700 && further.iter().all(|name| email(name).is_ascii()));
        assert_eq!(email("Álvaro Robledano"), "alvaro.robledano@example.com");
    }
}
