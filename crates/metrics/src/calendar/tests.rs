//! Calendars of every kind: the worked examples of domain 3.2, and what holds of all of them.

use std::collections::BTreeSet;

use attain_facts::calendar::{
    Anchor, ExplicitPeriod, ExplicitPeriods, FiscalCalendar, FiscalWeeks, Month, MonthOffset, PeriodGrain,
    WeekPattern, Weekday, WorkCalendar, YearLabel,
};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{Calendar, Grain, Period, WorkingDays};

/// The work calendar of examples X3.7–X3.9.
pub(super) fn work_calendar() -> WorkingDays {
    let weekdays = Weekday::ALL[..5].iter().copied().collect();
    let holidays = BTreeSet::from([date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16)]);
    let half_days = BTreeSet::from([date(2026, 3, 17)]);
    WorkingDays::new(WorkCalendar::new(weekdays, holidays, half_days).expect("a work calendar"))
}

/// The period of examples X3.7–X3.9.
pub(super) fn first_quarter_2026() -> Period {
    by_months(1, YearLabel::End).parse("2026-Q1").expect("a quarter")
}

fn by_months(first_month: i64, fy_label: YearLabel) -> Calendar {
    let first_month = Month::new(first_month).expect("a month");
    Calendar::new(FiscalCalendar::MonthOffset(MonthOffset { first_month, fy_label }))
}

/// 4-5-4 weeks that end on the Saturday nearest 31 January (X3.3, X3.4).
fn retail() -> Calendar {
    Calendar::new(FiscalCalendar::Weeks(FiscalWeeks {
        pattern: WeekPattern::FourFiveFour,
        end_weekday: Weekday::Saturday,
        end_month: Month::JANUARY,
        anchor: Anchor::Nearest,
        fy_label: YearLabel::Start,
    }))
}

/// 4-4-5 weeks that end on the last Saturday of September (X3.5).
fn last_saturday_of_september() -> Calendar {
    Calendar::new(FiscalCalendar::Weeks(FiscalWeeks {
        pattern: WeekPattern::FourFourFive,
        end_weekday: Weekday::Saturday,
        end_month: Month::new(9).expect("a month"),
        anchor: Anchor::Last,
        fy_label: YearLabel::End,
    }))
}

/// A table of years of four quarters of three months of the given lengths, without weeks.
fn table(start: Date, month_lengths_days: &[i64]) -> Calendar {
    let period =
        |grain, name: String, from, to| ExplicitPeriod { grain, label: name.clone(), name, from, to };
    let mut periods = Vec::new();
    let mut from = start;
    let mut firsts = Vec::new();
    for (index, length) in month_lengths_days.iter().enumerate() {
        let to = from.saturating_add(length.days());
        firsts.push(from);
        periods.push(period(PeriodGrain::Month, format!("M{}", index + 1), from, to));
        from = to;
    }
    firsts.push(from);
    for (grain, length, letter) in [(PeriodGrain::Quarter, 3, "Q"), (PeriodGrain::Year, 12, "Y")] {
        for (index, range) in firsts.windows(length + 1).step_by(length).enumerate() {
            periods.push(period(grain, format!("{letter}{}", index + 1), range[0], range[length]));
        }
    }
    let periods = ExplicitPeriods::new(periods).unwrap_or_else(|wrong| panic!("{wrong}"));
    Calendar::new(FiscalCalendar::Explicit { periods })
}

