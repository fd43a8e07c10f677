use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::calendar::Calendar;
use crate::difference::RowKey;

/// A deal of Anna's in euros that closed in the quarter and counts.
fn known(id: &str, amount: i64) -> KnownDeal {
    KnownDeal {
        key: RowKey { source_system: "crm".into(), source_id: id.into() },
        name: Some(format!("Deal {id}")),
        account: Some("Acme".into()),
        owner: Some("Anna".into()),
        stage: Some("Closed Won".into()),
        outcome: "won".into(),
        closed_on: Some(date(2024, 2, 1)),
        amount: Some(amount.into()),
        currency: Some("EUR".into()),
        counted: Some(amount.into()),
        counts_anywhere: true,
        counts_on: Some(date(2024, 2, 1)),
        is_deleted: false,
    }
}

/// The line of a report that tells the deal alike.
fn line(at: u64, deal: &KnownDeal) -> ReportedDeal {
    ReportedDeal {
        line: at,
        id: Some(deal.key.source_id.clone()),
        name: deal.name.clone(),
        account: deal.account.clone(),
        owner: deal.owner.clone(),
        stage: deal.stage.clone(),
        amount: deal.amount,
        currency: deal.currency.clone(),
        closed_on: deal.closed_on,
    }
}

fn found(lines: &[ReportedDeal], known: &[KnownDeal]) -> Vec<DifferingDeal> {
    let period = Calendar::starting_in(1).and_then(|calendar| calendar.parse("2024-Q1").ok());
    let period = period.expect("a quarter");
    compared(lines, known, &Measure { is_count: false, period: &period, currency: "EUR" }).0
}

