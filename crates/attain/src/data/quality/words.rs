//! Findings in words, the same on pages and the command line.

use attain_metrics::{Deliveries, Finding, Quality, Severity};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::web::format::{date, delivered_words, missing_words, places, whole};

/// What a finding is about: `deals: close date`.
pub(crate) fn about(finding: &Finding) -> String {
    let table = finding.table.plural();
    match &finding.part {
        Some(part) => format!("{table}: {}", part.strip_suffix("_id").unwrap_or(part).replace('_', " ")),
        None => table,
    }
}

/// The main finding of all, in one sentence, and the one after it.
pub(crate) fn summary(quality: &Quality) -> (String, String) {
    let findings = || quality.sources.iter().flat_map(|source| &source.findings);
    let count = findings().count();
    let high = findings().filter(|finding| finding.severity == Severity::High).count();
    let sources = match quality.sources.len() {
        1 => "one source".to_owned(),
        several => format!("{several} sources"),
    };
    let worst = quality.sources.iter().filter_map(|source| source.findings.first());
    match worst.max_by_key(|finding| finding.severity) {
        None => (format!("Nothing was found in {sources}."), String::new()),
        Some(worst) => {
            let findings = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
            let suffer = match high {
                0 => "none is certain to make numbers wrong".to_owned(),
                all if all == count && count == 1 => "it makes numbers wrong".to_owned(),
                all if all == count => "all of them make numbers wrong".to_owned(),
                1 => "one of them makes numbers wrong".to_owned(),
                some => format!("{some} of them make numbers wrong"),
            };
            let first = format!("{findings} in {sources}; {suffer}.");
            let rows = format!("{} of {}", whole(worst.found.into()), whole(worst.of.into()));
            let title = worst.check.title;
            (first, format!("First: {}, {}, {rows}.", title.to_lowercase(), about(worst)))
        }
    }
}

/// When a source delivered, and what is missing since.
pub(crate) fn deliveries_words(deliveries: &Deliveries, time_zone: &TimeZone) -> String {
    let Some(last) = deliveries.last_at else { return "It delivered nothing.".to_owned() };
    let last = date(time_zone.to_datetime(last).date());
    let mut words = match deliveries.count {
        1 => format!("1 delivery, on {last}"),
        count => format!("{count} deliveries, the last on {last}"),
    };
    match deliveries.usual_days {
        Some(1) => words.push_str("; usually one a day"),
        Some(days) => words.push_str(&format!("; usually one every {days} days")),
        None => {}
    }
    words.push('.');
    for missing in &deliveries.missing {
        let what = delivered_words(&missing.delivery);
        words.push_str(&format!(" {}: {}.", capitalised(&what), missing_words(missing)));
    }
    words
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A share in per cent; what is there but less than a tenth of one says so.
pub(crate) fn percent(share: Decimal) -> String {
    match share * Decimal::ONE_HUNDRED {
        share if share < Decimal::new(1, 1) && !share.is_zero() => "< 0.1 %".to_owned(),
        share => format!("{} %", places(share, 1)),
    }
}