fn parsed(calendar: &Calendar, text: &str) -> Period {
    calendar.parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// `2017-07-01 2017-10-01 Q3 2017` of a period's name.
fn shown(calendar: &Calendar, text: &str) -> String {
    let period = parsed(calendar, text);
    let (from, to) = (period.from.expect("bounded"), period.to.expect("bounded"));
    format!("{from} {to} {}", period.label())
}

/// Keys of the periods in which a day falls.
fn keys(calendar: &Calendar, day: Date, grains: &[Grain]) -> Vec<String> {
    grains.iter().map(|grain| calendar.containing(day, *grain).expect("a period").key().to_owned()).collect()
}

/// First days of the fiscal months of a year.
fn month_starts(calendar: &Calendar, year: &str) -> Vec<String> {
    let months = calendar.children(&parsed(calendar, year), Grain::Month);
    months.iter().map(|month| month.from.expect("bounded").to_string()).collect()
}

fn weeks_in(calendar: &Calendar, year: i32) -> usize {
    calendar.children(&parsed(calendar, &year.to_string()), Grain::Week).len()
}

#[test]
fn a_calendar_year_has_calendar_quarters() {
    let calendar = by_months(1, YearLabel::End);
    assert_eq!(shown(&calendar, "2017-Q3"), "2017-07-01 2017-10-01 Q3 2017");
    assert_eq!(shown(&calendar, "2017-03"), "2017-03-01 2017-04-01 Mar 2017");
    assert_eq!(shown(&calendar, "2017-h2"), "2017-07-01 2018-01-01 H2 2017");
    assert_eq!(shown(&calendar, "2017"), "2017-01-01 2018-01-01 2017");
    assert_eq!(shown(&calendar, "2026-W05"), "2026-01-26 2026-02-02 Week 5 2026");
}

#[test]
fn a_shifted_year_is_named_by_the_year_it_ends_in() {
    let from_july = by_months(7, YearLabel::End);
    assert_eq!(shown(&from_july, "2026-Q1"), "2025-07-01 2025-10-01 Q1 FY26");
    assert_eq!(shown(&from_july, "2026-Q4"), "2026-04-01 2026-07-01 Q4 FY26");
    assert_eq!(shown(&from_july, "2026-H2"), "2026-01-01 2026-07-01 H2 FY26");
    assert_eq!(shown(&by_months(2, YearLabel::End), "2026"), "2025-02-01 2026-02-01 FY26");
}

/// X3.1 (T9) and pitfall 13: a quarter is not a third of the calendar year.
#[test]
fn a_year_from_april_has_its_own_quarters_and_halves() {
    let calendar = by_months(4, YearLabel::End);
    let of = |year, month, day| {
        keys(&calendar, date(year, month, day), &[Grain::Year, Grain::Quarter, Grain::Half])
    };
    assert_eq!(of(2026, 3, 31), ["2026", "2026-Q4", "2026-H2"]);
    assert_eq!(of(2026, 4, 1), ["2027", "2027-Q1", "2027-H1"]);
    assert_eq!(of(2026, 12, 31), ["2027", "2027-Q3", "2027-H2"]);
    assert_eq!(of(2027, 1, 1), ["2027", "2027-Q4", "2027-H2"]);
    assert_eq!(of(2028, 2, 29), ["2028", "2028-Q4", "2028-H2"]);
    let months = calendar.children(&parsed(&calendar, "2027"), Grain::Month);
    let position = |day| months.iter().position(|month| month.contains(day)).map(|index| index + 1);
    assert_eq!(position(date(2026, 4, 1)), Some(1));
    assert_eq!(position(date(2026, 12, 31)), Some(9));
    assert_eq!(position(date(2027, 1, 1)), Some(10));
}

/// X3.2 (T9).
#[test]
fn a_year_named_by_its_start_keeps_january_in_the_year_before() {
    let calendar = by_months(2, YearLabel::Start);
    let of = |month, day| {
        keys(&calendar, date(2026, month, day), &[Grain::Year, Grain::Month, Grain::Quarter, Grain::Half])
    };
    assert_eq!(of(1, 31), ["2025", "2026-01", "2025-Q4", "2025-H2"]);
    assert_eq!(of(2, 1), ["2026", "2026-02", "2026-Q1", "2026-H1"]);
    assert_eq!(shown(&calendar, "2026"), "2026-02-01 2027-02-01 FY26");
}

/// X3.3 (T9).
#[test]
fn a_retail_year_has_a_53rd_week_when_its_saturday_asks_for_one() {
    let calendar = retail();
    let long: Vec<i32> = (2000..=2030).filter(|year| weeks_in(&calendar, *year) == 53).collect();
    assert_eq!(long, [2000, 2006, 2012, 2017, 2023, 2028]);
    assert!((2000..=2030).all(|year| matches!(weeks_in(&calendar, year), 52 | 53)));
    assert_eq!(shown(&calendar, "2022"), "2022-01-30 2023-01-29 FY22");
    assert_eq!(shown(&calendar, "2023"), "2023-01-29 2024-02-04 FY23");
    assert_eq!(shown(&calendar, "2024"), "2024-02-04 2025-02-02 FY24");
}

/// X3.4 (T9, T10).
#[test]
fn the_53rd_week_belongs_to_the_last_month_and_quarter() {
    let calendar = retail();
    let starts = [
        "2023-01-29",
        "2023-02-26",
        "2023-04-02",
        "2023-04-30",
        "2023-05-28",
        "2023-07-02",
        "2023-07-30",
        "2023-08-27",
        "2023-10-01",
        "2023-10-29",
        "2023-11-26",
        "2023-12-31",
    ];
    assert_eq!(month_starts(&calendar, "2023"), starts);
    let week = |year, month, day| keys(&calendar, date(year, month, day), &[Grain::Week]).remove(0);
    assert_eq!(week(2023, 1, 29), "2023-W01");
    assert_eq!(week(2023, 2, 4), "2023-W01");
    assert_eq!(week(2023, 2, 5), "2023-W02");
    assert_eq!(week(2024, 1, 28), "2023-W53");
    assert_eq!(week(2024, 2, 3), "2023-W53");
    assert_eq!(shown(&calendar, "2023-P12"), "2023-12-31 2024-02-04 P12 FY23");
    assert_eq!(calendar.children(&parsed(&calendar, "2023-Q4"), Grain::Week).len(), 14);
}

/// X3.5 (T9).
#[test]
fn a_year_of_weeks_may_end_on_the_last_saturday_of_a_month() {
    let calendar = last_saturday_of_september();
    assert_eq!(shown(&calendar, "2022"), "2021-09-26 2022-09-25 FY22");
    assert_eq!(shown(&calendar, "2023"), "2022-09-25 2023-10-01 FY23");
    assert_eq!(shown(&calendar, "2024"), "2023-10-01 2024-09-29 FY24");
    assert_eq!([2022, 2023, 2024].map(|year| weeks_in(&calendar, year)), [52, 53, 52]);
    let starts = [
        "2023-10-01",
        "2023-10-29",
        "2023-11-26",
        "2023-12-31",
        "2024-01-28",
        "2024-02-25",
        "2024-03-31",
        "2024-04-28",
        "2024-05-26",
        "2024-06-30",
        "2024-07-28",
        "2024-08-25",
    ];
    assert_eq!(month_starts(&calendar, "2024"), starts);
}

/// X3.6 (T9, T10) and pitfall 13: the week's year is that of its Thursday.
#[test]
fn iso_weeks_at_the_turn_of_the_year_belong_to_the_year_of_their_thursday() {
    let days = [date(2024, 12, 30), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 4), date(2021, 1, 3)];
    for calendar in [by_months(7, YearLabel::End), Calendar::new(FiscalCalendar::IsoWeek)] {
        let weeks = days.map(|day| keys(&calendar, day, &[Grain::Week]).remove(0));
        assert_eq!(weeks, ["2025-W01", "2026-W53", "2026-W53", "2027-W01", "2020-W53"]);
    }
}