/// The only reason why a deal that is known like this and reported like that differs.
fn reason(line: ReportedDeal, known: KnownDeal) -> Reason {
    let others = self::known("D-0", 1);
    let found = found(&[line, self::line(9, &others)], &[known, others]);
    match found.as_slice() {
        [DifferingDeal { reasons, .. }] if reasons.len() == 1 => reasons[0].clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_told_alike_is_no_difference() {
    let deals = [known("D-1", 100), known("D-2", 50)];
    assert!(found(&[line(2, &deals[1]), line(1, &deals[0])], &deals).is_empty());
}

#[test]
fn each_kind_of_difference_has_its_reason() {
    let deal = known("D-1", 100);
    let told = line(1, &deal);
    let elsewhere = date(2024, 4, 2);
    let late =
        KnownDeal { closed_on: Some(elsewhere), counts_on: Some(elsewhere), counted: None, ..deal.clone() };
    let day = told.closed_on;
    assert_eq!(reason(told.clone(), late.clone()), Reason::Date(day, Some(elsewhere)));
    let undated = ReportedDeal { closed_on: None, ..told.clone() };
    assert_eq!(reason(undated, late), Reason::Date(None, Some(elsewhere)));
    let bens = KnownDeal { owner: Some("Ben".into()), counted: None, ..deal.clone() };
    let owners = |line: Option<&str>| Reason::Owner(line.map(str::to_owned), Some("Ben".into()));
    assert_eq!(reason(told.clone(), bens.clone()), owners(Some("Anna")));
    assert_eq!(reason(ReportedDeal { owner: None, ..told.clone() }, bens), owners(None));
    let open = KnownDeal {
        stage: Some("Proposal".into()),
        outcome: "open".into(),
        counted: None,
        counts_anywhere: false,
        counts_on: None,
        ..deal.clone()
    };
    let stages = |line: Option<&str>| Reason::Stage(line.map(str::to_owned), Some("Proposal".into()));
    assert_eq!(reason(told.clone(), open.clone()), stages(Some("Closed Won")));
    assert_eq!(reason(ReportedDeal { stage: None, ..told.clone() }, open), stages(None));
    let other_condition = KnownDeal { counted: None, counts_anywhere: false, ..deal.clone() };
    assert_eq!(reason(told.clone(), other_condition), Reason::Condition);
    let dollars = KnownDeal { currency: Some("USD".into()), counted: Some(92.into()), ..deal.clone() };
    let currencies = |one: &str, other: &str| Reason::Currency(Some(one.into()), Some(other.into()));
    assert_eq!(reason(told.clone(), dollars.clone()), currencies("EUR", "USD"));
    let unsaid = ReportedDeal { currency: None, ..told.clone() };
    assert_eq!(reason(unsaid, dollars), currencies("USD", "EUR"));
    let more = ReportedDeal { amount: Some(110.into()), ..told.clone() };
    assert_eq!(reason(more, deal.clone()), Reason::Amount(Some(110.into()), Some(100.into())));
    assert_eq!(reason(told.clone(), KnownDeal { counted: Some(40.into()), ..deal.clone() }), Reason::Share);
    let gone = KnownDeal { key: deal.key.clone(), is_deleted: true, ..KnownDeal::default() };
    assert_eq!(reason(told, gone), Reason::Deleted);
}

#[test]
fn what_stands_on_one_side_only_is_named() {
    let deals = [known("D-1", 100), known("D-2", 50)];
    let unknown = ReportedDeal { id: Some("D-9".into()), ..line(2, &deals[1]) };
    let found = found(&[line(1, &deals[0]), unknown], &deals);
    let reasons: Vec<(&str, &Reason)> =
        found.iter().map(|deal| (deal.deal.as_str(), &deal.reasons[0])).collect();
    assert_eq!(reasons, [("D-2", &Reason::NotReported), ("D-9", &Reason::NotDelivered)]);
}

#[test]
fn a_deal_listed_twice_adds_to_the_report_twice() {
    let deals = [known("D-1", 100)];
    let found = found(&[line(1, &deals[0]), line(2, &deals[0])], &deals);
    assert_eq!(found[0].reasons, [Reason::Duplicate(2)]);
    assert_eq!((found[0].lines.as_slice(), found[0].effect()), (&[1, 2][..], 100.into()));
}

#[test]
fn a_line_without_identifier_is_found_by_name_and_what_else_it_says() {
    let one = KnownDeal { name: Some("Renewal".into()), ..known("D-1", 100) };
    let two = KnownDeal { name: Some("Renewal".into()), account: Some("Bolt".into()), ..known("D-2", 100) };
    let by_account = ReportedDeal { id: None, name: Some(" renewal ".into()), ..line(1, &two) };
    let whose = found(std::slice::from_ref(&by_account), &[one.clone(), two.clone()]);
    assert_eq!((whose.len(), whose[0].deal.as_str()), (1, "D-1"), "the other one is not in the report");
    let unsaid = ReportedDeal { account: None, ..by_account };
    assert_eq!(found(&[unsaid], &[one, two])[0].reasons.len(), 1);
}

#[test]
fn both_spellings_of_a_salesforce_identifier_are_one() {
    let deal = known("006Ho00001AbCdEIAV", 100);
    let short = ReportedDeal { id: Some("006Ho00001AbCdE".into()), ..line(1, &deal) };
    assert!(found(std::slice::from_ref(&short), std::slice::from_ref(&deal)).is_empty());
    let other_case = ReportedDeal { id: Some("006ho00001AbCdE".into()), ..short };
    assert_eq!(found(&[other_case], &[deal]).len(), 2);
}

fn day() -> impl Strategy<Value = Option<Date>> {
    proptest::option::of((1i8..28).prop_map(|day| date(2024, 2, day)))
}

proptest! {
    /// Whatever stands on either side, the effects lead from the number to the report's total.
    #[test]
    fn the_effects_add_up_to_the_difference(
        deals in proptest::collection::btree_map(0u32..9, (1i64..500, any::<bool>(), any::<bool>()), 0..8),
        lines in proptest::collection::vec((0u32..12, proptest::option::of(1i64..500), day()), 0..12),
    ) {
        let deals: Vec<KnownDeal> = deals
            .into_iter()
            .map(|(id, (amount, counts, deleted))| {
                let deal = known(&format!("D-{id}"), amount);
                let is_deleted = deleted && !counts;
                KnownDeal { counted: deal.counted.filter(|_| counts), is_deleted, ..deal }
            })
            .collect();
        let lines: Vec<ReportedDeal> = lines
            .into_iter()
            .enumerate()
            .map(|(at, (id, amount, closed_on))| ReportedDeal {
                line: at as u64,
                id: Some(format!("D-{id}")),
                amount: amount.map(Decimal::from),
                closed_on,
                ..ReportedDeal::default()
            })
            .collect();
        let reported: Decimal = lines.iter().filter_map(|line| line.amount).sum();
        let counted: Decimal = deals.iter().filter_map(|deal| deal.counted).sum();
        let effects: Decimal = found(&lines, &deals).iter().map(DifferingDeal::effect).sum();
        prop_assert_eq!(counted + effects, reported);
    }
}
