//! What a delivery would do and did: rows as they will be, money before and after, and nothing at all
//! when it is stopped.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use attain_facts::canonical::Table;
use attain_facts::import::{Delivery, ImportError, Imported, MoneyTotal, SampleFate, import};
use attain_facts::value::Value;
use attain_records::Actor;

use crate::office::{Office, at, parse, plain_mapping};

const COLUMNS: [&str; 6] = ["stage", "outcome", "close_date", "amount", "amount_ccy", "owner_id"];

fn mapping(mode: &str) -> String {
    plain_mapping(&[(Table::Employee, &["display_name"]), (Table::Opportunity, &COLUMNS)], "")
        .replace("  - file: opportunity.csv\n", &format!("  - file: opportunity.csv\n    mode: {mode}\n"))
}

fn delivered(office: &Office, deals: &str) -> Vec<PathBuf> {
    let header = "id,stage,outcome,close_date,amount,amount_ccy,owner_id\n";
    vec![
        office.deliver("employee.csv", "id,display_name\nanna,Anna Snelling\n"),
        office.deliver("opportunity.csv", format!("{header}{deals}")),
    ]
}

const DEALS: &str = "D1,Won,won,2024-01-10,100.50,EUR,anna
D2,Won,won,2024-01-11,200,EUR,anna
D3,Won,won,2024-01-12,300,USD,anna
D4,Open,open,,,EUR,anna
";

/// Imports, or looks at what that would do, for as long as `goes_on` says so.
async fn take(
    office: &Office,
    mapping: &str,
    inputs: &[PathBuf],
    rejects: Option<&Path>,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Result<Imported, ImportError> {
    let mapping = parse(mapping).unwrap_or_else(|error| panic!("{error}\n{mapping}"));
    let clock = || at("2024-06-01T12:00:00Z");
    let delivery =
        Delivery { mapping: &mapping, inputs, left_out: &[], rejects_folder: rejects, clock: &clock };
    let watch = |_: attain_facts::import::Progress<'_>| {
        if goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    import(&office.store, &Actor::local_owner(), &delivery, &mut || [7; 16], &watch).await
}

/// Money by currency: before and after.
fn money(totals: &[MoneyTotal]) -> Vec<String> {
    let words = |total: &MoneyTotal| {
        let currency = total.currency.as_deref().unwrap_or("-");
        format!("{} {currency} {} {}", total.column, total.before.normalize(), total.after.normalize())
    };
    totals.iter().map(words).collect()
}

#[tokio::test]
async fn money_before_and_after_counts_what_came_changed_and_went() {
    for office in Office::open_both().await {
        let report = office.import(&mapping("full"), &delivered(&office, DEALS)).await.expect("imported");
        let deals = report.tables.iter().find(|table| table.table == Table::Opportunity).expect("deals");
        assert_eq!(money(&deals.totals), ["amount EUR 0 300.5", "amount USD 0 300"]);
        let changed = "D1,Won,won,2024-01-10,90,EUR,anna\nD2,Won,won,2024-01-11,200,EUR,anna\nD5,Won,won,2024-02-01,7,CHF,anna\n";
        let report = office.import(&mapping("full"), &delivered(&office, changed)).await.expect("imported");
        let deals = report.tables.iter().find(|table| table.table == Table::Opportunity).expect("deals");
        assert_eq!((deals.created, deals.changed, deals.unchanged, deals.deleted), (1, 1, Some(1), 2));
        assert_eq!(money(&deals.totals), ["amount CHF 0 7", "amount EUR 300.5 290", "amount USD 300 0"]);
    }
}

#[tokio::test]
async fn a_preview_shows_rows_as_they_will_be_and_writes_nothing() {
    let office = Office::open().await;
    let inputs = delivered(&office, DEALS);
    let seen = take(&office, &mapping("delta"), &inputs, None, &|| true).await.expect("a preview");
    let deals = seen.samples.iter().find(|sample| sample.table == Table::Opportunity).expect("deals");
    assert_eq!(deals.columns, ["owner_id", "stage", "outcome", "close_date", "amount", "amount_ccy"]);
    let first = deals.rows.first().expect("a row");
    assert_eq!((first.source_id.as_str(), first.fate), ("D1", SampleFate::Created));
    let text = |text: &str| Some(Value::Text(text.into()));
    assert_eq!(first.cells[0], text("Anna Snelling"), "references by name");
    assert_eq!(first.cells[3], Some(Value::Date("2024-01-10".parse().expect("a day"))));
    assert_eq!(first.cells[4], Some(Value::Decimal("100.5".parse().expect("a number"))));
    assert_eq!(deals.rows[3].cells[3..5], [None, None], "blank is blank");
    assert_eq!(office.store.newest_number(&Actor::local_owner()).await.expect("records"), 0);

    office.import(&mapping("delta"), &inputs).await.expect("imported");
    let changed = DEALS.replace("300,USD", "301,USD");
    let seen = take(&office, &mapping("delta"), &delivered(&office, &changed), None, &|| true).await;
    let seen = seen.expect("a preview");
    let deals = seen.samples.iter().find(|sample| sample.table == Table::Opportunity).expect("deals");
    let fates: Vec<(&str, SampleFate)> =
        deals.rows.iter().map(|row| (row.source_id.as_str(), row.fate)).collect();
    assert_eq!(fates, [("D3", SampleFate::Changed)], "what changes is shown, not what is known");
    let people = seen.samples.iter().find(|sample| sample.table == Table::Employee).expect("people");
    assert_eq!(people.rows[0].fate, SampleFate::Unchanged);
}

#[tokio::test]
async fn stopped_at_any_step_nothing_is_left() {
    let office = Office::open().await;
    let rows: Vec<String> = (0..6_000).map(|row| format!("D{row},Won,won,2024-01-10,1,EUR,anna\n")).collect();
    let inputs = delivered(&office, &rows.concat());
    let rejects = office.folder.path().join("rejects");
    let mut steps = 0_u32;
    loop {
        let left = AtomicU32::new(steps);
        let goes_on = || left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        match take(&office, &mapping("delta"), &inputs, Some(&rejects), &goes_on).await {
            Err(ImportError::Stopped) => {}
            Err(error) => panic!("{error}"),
            Ok(imported) => {
                assert_eq!(imported.number, Some(1));
                break;
            }
        }
        assert_eq!(office.store.newest_import(&Actor::local_owner()).await.expect("records"), 0);
        let facts = office.folder.path().join("facts");
        let left: Vec<PathBuf> = Table::ALL
            .iter()
            .filter_map(|table| std::fs::read_dir(facts.join(table.name())).ok())
            .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
            .collect();
        assert_eq!(left, Vec::<PathBuf>::new(), "after {steps} steps");
        assert!(!facts.join("staging").exists());
        steps += 1;
    }
    assert_eq!(steps, 5, "once while reading, twice while comparing and twice while writing");
}
