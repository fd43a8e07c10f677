//! The patterns, among rows that were found and that nobody was asked about yet: what makes a question
//! of them, and how it is asked. Rows come in the order of their persons.

use attain_facts::canonical::Table;
use attain_metrics::{DecidedDeal, LoggedActivity, PushedDeal, RowKey};
use attain_stats::integrity::{Burst, Heaping};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::web::format::{date, money, places};

/// So many later expected months of one deal are asked about.
pub(super) const PUSHES: usize = 3;
/// The metric whose filter says up to which discount a deal keeps to the company's policy (domain 19,
/// `discount_policy`).
pub(super) const POLICY_METRIC: &str = "deals_won_below_policy";
/// How far on either side of it discounts are looked at: one point.
const CLOSE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// Bursts that a question tells one by one.
const TOLD: usize = 3;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pattern {
    /// Sixty activities of a kind within fifteen minutes.
    Burst,
    /// Deals created and closed on the same day.
    SameDay,
    /// Deals whose expected close was put off three times.
    Pushed,
    /// Discounts that keep just within the limit.
    Heaped,
}

/// Something to ask somebody about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Occasion {
    pub(super) person: String,
    pub(super) pattern: Pattern,
    /// The pattern with its figures.
    pub(super) sentence: String,
    /// The very rows, in order of time.
    pub(super) rows: Vec<OccasionRow>,
}

/// A row that is asked about, as it was known then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OccasionRow {
    pub(super) key: RowKey,
    /// What people call it, where it has a name.
    pub(super) name: Option<String>,
    pub(super) day: Date,
    /// What of it makes the pattern.
    pub(super) what: String,
}

impl Pattern {
    const ALL: [Pattern; 4] = [Pattern::Burst, Pattern::SameDay, Pattern::Pushed, Pattern::Heaped];

    /// The name in records and for programs.
    pub(super) fn key(self) -> &'static str {
        match self {
            Pattern::Burst => "burst",
            Pattern::SameDay => "same_day",
            Pattern::Pushed => "pushed",
            Pattern::Heaped => "heaped",
        }
    }

    pub(super) fn from_key(key: &str) -> Option<Pattern> {
        Pattern::ALL.into_iter().find(|pattern| pattern.key() == key)
    }

    /// The table whose rows it is found in.
    pub(super) fn table(self) -> Table {
        match self {
            Pattern::Burst => Table::Activity,
            Pattern::SameDay | Pattern::Pushed | Pattern::Heaped => Table::Opportunity,
        }
    }
}

/// The greatest discount that keeps to the policy, as the filter of its metric has it: 20 % of `value < 0.8 *
/// list_value`. None where a company's own filter names none.
pub(super) fn discount_policy(filter: &str) -> Option<Decimal> {
    let price = |condition: &str| -> Option<Decimal> {
        let price = condition.trim().strip_prefix("value < ")?.strip_suffix(" * list_value")?;
        price.trim().parse().ok()
    };
    let price = filter.split(" and ").find_map(price)?;
    (Decimal::ZERO < price && price < Decimal::ONE).then(|| Decimal::ONE - price)
}

/// The discounts that are looked at: above the first, at most the second.
pub(super) fn discounts(policy: Decimal) -> (Decimal, Decimal) {
    (policy - CLOSE, policy + CLOSE)
}

/// Bursts of activities, those of one person and kind in one question.
pub(super) fn bursts(activities: &[LoggedActivity], time_zone: &TimeZone) -> Vec<Occasion> {
    let alike =
        |one: &LoggedActivity, next: &LoggedActivity| (&one.person, &one.kind) == (&next.person, &next.kind);
    let mut occasions = Vec::new();
    for group in activities.chunk_by(alike) {
        let instants_s: Vec<i64> = group.iter().map(|activity| activity.at.as_second()).collect();
        let bursts: Vec<&[LoggedActivity]> =
            Burst::default().find(&instants_s).into_iter().map(|range| &group[range]).collect();
        let Some([first, ..]) = bursts.first() else { continue };
        occasions.push(Occasion {
            person: first.person.clone(),
            pattern: Pattern::Burst,
            sentence: burst_words(&bursts, time_zone),
            rows: bursts.concat().iter().map(|activity| activity_row(activity, time_zone)).collect(),
        });
    }
    occasions
}