#[test]
fn a_table_has_the_periods_it_lists_and_none_outside() {
    let calendar = table(date(2026, 1, 4), &[28; 24]);
    assert_eq!(shown(&calendar, "m2"), "2026-02-01 2026-03-01 M2");
    assert_eq!(keys(&calendar, date(2026, 3, 29), &[Grain::Quarter, Grain::Year]), ["Q2", "Y1"]);
    assert_eq!(calendar.containing(date(2026, 1, 3), Grain::Month), None);
    assert_eq!(calendar.containing(date(2026, 3, 29), Grain::Half), None);
    assert_eq!(calendar.grains(), [Grain::Week, Grain::Month, Grain::Quarter, Grain::Year]);
    let touched = calendar.touching(date(2020, 1, 1), date(2026, 2, 2), Grain::Month);
    assert_eq!(touched.iter().map(Period::key).collect::<Vec<_>>(), ["M1", "M2"]);
    assert!(calendar.touching(date(2020, 1, 1), date(2026, 1, 4), Grain::Month).is_empty());
    assert_eq!(calendar.previous(&parsed(&calendar, "M1")), None);
    assert_eq!(shown(&calendar, "2026-W05"), "2026-01-26 2026-02-02 Week 5 2026");
}

#[test]
fn what_is_no_period_is_refused_with_what_is() {
    let refused = |calendar: &Calendar, text: &str, right: &str| {
        let error = calendar.parse(text).expect_err("refused").to_string();
        assert!(error.starts_with(&format!("`{text}` is not a period; write ")), "{error}");
        assert!(error.contains(right), "{error}");
    };
    let no_months = ["2017-Q5", "2017-13", "2017-P03", "9999", "9999-Q4", "9999-12"];
    let no_names =
        ["", "Q3", "17-Q3", "2017-Q", "2017-1", "2017-H3", "2017-W54", "yesterday", "2017-Q3-1", "2017-Ä1"];
    for text in no_names.into_iter().chain(no_months) {
        refused(&by_months(1, YearLabel::End), text, "a quarter (2017-Q3), a month (2017-03)");
    }
    for text in no_names.into_iter().chain(["2023-03", "2023-P13", "2023-P00", "2024-W53", "9999-W52"]) {
        refused(&retail(), text, "a fiscal month (2017-P03), a fiscal week (2017-W05)");
    }
    for text in ["", "M25", "Q9", "2026-Q1", "2026-03", "2026-W54"] {
        refused(
            &table(date(2026, 1, 4), &[28; 24]),
            text,
            "a month (M1), a quarter (Q1), a year (Y1), a week",
        );
    }
}

