//! How alike two names are, whatever their spelling: `CloseDate`, `close_date`, `Deal - Close date`,
//! `Closedate`. Words count, not their order or letter case.

/// A name as its words, in lower case and without accents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    words: Vec<String>,
    joined: String,
}

impl Words {
    pub(super) fn of(name: &str) -> Words {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut before = ' ';
        let name = without_frame(name);
        let mut rest = name.chars().peekable();
        while let Some(character) = rest.next() {
            let follows_lower = before.is_lowercase() || before.is_ascii_digit();
            let starts_last = before.is_uppercase() && rest.peek().is_some_and(|next| next.is_lowercase());
            let breaks = character.is_uppercase() && (follows_lower || starts_last);
            if breaks || !character.is_alphanumeric() {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            }
            if character.is_alphanumeric() {
                plain(character, &mut word);
            }
            before = character;
        }
        words.extend(Some(word).filter(|word| !word.is_empty()));
        Words { joined: words.concat(), words }
    }

    /// All of it as one word.
    pub(super) fn joined(&self) -> &str {
        &self.joined
    }

    /// Whether it is what a column is called that adds up others.
    pub(super) fn is_sum(&self) -> bool {
        ["total", "sum", "gesamt", "summe"].iter().any(|sum| self.has(sum))
    }

    /// The same name with one word instead of another, if it has that.
    pub(super) fn with(&self, word: &str, instead: &str) -> Option<Words> {
        let words = self.words.iter().map(|known| if known == word { instead } else { known });
        self.has(word).then(|| Words::of(&words.collect::<Vec<_>>().join(" ")))
    }

    /// What names are called that belong to these identifiers: `Customer Name` for `Customer ID`.
    pub(super) fn of_names(&self) -> Option<Words> {
        let parts = ["id", "no", "number", "code", "nr"].into_iter();
        let joined = || self.joined.strip_suffix("nummer").map(|whose| Words::of(&format!("{whose}name")));
        parts.filter_map(|part| self.with(part, "name")).next().or_else(joined)
    }

    /// Whether what both do not share is nearly the same: `opportunity type` is no misspelt `opportunity name`.
    fn is_misspelt(&self, meant: &Words) -> bool {
        let beside = |words: &Words, others: &Words| -> String {
            words.words.iter().filter(|word| !others.words.contains(word)).map(String::as_str).collect()
        };
        let (found, wanted) = (beside(self, meant), beside(meant, self));
        let is_near = strsim::normalized_damerau_levenshtein(&found, &wanted) >= 0.8;
        self.joined.len() > 4 && meant.joined.len() > 4 && is_near
    }

    /// Whether it is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    /// A name for a field of the company's own.
    pub(super) fn snake_case(&self) -> Option<String> {
        let ascii = |word: &String| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let name = self.words.iter().map(ascii).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
        match name.chars().next()? {
            first if first.is_ascii_digit() => Some(format!("column_{name}")),
            _ => Some(name),
        }
    }

    /// How well this name of a column says what those words say, from 0 to 1.
    pub(super) fn likeness(&self, meant: &Words) -> f64 {
        let (found, wanted) = (self.joined(), meant.joined());
        if found.is_empty() || wanted.is_empty() {
            return 0.0;
        }
        if found == wanted {
            return 1.0;
        }
        let shared = self.words.iter().filter(|word| meant.words.contains(word)).count();
        let (own, others) = (self.words.len(), meant.words.len());
        if shared == own && shared == others {
            return 0.97;
        }
        if self.is_misspelt(meant) {
            return 0.88;
        }
        match (shared == others, shared == own) {
            // It says more than is meant: `Account owner since` for `owner`.
            (true, _) => 0.45 + 0.4 * shared as f64 / own as f64,
            (_, true) => 0.35 + 0.4 * shared as f64 / others as f64,
            _ => 0.0,
        }
    }
}

/// A name without what systems put around it: `Deal - Value` is the value, `Loss_Reason__c` the loss
/// reason, `(Do Not Modify) Opportunity` the opportunity.
fn without_frame(name: &str) -> &str {
    let name = name.trim().trim_start_matches('\u{feff}').trim();
    let name = name.strip_suffix("__c").unwrap_or(name);
    let name = name.strip_prefix("(Do Not Modify) ").unwrap_or(name);
    match name.split_once(" - ") {
        Some((first, rest)) if !first.contains(' ') && !rest.trim().is_empty() => rest.trim(),
        _ => name,
    }
}

/// A letter in lower case, German ones as they are written without their marks.
fn plain(character: char, word: &mut String) {
    match character {
        'ä' | 'Ä' => word.push_str("ae"),
        'ö' | 'Ö' => word.push_str("oe"),
        'ü' | 'Ü' => word.push_str("ue"),
        'ß' => word.push_str("ss"),
        'á' | 'à' | 'â' | 'ã' | 'å' => word.push('a'),
        'é' | 'è' | 'ê' | 'ë' | 'É' => word.push('e'),
        'í' | 'ì' | 'î' | 'ï' => word.push('i'),
        'ó' | 'ò' | 'ô' | 'õ' => word.push('o'),
        'ú' | 'ù' | 'û' => word.push('u'),
        'ç' => word.push('c'),
        'ñ' => word.push('n'),
        other => word.extend(other.to_lowercase()),
    }
}

/// What two spellings of the same name have in common: letters and digits, in lower case.
pub(super) fn essence(text: &str) -> String {
    let mut plainly = String::new();
    text.chars().filter(|character| character.is_alphanumeric()).for_each(|c| plain(c, &mut plainly));
    plainly
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(found: &str, meant: &str) -> f64 {
        Words::of(found).likeness(&Words::of(meant))
    }

    #[test]
    fn a_name_is_the_same_in_every_spelling() {
        for name in ["CloseDate", "close_date", "Close Date", "Deal - Close date", "CLOSE-DATE", " closedate"]
        {
            assert!(likeness(name, "close date") > 0.95, "{name}: {}", likeness(name, "close date"));
        }
        assert!(likeness("Verkäufer", "verkaeufer") > 0.95);
        assert!(likeness("Loss_Reason__c", "loss reason") > 0.95);
        assert!(likeness("IDNumber", "id number") > 0.95);
    }

    #[test]
    fn a_name_that_says_more_or_is_misspelt_is_less_alike() {
        let misspelt = likeness("Oppurtunity", "opportunity");
        assert!(misspelt > 0.8 && misspelt < 0.95, "{misspelt}");
        let more = likeness("Deal Owner", "owner");
        assert!(more > 0.5 && more < 0.9, "{more}");
        assert!(likeness("Industry", "owner") < 0.1);
        assert!(likeness("Opportunity Name", "opportunity type") < 0.1);
    }

    #[test]
    fn fields_of_ones_own_have_plain_names() {
        let name = |text: &str| Words::of(text).snake_case();
        assert_eq!(name("Größe (m²)"), Some("groesse_m".into()));
        assert_eq!(name("2024 Plan"), Some("column_2024_plan".into()));
        assert_eq!(name("日本"), None);
    }
}