fn burst_words(bursts: &[&[LoggedActivity]], time_zone: &TimeZone) -> String {
    let told = bursts.iter().take(TOLD).filter_map(|burst| {
        let (first, last) = (burst.first()?, burst.last()?);
        // The end of the minute in which the last one falls.
        let minutes = (last.at.as_second() - first.at.as_second()).div_euclid(60) + 1;
        let began = time_zone.to_datetime(first.at);
        let (count, kind) = (burst.len(), of_kind(&first.kind));
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        Some(format!(
            "{count} {kind} were logged within {minutes} {unit} on {}, from {}",
            date(began.date()),
            began.strftime("%H:%M")
        ))
    });
    let mut words = told.collect::<Vec<_>>().join("; ");
    if bursts.len() > TOLD {
        words.push_str(&format!("; and {} more times", bursts.len() - TOLD));
    }
    words + "."
}

fn of_kind(kind: &str) -> &str {
    match kind {
        "call" => "calls",
        "email" => "emails",
        "meeting" => "meetings",
        "demo" => "demos",
        "visit" => "visits",
        "message" => "messages",
        _ => "activities",
    }
}

fn activity_row(activity: &LoggedActivity, time_zone: &TimeZone) -> OccasionRow {
    let at = time_zone.to_datetime(activity.at);
    let outcome = activity.outcome.as_ref().map(|outcome| format!(", {}", outcome.replace('_', " ")));
    let duration = activity.duration_s.map(|seconds| format!(", {seconds} s"));
    let (outcome, duration) = (outcome.unwrap_or_default(), duration.unwrap_or_default());
    OccasionRow {
        key: activity.key.clone(),
        name: None,
        day: at.date(),
        what: format!("{} at {}{outcome}{duration}", activity.kind, at.strftime("%H:%M:%S")),
    }
}

/// Whether deals are usually closed when they are created: then the company records its sales that way,
/// and there is nothing to ask.
pub(super) fn is_usual(same_day: usize, decided: usize) -> bool {
    same_day * 2 >= decided
}

/// Deals created and closed on one day, those of one person in one question.
pub(super) fn same_day(deals: &[DecidedDeal]) -> Vec<Occasion> {
    let groups = deals.chunk_by(|one, next| one.person == next.person);
    let occasion = |group: &[DecidedDeal]| {
        let (first, last) = (group.first()?, group.last()?);
        let sentence = match group.len() {
            1 => format!("1 deal was created and closed on the same day, {}.", date(first.closed_on)),
            count => {
                let months = months_words(first.closed_on, last.closed_on);
                format!("{count} deals were created and closed on the same day {months}.")
            }
        };
        let what = |deal: &DecidedDeal| {
            let amount = deal.amount.map(|amount| format!(", {}", amount_words(amount, deal)));
            format!("created and {} on that day{}", deal.outcome, amount.unwrap_or_default())
        };
        let rows = group.iter().map(|deal| deal_row(deal, what(deal))).collect();
        Some(Occasion { person: first.person.clone(), pattern: Pattern::SameDay, sentence, rows })
    };
    groups.filter_map(occasion).collect()
}

fn months_words(first: Date, last: Date) -> String {
    let month = |day: Date| day.strftime("%B %Y");
    if first.first_of_month() == last.first_of_month() {
        format!("in {}", month(first))
    } else {
        format!("from {} to {}", month(first), month(last))
    }
}

fn amount_words(amount: Decimal, deal: &DecidedDeal) -> String {
    format!("{} {}", money(amount), deal.currency.as_deref().unwrap_or_default()).trim_end().to_owned()
}

fn deal_row(deal: &DecidedDeal, what: String) -> OccasionRow {
    OccasionRow { key: deal.key.clone(), name: deal.name.clone(), day: deal.closed_on, what }
}

/// Deals put off three times or more, those of one person in one question.
pub(super) fn pushed(deals: &[PushedDeal]) -> Vec<Occasion> {
    let often: Vec<&PushedDeal> = deals.iter().filter(|deal| deal.pushes.len() >= PUSHES).collect();
    let groups = often.chunk_by(|one, next| one.person == next.person);
    let occasion = |group: &[&PushedDeal]| {
        let first = group.first()?;
        let most = group.iter().map(|deal| deal.pushes.len()).max()?;
        let sentence = match group.len() {
            1 => format!("The expected close of 1 deal was put off {most} times."),
            count => format!(
                "The expected closes of {count} deals were put off {PUSHES} times or more, one of them {most} times."
            ),
        };
        let rows = group.iter().filter_map(|deal| pushed_row(deal)).collect();
        Some(Occasion { person: first.person.clone(), pattern: Pattern::Pushed, sentence, rows })
    };
    groups.filter_map(occasion).collect()
}

fn pushed_row(deal: &PushedDeal) -> Option<OccasionRow> {
    let (first, last) = (deal.pushes.first()?, deal.pushes.last()?);
    let later = deal.pushes.iter().map(|push| format!("{} (on {})", date(push.to), date(push.on)));
    let later = later.collect::<Vec<_>>().join(", ");
    let what = format!("expected {}, then {later}", date(first.from));
    Some(OccasionRow { key: deal.key.clone(), name: deal.name.clone(), day: last.on, what })
}