#[test]
fn a_trail_ends_with_the_period_asked_for() {
    let calendar = by_months(7, YearLabel::End);
    let keys: Vec<String> =
        calendar.trail(&parsed(&calendar, "2026-Q2"), 3).iter().map(ToString::to_string).collect();
    assert_eq!(keys, ["2025-Q4", "2026-Q1", "2026-Q2"]);
    assert_eq!(calendar.trail(&calendar.all(), 8).len(), 1);
}

/// T9: period n is compared with period n.
#[test]
fn a_period_up_to_a_day_has_a_name_of_its_own_and_the_whole_one_before_it() {
    let calendar = Calendar::starting_in(1).expect("a month");
    let quarter = parsed(&calendar, "2026-Q1");
    let part = quarter.through(date(2026, 2, 14));
    assert_eq!((part.from, part.to), (quarter.from, Some(date(2026, 2, 15))));
    assert_eq!((part.key(), part.label()), ("2026-Q1..2026-02-14", "Q1 2026 to 14 Feb"));
    assert!(calendar.parse(part.key()).is_err(), "it is no period of the calendar");
    assert_eq!(calendar.previous(&part), calendar.previous(&quarter));
    assert_eq!(calendar.next(&part), None);
    assert_eq!(quarter.through(date(2026, 3, 31)), quarter, "up to its end it is whole");
    assert_eq!(calendar.all().through(date(2026, 3, 31)), calendar.all());
    assert!(part.overlaps(&quarter) && !part.overlaps(&parsed(&calendar, "2026-03")));
}

