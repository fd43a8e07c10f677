//! What a definition of a company's own must say beyond what the format asks (domain 4.12): nobody
//! else knows which way is good, when there is no value, and what keeps the number honest.

use serde_saphyr::Spanned;

use super::DefinitionError;
use super::file::MetricFile;
use super::resolve::Place;

/// Letters of a name at most: it is part of addresses and of receipts.
const NAME_MAX: usize = 64;

/// Refuses what cannot stand in the catalogue. What is defined anew was said before.
pub(super) fn check(place: Place<'_>, written: &MetricFile, is_new: bool) -> Result<(), DefinitionError> {
    if !is_name(&written.name) {
        let problem = format!(
            "a name is made of small letters, digits and `_`, begins with a letter and has at most {NAME_MAX} of them"
        );
        return Err(place.wrong(&written.name, problem));
    }
    let meta = &written.meta;
    let said = [
        ("unit", meta.unit.is_some(), "count, money, ratio, days, hours, minutes, months or number"),
        ("direction", meta.direction.is_some(), "up, down, band or none"),
        ("undefined", meta.undefined.is_some(), "when there is no value, in words"),
    ];
    for (key, given, values) in said {
        if is_new && !given {
            return Err(place.wrong(&written.name, format!("it says no `{key}` under meta: {values}")));
        }
    }
    Ok(())
}

fn is_name(name: &Spanned<String>) -> bool {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let name = &name.value;
    name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.chars().all(allowed)
        && name.len() <= NAME_MAX
}