/// Discounts close to the limit that lie within it more often than chance has it, those of one person
/// in one question. Were the limit none, a discount close to it would lie on either side alike.
pub(super) fn heaped(deals: &[DecidedDeal], policy: Decimal) -> Vec<Occasion> {
    let groups = deals.chunk_by(|one, next| one.person == next.person);
    let occasion = |group: &[DecidedDeal]| {
        let is_within = |deal: &&DecidedDeal| deal.discount().is_some_and(|share| share <= policy);
        let within = group.iter().filter(is_within).count();
        let beyond = group.len() - within;
        let first = group.first()?;
        if !Heaping::of(within as u64, beyond as u64).raises_a_question() {
            return None;
        }
        let sentence = format!(
            "Of {} deals won at a discount within one point of {} %, {within} keep to that limit and {beyond} exceed it.",
            group.len(),
            (policy * Decimal::ONE_HUNDRED).normalize()
        );
        let what = |deal: &DecidedDeal| {
            let share = deal.discount().unwrap_or_default() * Decimal::ONE_HUNDRED;
            let (amount, list) = (deal.amount.unwrap_or_default(), deal.list_amount.unwrap_or_default());
            format!("discount {} %: {} of {}", places(share, 1), money(amount), amount_words(list, deal))
        };
        let rows = group.iter().map(|deal| deal_row(deal, what(deal))).collect();
        Some(Occasion { person: first.person.clone(), pattern: Pattern::Heaped, sentence, rows })
    };
    groups.filter_map(occasion).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;
    use jiff::{Timestamp, ToSpan};

    use super::*;

    fn key(id: usize) -> RowKey {
        RowKey { source_system: "crm".to_owned(), source_id: format!("R-{id}") }
    }

    fn calls(person: &str, from: &str, count: usize, apart_s: i64) -> Vec<LoggedActivity> {
        let from: Timestamp = from.parse().expect("an instant");
        let call = |number: usize| LoggedActivity {
            key: key(number),
            person: person.to_owned(),
            kind: "call".to_owned(),
            at: from + (number as i64 * apart_s).seconds(),
            outcome: Some("no_answer".to_owned()),
            duration_s: Some(2),
        };
        (0..count).map(call).collect()
    }

    fn deal(person: &str, closed_on: Date, amount: i64, list_amount: i64) -> DecidedDeal {
        DecidedDeal {
            key: key(0),
            person: person.to_owned(),
            name: Some("Pumps".to_owned()),
            outcome: "won".to_owned(),
            closed_on,
            amount: Some(amount.into()),
            list_amount: Some(list_amount.into()),
            currency: Some("EUR".to_owned()),
        }
    }

    #[test]
    fn a_burst_is_told_with_its_figures_and_its_rows() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let mut activities = calls("anna", "2026-05-12T08:00:00Z", 140, 3);
        activities.extend(calls("ben", "2026-05-12T08:00:00Z", 59, 1));
        let found = bursts(&activities, &berlin);
        let [occasion] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((occasion.person.as_str(), occasion.pattern), ("anna", Pattern::Burst));
        assert_eq!(occasion.sentence, "140 calls were logged within 7 minutes on 12 May 2026, from 10:00.");
        assert_eq!(occasion.rows.len(), 140);
        assert_eq!(occasion.rows[1].what, "call at 10:00:03, no answer, 2 s");
        let spread = calls("anna", "2026-05-12T08:00:00Z", 200, 16);
        assert!(bursts(&spread, &berlin).is_empty(), "57 in a quarter of an hour are no burst");
    }

    #[test]
    fn several_bursts_of_a_kind_are_one_question_and_kinds_are_asked_about_apart() {
        let mut activities = calls("anna", "2026-05-12T08:00:00Z", 60, 1);
        activities.extend(calls("anna", "2026-05-13T08:00:00Z", 61, 1));
        let mut emails = calls("anna", "2026-05-13T08:00:00Z", 70, 1);
        emails.iter_mut().for_each(|email| email.kind = "email".to_owned());
        activities.extend(emails);
        let found = bursts(&activities, &TimeZone::UTC);
        let sentences: Vec<&str> = found.iter().map(|occasion| occasion.sentence.as_str()).collect();
        let expected = [
            "60 calls were logged within 1 minute on 12 May 2026, from 08:00; \
             61 calls were logged within 2 minutes on 13 May 2026, from 08:00.",
            "70 emails were logged within 2 minutes on 13 May 2026, from 08:00.",
        ];
        assert_eq!(sentences, expected);
        assert_eq!(found[0].rows.len(), 121);
    }

    #[test]
    fn same_day_deals_are_one_question_a_person() {
        let deals = [
            deal("anna", day(2026, 5, 4), 1_200, 1_200),
            deal("anna", day(2026, 5, 20), 80, 100),
            deal("ben", day(2026, 6, 1), 7, 7),
            deal("cleo", day(2026, 5, 31), 5, 5),
            deal("cleo", day(2026, 6, 1), 5, 5),
        ];
        let found = same_day(&deals);
        let asked: Vec<(&str, &str, usize)> =
            found.iter().map(|one| (one.person.as_str(), one.sentence.as_str(), one.rows.len())).collect();
        let expected = [
            ("anna", "2 deals were created and closed on the same day in May 2026.", 2),
            ("ben", "1 deal was created and closed on the same day, 1 Jun 2026.", 1),
            ("cleo", "2 deals were created and closed on the same day from May 2026 to June 2026.", 2),
        ];
        assert_eq!(asked, expected);
        assert_eq!(found[0].rows[0].what, "created and won on that day, 1,200 EUR");
        assert!(is_usual(5, 10) && !is_usual(4, 10), "half of all deals are how a company works");
    }

    #[test]
    fn a_deal_put_off_three_times_is_asked_about_with_every_push() {
        let push = |month: i8| attain_metrics::Push {
            on: day(2026, month, 20),
            from: day(2026, month, 28),
            to: day(2026, month + 1, 28),
        };
        let put_off = |person: &str, pushes: Vec<attain_metrics::Push>| PushedDeal {
            key: key(pushes.len()),
            person: person.to_owned(),
            name: None,
            pushes,
        };
        let deals = [
            put_off("anna", vec![push(1), push(2)]),
            put_off("anna", vec![push(1), push(2), push(3)]),
            put_off("ben", vec![push(1), push(2), push(3), push(4)]),
            put_off("ben", vec![push(1), push(2), push(3)]),
        ];
        let found = pushed(&deals);
        let sentences: Vec<&str> = found.iter().map(|occasion| occasion.sentence.as_str()).collect();
        let expected = [
            "The expected close of 1 deal was put off 3 times.",
            "The expected closes of 2 deals were put off 3 times or more, one of them 4 times.",
        ];
        assert_eq!(sentences, expected);
        let row = &found[0].rows[0];
        assert_eq!((row.day, &row.key), (day(2026, 3, 20), &key(3)));
        assert_eq!(
            row.what,
            "expected 28 Jan 2026, then 28 Feb 2026 (on 20 Jan 2026), 28 Mar 2026 (on 20 Feb 2026), \
             28 Apr 2026 (on 20 Mar 2026)"
        );
    }

    #[test]
    fn discounts_that_keep_just_within_the_limit_are_asked_about_and_others_are_not() {
        let at = |person: &str, amounts: &[i64]| -> Vec<DecidedDeal> {
            amounts.iter().map(|amount| deal(person, day(2026, 5, 4), *amount, 1_000)).collect()
        };
        let mut deals = at("anna", &[800, 801, 802, 803, 804, 805, 806, 807, 808, 809]);
        deals.extend(at("ben", &[800, 801, 802, 803, 804, 795, 796, 797, 798, 799]));
        deals.extend(at("cleo", &[790, 791, 792, 793, 794, 795, 796, 797, 798, 799]));
        deals.extend(at("dan", &[800; 9]));
        let policy = Decimal::new(20, 2);
        let found = heaped(&deals, policy);
        let [occasion] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(occasion.person, "anna");
        assert_eq!(
            occasion.sentence,
            "Of 10 deals won at a discount within one point of 20 %, 10 keep to that limit and 0 exceed it."
        );
        assert_eq!(occasion.rows[1].what, "discount 19.9 %: 801 of 1,000 EUR");
        assert_eq!(discounts(policy), (Decimal::new(19, 2), Decimal::new(21, 2)));
    }

    #[test]
    fn the_policy_is_what_the_definition_of_its_metric_says() {
        let shipped = "outcome = 'won' and list_value > 0 and value < 0.8 * list_value";
        assert_eq!(discount_policy(shipped), Some(Decimal::new(2, 1)));
        assert_eq!(discount_policy("value < 0.875 * list_value"), Some(Decimal::new(125, 3)));
        for none in ["outcome = 'won'", "value < 1.5 * list_value", "list_value < 0.8 * value"] {
            assert_eq!(discount_policy(none), None, "{none}");
        }
    }

    #[test]
    fn a_pattern_is_found_again_by_its_name() {
        for pattern in Pattern::ALL {
            assert_eq!(Pattern::from_key(pattern.key()), Some(pattern));
        }
        assert_eq!(Pattern::from_key("verdict"), None);
    }
}