#[test]
fn the_same_period_last_year_has_the_same_number() {
    let before = |calendar: &Calendar, text: &str| {
        calendar.same_period_last_year(&parsed(calendar, text)).map(|period| period.key().to_owned())
    };
    let from_july = by_months(7, YearLabel::End);
    assert_eq!(before(&from_july, "2026-Q1").as_deref(), Some("2025-Q1"));
    assert_eq!(before(&from_july, "2024-02").as_deref(), Some("2023-02"));
    assert_eq!(before(&from_july, "2026-W53"), None, "2025 has 52 weeks");
    assert_eq!(before(&from_july, "all"), None);
    assert_eq!(before(&retail(), "2024-P12").as_deref(), Some("2023-P12"));
    assert_eq!(before(&retail(), "2023-W53"), None);
    let table = table(date(2026, 1, 4), &[28; 24]);
    assert_eq!(before(&table, "M14").as_deref(), Some("M2"));
    assert_eq!(before(&table, "Q5").as_deref(), Some("Q1"));
    assert_eq!(before(&table, "Y2").as_deref(), Some("Y1"));
    assert_eq!(before(&table, "M2"), None);
}

/// T9: after the 53 weeks of FY2023 its weeks are compared one later.
#[test]
fn a_restated_year_is_compared_one_week_later_after_53_weeks() {
    let calendar = retail();
    let restated = |text: &str| {
        let period = calendar.restated_last_year(&parsed(&calendar, text)).expect("a period");
        (
            period.key().to_owned(),
            period.from.expect("bounded").to_string(),
            period.to.expect("bounded").to_string(),
        )
    };
    let expected = |key: &str, from: &str, to: &str| (key.to_owned(), from.to_owned(), to.to_owned());
    assert_eq!(restated("2024-P01"), expected("2023-P01-restated", "2023-02-05", "2023-03-05"));
    assert_eq!(restated("2024"), expected("2023-restated", "2023-02-05", "2024-02-04"));
    assert_eq!(restated("2023-P01"), expected("2022-P01", "2022-01-30", "2022-02-27"));
    let shifted = calendar.restated_last_year(&parsed(&calendar, "2024-Q2")).expect("a period");
    assert_eq!((calendar.previous(&shifted), calendar.next(&shifted)), (None, None));
    assert!(calendar.parse(shifted.key()).is_err(), "it is no period of the calendar");
}

#[test]
fn iso_weeks_are_nobodys_children() {
    let calendar = by_months(1, YearLabel::End);
    assert!(calendar.children(&parsed(&calendar, "2026-03"), Grain::Week).is_empty());
    assert_eq!(calendar.children(&parsed(&calendar, "2026-H1"), Grain::Quarter).len(), 2);
    assert!(calendar.children(&parsed(&calendar, "2026-Q1"), Grain::Year).is_empty());
}

#[test]
fn a_calendar_is_described_with_all_its_parameters() {
    let described = [
        by_months(1, YearLabel::End),
        by_months(7, YearLabel::End),
        by_months(2, YearLabel::Start),
        retail(),
        last_saturday_of_september(),
        Calendar::new(FiscalCalendar::IsoWeek),
        table(date(2026, 1, 4), &[28; 12]),
    ]
    .map(|calendar| calendar.describe());
    assert_eq!(
        described,
        [
            "calendar months, year starting 1 January",
            "calendar months, year starting 1 July, year named by its end",
            "calendar months, year starting 1 February, year named by its start",
            "4-5-4 weeks, ending Saturday nearest 31 January, year named by its start",
            "4-4-5 weeks, ending last Saturday of September, year named by its end",
            "ISO weeks, with the months and quarters of the calendar year",
            "a table of 1 year, 4 quarters, 12 months from 2026-01-04 until 2026-12-06",
        ]
    );
}

fn any_label() -> impl Strategy<Value = YearLabel> {
    prop_oneof![Just(YearLabel::End), Just(YearLabel::Start)]
}

fn any_weeks() -> impl Strategy<Value = FiscalWeeks> {
    let pattern = proptest::sample::select(WeekPattern::NAMES.map(|(_, pattern)| pattern).to_vec());
    let anchor = prop_oneof![Just(Anchor::Nearest), Just(Anchor::Last)];
    let weekday = proptest::sample::select(Weekday::ALL.to_vec());
    (pattern, weekday, 1i64..=12, anchor, any_label()).prop_map(
        |(pattern, end_weekday, end_month, anchor, fy_label)| {
            let end_month = Month::new(end_month).expect("a month");
            FiscalWeeks { pattern, end_weekday, end_month, anchor, fy_label }
        },
    )
}

