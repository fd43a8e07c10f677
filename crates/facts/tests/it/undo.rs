//! Undoing an import: afterwards it is as if it had never been, except for whoever asks as of the
//! time when it was there.

use std::collections::BTreeSet;

use attain_facts::canonical::Table;
use attain_facts::import::{Imported, Undo, UndoError, preview_undo};
use attain_facts::store::Snapshot;
use attain_records::{Actor, audit};
use datafusion::prelude::SessionContext;
use jiff::civil::date;
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::generated::{Facts, facts, facts_of, generated, mapping, step};
use crate::office::{Office, at, plain_mapping, rejected, rows_of};

const PEOPLE: &str = "id,display_name\nanna,Anna\nben,Ben\n";
const DEALS: &str = "id,owner_id,amount\nD1,anna,100\nD2,anna,200\nD3,ben,300\n";

/// Import 1: two people and three deals; import 2: one deal more, one dearer, one gone.
async fn corrected(office: &Office) {
    let people = office.deliver("employee.csv", PEOPLE);
    let deals = office.deliver("opportunity.csv", DEALS);
    office.import_at(&step(0), &mapping("full"), &[people, deals]).await.expect("imported");
    correct(office, 1).await;
}

async fn correct(office: &Office, at_step: usize) {
    let deals =
        office.deliver("opportunity.csv", "id,owner_id,amount\nD1,anna,150\nD2,anna,200\nD4,ben,400\n");
    let report = office.import_at(&step(at_step), &mapping("full"), &[deals]).await.expect("imported");
    assert_eq!(report.changes(), 3);
}

fn counts(imported: &Imported) -> Vec<(Table, u64, u64, u64)> {
    imported.report.tables.iter().map(|of| (of.table, of.created, of.changed, of.deleted)).collect()
}

#[tokio::test]
async fn what_an_import_created_is_gone_what_it_changed_is_as_before_what_it_deleted_is_back() {
    for office in Office::open_both().await {
        corrected(&office).await;
        let (first, second) = (at(&step(0)), at(&step(1)));
        let before = facts_of(&office.snapshot_at(first).await.expect("the first")).await;
        let with = facts_of(&office.snapshot_at(second).await.expect("the second")).await;
        let undone = office.undo_at(&step(2), 2).await.expect("undone");
        assert_eq!((undone.number, undone.snapshot), (Some(3), 3));
        assert_eq!(counts(&undone), [(Table::Opportunity, 1, 1, 1)]);
        assert_eq!(facts(&office).await, before);
        let office = office.reopen().await;
        assert_eq!(facts_of(&office.snapshot_at(second).await.expect("the second")).await, with);
        correct(&office, 3).await;
        assert_eq!(facts(&office).await, with);
    }
}

#[tokio::test]
async fn the_history_and_the_audit_log_say_what_was_undone_and_why() {
    for office in Office::open_both().await {
        corrected(&office).await;
        office.undo_at(&step(2), 2).await.expect("undone");
        let actor = Actor::local_owner();
        let imports = office.store.imports(&actor, 10).await.expect("imports");
        let told: Vec<_> =
            imports.iter().map(|import| (import.number, import.undoes, import.undone_by)).collect();
        assert_eq!(told, [(3, Some(2), None), (2, None, Some(3)), (1, None, None)]);
        assert_eq!(imports[0].reason, "the wrong file");
        let entries = audit::entries(office.store.records(), &actor, None, 10).await.expect("entries");
        let newest = entries.iter().max_by_key(|entry| entry.sequence).expect("an entry");
        assert_eq!((newest.action.as_str(), newest.subject.as_str()), ("import.undo", "import 2"));
        assert!(newest.detail.contains("the wrong file"), "{}", newest.detail);
    }
}

#[tokio::test]
async fn a_preview_says_what_would_change_and_writes_nothing() {
    let office = Office::open().await;
    corrected(&office).await;
    let with = facts(&office).await;
    let clock = || at(&step(2));
    let preview = Undo { import: 2, reason: "", clock: &clock };
    let told =
        preview_undo(&office.store, &Actor::local_owner(), &preview, &|_| {}).await.expect("a preview").0;
    assert_eq!((told.number, counts(&told)), (None, vec![(Table::Opportunity, 1, 1, 1)]));
    assert_eq!(facts(&office).await, with);
    assert_eq!(office.store.newest_import(&Actor::local_owner()).await.expect("a number"), 2);
}

