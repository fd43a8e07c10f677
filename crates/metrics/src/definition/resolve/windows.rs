//! Stretches of time as definitions write them: `4 quarters`, `30 days`.

use serde_saphyr::Spanned;

use super::Place;
use crate::calendar::Grain;
use crate::definition::DefinitionError;
use crate::definition::file::InputFile;
use crate::definition::metric::{Offset, Span};

pub(super) fn span(
    place: Place<'_>,
    window: Option<&Spanned<String>>,
    to_date: Option<&Spanned<String>>,
) -> Result<Span, DefinitionError> {
    match (window, to_date) {
        (None, None) => Ok(Span::SinceEver),
        (Some(window), None) => read_window(&window.value).ok_or_else(|| {
            place.wrong(window, format!("`{}` is no window; write such as `4 quarters`", window.value))
        }),
        (None, Some(grain)) => match read_grain(&grain.value) {
            Some(grain) => Ok(Span::ToDate(grain)),
            None => Err(place.wrong(grain, format!("`{}` is no length of a period", grain.value))),
        },
        (Some(window), Some(_)) => {
            Err(place.wrong(window, "window and grain_to_date exclude each other".into()))
        }
    }
}

pub(super) fn offset(place: Place<'_>, input: &InputFile) -> Result<Option<Offset>, DefinitionError> {
    match (&input.offset_window, &input.offset_to_grain) {
        (None, None) => Ok(None),
        (Some(window), None) => match read_window(&window.value) {
            Some(Span::Trailing(count, grain)) => Ok(Some(Offset::Earlier(count, grain))),
            _ => {
                let problem = format!("`{}` is no offset; write such as `1 quarter`", window.value);
                Err(place.wrong(window, problem))
            }
        },
        (None, Some(grain)) => match read_grain(&grain.value) {
            Some(found) => Ok(Some(Offset::StartOf(found))),
            None => Err(place.wrong(grain, format!("`{}` is no length of a period", grain.value))),
        },
        (Some(window), Some(_)) => {
            Err(place.wrong(window, "offset_window and offset_to_grain exclude each other".into()))
        }
    }
}

/// A number of days, weeks, months, quarters or years.
pub(super) fn read_window(text: &str) -> Option<Span> {
    let (count, unit) = text.trim().split_once(' ')?;
    let count: u16 = count.parse().ok().filter(|count| (1..=3_660).contains(count))?;
    match unit.trim().trim_end_matches('s') {
        "day" => Some(Span::TrailingDays(count)),
        "week" => Some(Span::TrailingDays(count.checked_mul(7)?)),
        unit => read_grain(unit).map(|grain| Span::Trailing(count, grain)),
    }
}

fn read_grain(text: &str) -> Option<Grain> {
    match text.trim() {
        "month" => Some(Grain::Month),
        "quarter" => Some(Grain::Quarter),
        "year" => Some(Grain::Year),
        _ => None,
    }
}