/// A calendar of any kind; tables run from 1900 to about 2080.
fn any_calendar() -> impl Strategy<Value = Calendar> {
    let months = (1i64..=12, any_label()).prop_map(|(first, label)| by_months(first, label));
    let weeks = any_weeks().prop_map(|weeks| Calendar::new(FiscalCalendar::Weeks(weeks)));
    let tables = proptest::collection::vec(20i64..40, 12)
        .prop_map(|lengths| table(date(1900, 1, 1), &lengths.repeat(180)));
    prop_oneof![3 => months, 6 => weeks, 1 => Just(Calendar::new(FiscalCalendar::IsoWeek)), 1 => tables]
}

proptest! {
    /// Invariant I19: periods tile the time line, children tile their parent, every date has one
    /// fiscal week, and each period reads back from its own name.
    #[test]
    fn periods_tile_the_time_line(calendar in any_calendar(), days in 1_000i32..40_000) {
        let day = date(1920, 1, 1).saturating_add(days.days());
        for grain in calendar.grains() {
            let period = calendar.containing(day, grain).expect("within the table");
            prop_assert!(period.contains(day));
            prop_assert_eq!(calendar.parse(period.key()), Ok(period.clone()));
            let next = calendar.next(&period).expect("bounded");
            prop_assert_eq!(next.from, period.to);
            prop_assert_ne!(next.key(), period.key());
            prop_assert_eq!(calendar.previous(&next), Some(period.clone()));
            for finer in calendar.grains() {
                let children = calendar.children(&period, finer);
                let (Some(first), Some(last)) = (children.first(), children.last()) else {
                    prop_assert!(finer >= grain || (finer == Grain::Week && calendar.has_iso_weeks()));
                    continue;
                };
                prop_assert_eq!((first.from, last.to), (period.from, period.to));
                prop_assert!(children.windows(2).all(|pair| pair[0].to == pair[1].from));
            }
        }
    }

    /// T9: a year of weeks has 52 or 53 of them and ends on its weekday, in or around its month.
    #[test]
    fn a_year_of_weeks_ends_on_its_weekday_around_its_month(weeks in any_weeks(), year in 1950i32..2050) {
        let calendar = Calendar::new(FiscalCalendar::Weeks(weeks));
        prop_assert!(matches!(weeks_in(&calendar, year), 52 | 53));
        let last_day = parsed(&calendar, &year.to_string()).last_day().expect("bounded");
        prop_assert_eq!(Weekday::of(last_day), weeks.end_weekday);
        let (earliest, latest) = match weeks.anchor {
            Anchor::Nearest => (last_day.saturating_sub(3.days()), last_day.saturating_add(3.days())),
            Anchor::Last => (last_day, last_day.saturating_add(6.days())),
        };
        let is_month_end = |day: &Date| *day == day.last_of_month() && day.month() == weeks.end_month.number();
        prop_assert!(earliest.series(1.day()).take_while(|day| *day <= latest).any(|day| is_month_end(&day)));
    }
}

#[test]
fn a_part_of_a_period_is_named_so_that_it_is_no_other_period() {
    let quarter = first_quarter_2026();
    let part = quarter.part(date(2026, 1, 5), date(2026, 1, 12));
    assert_eq!((part.grain, part.last_day()), (quarter.grain, Some(date(2026, 1, 11))));
    assert!(part.contains(date(2026, 1, 5)) && !part.contains(date(2026, 1, 12)));
    assert_ne!(part.key(), quarter.part(date(2026, 1, 5), date(2026, 1, 13)).key());
    assert!(Calendar::starting_in(1).expect("a month").parse(part.key()).is_err(), "it does not read back");
}