#[tokio::test]
async fn the_first_import_can_be_undone_as_well_and_imported_again() {
    for office in Office::open_both().await {
        corrected(&office).await;
        let with = facts(&office).await;
        office.undo_at(&step(2), 2).await.expect("undone");
        office.undo_at(&step(3), 1).await.expect("undone");
        assert_eq!(facts(&office).await, Facts::new());
        let snapshot = office.snapshot().await;
        assert_eq!(snapshot.coverage(), None);
        assert!(!snapshot.supplies(Table::Opportunity, "amount"));
        assert_eq!(snapshot.last_deliveries(Table::Opportunity), []);
        let people = office.deliver("employee.csv", PEOPLE);
        let deals = office.deliver("opportunity.csv", DEALS);
        office.import_at(&step(4), &mapping("full"), &[people, deals]).await.expect("imported");
        correct(&office, 5).await;
        assert_eq!(facts(&office).await, with);
    }
}

#[tokio::test]
async fn coverage_columns_and_company_are_as_before() {
    for office in Office::open_both().await {
        corrected(&office).await;
        let wider = mapping("delta")
            .replace("2025-01-01", "2026-01-01")
            .replace("Example company", "Another name")
            .replace(
                "amount: amount }",
                "amount: amount, competitor: rival }, attributes: { size: { column: size, type: number } }",
            );
        let deals = office.deliver("opportunity.csv", "id,owner_id,amount,rival,size\nD5,ben,1,Rex,7\n");
        office.import_at(&step(2), &wider, &[deals]).await.expect("imported");
        let told = |snapshot: &Snapshot| {
            (
                snapshot.coverage().expect("days").1,
                snapshot.company().name.clone(),
                snapshot.supplies(Table::Opportunity, "competitor"),
                snapshot.attributes(Table::Opportunity).len(),
                snapshot.last_deliveries(Table::Opportunity)[0].at,
            )
        };
        let with = (date(2026, 1, 1), "Another name".to_owned(), true, 1, at(&step(2)));
        assert_eq!(told(&office.snapshot().await), with);
        office.undo_at(&step(3), 3).await.expect("undone");
        let before = (date(2025, 1, 1), "Example company".to_owned(), false, 0, at(&step(1)));
        assert_eq!(told(&office.snapshot().await), before);
        let then = office.snapshot_at(at(&step(2))).await.expect("a snapshot");
        assert_eq!(told(&then), with);
        assert_eq!(rows_of(&then, Table::Opportunity).await["D5"]["attributes.size"], "7.000000");
    }
}

#[tokio::test]
async fn an_import_that_changed_nothing_is_undone_without_a_snapshot() {
    let office = Office::open().await;
    corrected(&office).await;
    let with = facts(&office).await;
    let deals = office.input().join("opportunity.csv");
    let later = mapping("full").replace("2025-01-01", "2026-01-01");
    office.import_at(&step(2), &later, &[deals]).await.expect("imported");
    let undone = office.undo_at(&step(3), 3).await.expect("undone");
    assert_eq!((undone.number, undone.snapshot, undone.report.changes()), (Some(4), 2, 0));
    assert_eq!(facts(&office).await, with);
    assert_eq!(office.snapshot().await.coverage().expect("days").1, date(2025, 1, 1));
}

fn refusal(undone: Result<Imported, UndoError>) -> String {
    undone.expect_err("refused").to_string()
}

#[tokio::test]
async fn an_import_is_undone_once_and_an_undo_never() {
    for office in Office::open_both().await {
        corrected(&office).await;
        assert_eq!(refusal(office.undo_at(&step(2), 9).await), "there is no import 9; nothing was undone");
        office.undo_at(&step(2), 2).await.expect("undone");
        assert_eq!(
            refusal(office.undo_at(&step(3), 2).await),
            "import 2 was undone already, by import 3; nothing was changed. To have it again, import its files again"
        );
        assert_eq!(
            refusal(office.undo_at(&step(3), 3).await),
            "import 3 is the undo of import 2, and an undo is not undone; nothing was changed. To have import 2 again, import its files again"
        );
    }
}

#[tokio::test]
async fn an_import_whose_rows_a_later_one_changed_is_not_undone_before_it() {
    let office = Office::open().await;
    corrected(&office).await;
    assert_eq!(
        refusal(office.undo_at(&step(2), 1).await),
        "import 1 cannot be undone while later imports build on it: import 2 changed 2 rows of opportunity that it had brought or changed; import 2 delivered 1 row of opportunity that it may have brought too; import 2 brought 1 row of opportunity about employee rows that it had brought. Undo import 2 first. Nothing was undone"
    );
}

#[tokio::test]
async fn people_are_not_undone_from_under_the_deals_they_own() {
    let office = Office::open().await;
    let people = office.deliver("employee.csv", PEOPLE);
    office.import_at(&step(0), &mapping("delta"), &[people]).await.expect("people");
    let deals = office.deliver("opportunity.csv", DEALS);
    office.import_at(&step(1), &mapping("delta"), std::slice::from_ref(&deals)).await.expect("deals");
    assert_eq!(
        refusal(office.undo_at(&step(2), 1).await),
        "import 1 cannot be undone while later imports build on it: import 2 brought 3 rows of opportunity about employee rows that it had brought. Undo import 2 first. Nothing was undone"
    );
    office.undo_at(&step(2), 2).await.expect("deals");
    office.undo_at(&step(3), 1).await.expect("people");
    let report = office.import_at(&step(4), &mapping("delta"), &[deals]).await.expect("imported");
    assert_eq!(report.total().rejected, 3, "nobody is there to own them: {:?}", rejected(&report));
    let people = office.input().join("employee.csv");
    office.import_at(&step(5), &mapping("delta"), &[people]).await.expect("people");
    let ids: Vec<String> =
        office.rows(Table::Employee).await.values().map(|row| row["employee_id"].clone()).collect();
    assert_eq!(ids, ["person-1", "person-2"], "who comes back has the same id");
}

#[tokio::test]
async fn rows_are_not_put_back_that_contradict_later_ones() {
    let office = Office::open().await;
    let parts = |rows: &str| {
        office.deliver("employee_attr.csv", format!("id,employee_id,fte,valid_from,valid_to\n{rows}"))
    };
    let people = office.deliver("employee.csv", PEOPLE);
    let inputs = [people, parts("1,anna,1,2024-01-01,\n2,ben,1,2024-01-01,\n")];
    office.import_at(&step(0), &mapping("delta"), &inputs).await.expect("people");
    for (at_step, row) in [
        (1, "1,anna,1,2024-01-01,2024-06-01\n"),
        (2, "3,anna,0.5,2024-06-01,\n"),
        (3, "2,ben,0.8,2024-01-01,\n"),
    ] {
        office.import_at(&step(at_step), &mapping("delta"), &[parts(row)]).await.expect("a part");
    }
    assert_eq!(
        refusal(office.undo_at(&step(4), 2).await),
        "import 2 cannot be undone while later imports build on it: import 4 changed employee_attr so that what it had replaced would contradict it. Undo import 4 first. Nothing was undone"
    );
    office.undo_at(&step(5), 3).await.expect("the newer part of Anna's alone");
    office.undo_at(&step(6), 2).await.expect("then the older one");
    let rows = office.rows(Table::EmployeeAttr).await;
    assert_eq!((rows.len(), rows["1"].get("valid_to"), rows["2"]["fte"].as_str()), (2, None, "0.800000"));
}

#[tokio::test]
async fn imports_of_other_rows_and_of_other_sources_are_undone_in_any_order() {
    let office = Office::open().await;
    let people = office.deliver("employee.csv", PEOPLE);
    office.import_at(&step(0), &mapping("delta"), &[people]).await.expect("people");
    for (number, rows) in [(1, "D1,anna,100\n"), (2, "D2,ben,200\n")] {
        let deals = office.deliver("opportunity.csv", format!("id,owner_id,amount\n{rows}"));
        office.import_at(&step(number), &mapping("delta"), &[deals]).await.expect("deals");
    }
    let other =
        plain_mapping(&[(Table::Opportunity, &["outcome"])], "").replace("source: crm", "source: other");
    let deals = office.deliver("opportunity.csv", "id,outcome\nD1,open\n");
    office.import_at(&step(3), &other, &[deals]).await.expect("another source");
    office.undo_at(&step(4), 2).await.expect("undone");
    let sources: Vec<String> =
        office.rows(Table::Opportunity).await.values().map(|row| row["source_system"].clone()).collect();
    assert_eq!(sources, ["other", "crm"]);
}

/// Owners seen by successive deliveries decide who is credited, so an undone delivery was never seen.
#[tokio::test]
async fn an_undone_version_was_never_held_for_anyone() {
    let office = Office::open().await;
    corrected(&office).await;
    for (number, row) in [(2, "D2,ben,200\n"), (3, "D2,ben,250\n")] {
        let deals = office.deliver("opportunity.csv", format!("id,owner_id,amount\n{row}"));
        office.import_at(&step(number), &mapping("delta"), &[deals]).await.expect("imported");
    }
    let owners = async || {
        let snapshot = office.snapshot().await;
        let versions = snapshot.versions(&SessionContext::new(), Table::Opportunity).await.expect("versions");
        let batches = versions.expect("some").collect().await.expect("rows");
        let text = |batch: &datafusion::arrow::array::RecordBatch, column: &str, row: usize| {
            let column = batch.column_by_name(column).expect("a column");
            datafusion::arrow::util::display::array_value_to_string(column, row).expect("text")
        };
        let mut told: Vec<String> = Vec::new();
        for batch in &batches {
            for row in (0..batch.num_rows()).filter(|row| text(batch, "source_id", *row) == "D2") {
                told.push(
                    ["recorded_snapshot", "superseded_snapshot", "owner_id"]
                        .map(|name| text(batch, name, row))
                        .join(" "),
                );
            }
        }
        told.sort();
        told
    };
    assert_eq!(owners().await, ["1 3 person-1", "3 4 person-2", "4  person-2"]);
    office.undo_at(&step(4), 4).await.expect("undone");
    assert_eq!(owners().await, ["1 3 person-1", "3 5 person-2", "5  person-2"]);
    office.undo_at(&step(5), 3).await.expect("undone");
    assert_eq!(owners().await, ["1 6 person-1", "6  person-1"]);
}

// Generated deliveries.

/// What is known of every step so far.
async fn all_known(office: &Office, steps: usize) -> Vec<Facts> {
    let mut known = Vec::new();
    for number in 0..steps {
        let snapshot = office.snapshot_at(at(&step(number))).await.expect("a snapshot");
        known.push(facts_of(&snapshot).await);
    }
    known
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Issue 5: import, undo and import again leaves the same facts as import once, and what was known
    /// before stays known as of then.
    #[test]
    fn import_undo_and_import_again_are_as_import_once(deliveries in prop::collection::vec(generated(), 1..4)) {
        Runtime::new().expect("a runtime").block_on(async {
            let office = Office::open().await;
            for (number, delivery) in deliveries.iter().enumerate() {
                delivery.import(&office, number).await;
            }
            let known = all_known(&office, deliveries.len()).await;
            for undone in (0..deliveries.len()).rev() {
                office.undo_at(&step(2 * deliveries.len() - undone), 1 + undone as i64).await.expect("undone");
                let before = undone.checked_sub(1).map(|before| known[before].clone()).unwrap_or_default();
                assert_eq!(facts(&office).await, before, "without import {}", undone + 1);
            }
            for (number, delivery) in deliveries.iter().enumerate() {
                delivery.import(&office, 3 * deliveries.len() + number).await;
                assert_eq!(facts(&office).await, known[number], "with import {} again", number + 1);
            }
            assert_eq!(all_known(&office, deliveries.len()).await, known);
        });
    }

    /// An import that is undone before later ones takes its own rows with it and nothing else; one
    /// that cannot be says which must go first, and then it can.
    #[test]
    fn an_earlier_import_is_undone_alone_or_after_those_it_names(
        deliveries in prop::collection::vec(generated(), 2..5),
        chosen in any::<prop::sample::Index>(),
    ) {
        Runtime::new().expect("a runtime").block_on(async {
            let office = Office::open().await;
            for (number, delivery) in deliveries.iter().enumerate() {
                delivery.import(&office, number).await;
            }
            let known = all_known(&office, deliveries.len()).await;
            let chosen = chosen.index(deliveries.len());
            let mut undone = BTreeSet::new();
            let mut now = deliveries.len();
            undo_with_what_builds_on_it(&office, chosen, &mut undone, &mut now).await;
            let mut expected = known.last().expect("imports").clone();
            for number in undone.iter().rev() {
                let before = number.checked_sub(1).map(|before| known[before].clone()).unwrap_or_default();
                for key in known[*number].keys().chain(before.keys()) {
                    match (before.get(key), known[*number].get(key)) {
                        (Some(row), with) if with != Some(row) => { expected.insert(key.clone(), row.clone()); }
                        (None, Some(_)) => { expected.remove(key); }
                        _ => {}
                    }
                }
            }
            let left = facts(&office).await;
            assert_eq!(left, expected, "without {undone:?}");
            for ((table, key), row) in &left {
                let owner = row.get("owner_id").or_else(|| row.get("employee_id").filter(|_| *table != Table::Employee));
                let is_there = |owner: &String| left.iter().any(|((of, _), row)| *of == Table::Employee && row["employee_id"] == *owner);
                assert!(owner.is_none_or(is_there), "{table} {key} refers to nobody");
            }
        });
    }
}

async fn undo_with_what_builds_on_it(
    office: &Office,
    chosen: usize,
    undone: &mut BTreeSet<usize>,
    now: &mut usize,
) {
    loop {
        *now += 1;
        match office.undo_at(&step(*now), 1 + chosen as i64).await {
            Ok(_) => {
                undone.insert(chosen);
                return;
            }
            Err(UndoError::BuiltOn { obstacles, .. }) => {
                let first = obstacles.imports()[0];
                let first = usize::try_from(first - 1).expect("a number");
                assert!(first > chosen, "only later ones: {obstacles}");
                Box::pin(undo_with_what_builds_on_it(office, first, undone, now)).await;
            }
            Err(other) => panic!("{other}"),
        }
    }
}
