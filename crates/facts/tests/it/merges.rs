//! Merges: what is one and the same is read as one, as of the time since when that was said, and
//! nothing that was delivered changes.

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use attain_facts::merge::{Merge, merge};
use attain_facts::store::Snapshot;
use attain_records::{Actor, audit};
use datafusion::arrow::array::Array;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;

use crate::office::{Office, at, plain_mapping, rows_of};

const COLUMNS: [(Table, &[&str]); 5] = [
    (Table::Team, &["name", "parent_team_id"]),
    (Table::Employee, &["display_name"]),
    (Table::TeamAssignment, &["employee_id", "team_id", "valid_from", "valid_to"]),
    (Table::ManagerAssignment, &["employee_id", "manager_id"]),
    (Table::Opportunity, &["outcome", "owner_id"]),
];

async fn deliver(office: &Office, instant: &str, files: &[(Table, &str)]) {
    let tables: Vec<_> =
        COLUMNS.into_iter().filter(|(table, _)| files.iter().any(|(of, _)| of == table)).collect();
    let paths: Vec<_> = files
        .iter()
        .map(|(table, rows)| {
            let (_, columns) = COLUMNS.iter().find(|(of, _)| of == table).expect("a table");
            office.deliver(&format!("{table}.csv"), format!("id,{}\n{rows}", columns.join(",")))
        })
        .collect();
    let report = office.import_at(instant, &plain_mapping(&tables, ""), &paths).await.expect("imported");
    assert_eq!(report.total().rejected, 0, "{report:?}");
}

/// Anna in the north, and A. Snelling, who is she, with a deal each.
async fn office() -> Office {
    let office = Office::open().await;
    people(&office).await;
    office
}

async fn people(office: &Office) {
    let files = [
        (Table::Team, "n,North,\ns,South,\n"),
        (Table::Employee, "anna,Anna\nsnelling,A. Snelling\nben,Ben\n"),
        (Table::TeamAssignment, "1,anna,n,2024-03-01,2024-09-01\n2,snelling,s,2024-01-01,\n"),
        (Table::Opportunity, "D1,open,anna\nD2,open,snelling\nD3,open,ben\n"),
    ];
    deliver(office, "2026-01-01T00:00:00Z", &files).await;
}

async fn change(office: &Office, table: Table, one: &str, into: Option<&str>) -> Result<i64, String> {
    let wanted = Merge { table, one, into, reason: "one person", now: at("2026-02-01T00:00:00Z") };
    let merged = merge(&office.store, &Actor::local_owner(), &wanted).await;
    merged.map(|(number, _)| number).map_err(|error| error.to_string())
}

/// Some columns of the rows of a table as questions see them.
async fn seen(snapshot: &Snapshot, table: Table, columns: &[&str]) -> Vec<String> {
    let rows = snapshot.resolved(&SessionContext::new(), table).await.expect("rows");
    let mut told = Vec::new();
    for batch in rows.collect().await.expect("rows") {
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|name| batch.column_by_name(name).expect("a column"));
            let cells = cells.map(|column| match column.is_null(row) {
                true => "–".to_owned(),
                false => array_value_to_string(column, row).expect("text"),
            });
            told.push(cells.collect::<Vec<_>>().join(" "));
        }
    }
    told.sort();
    told
}

const OWNERS: (Table, [&str; 2]) = (Table::Opportunity, ["source_id", "owner_id"]);

#[tokio::test]
async fn deals_of_both_are_of_the_one_from_then_on_and_of_both_as_of_before() {
    for office in Office::open_both().await {
        people(&office).await;
        let before = office.snapshot().await;
        let (table, columns) = OWNERS;
        let apart = ["D1 person-1", "D2 person-3", "D3 person-2"];
        assert_eq!(seen(&before, table, &columns).await, apart);
        let raw = rows_of(&before, table).await;
        assert_eq!(change(&office, Table::Employee, "A. SNELLING", Some("anna")).await, Ok(2));
        let office = office.reopen().await;
        let merged = office.snapshot().await;
        assert_eq!(seen(&merged, table, &columns).await, ["D1 person-1", "D2 person-1", "D3 person-2"]);
        let people = ["person-1 Anna", "person-2 Ben"];
        assert_eq!(seen(&merged, Table::Employee, &["employee_id", "display_name"]).await, people);
        assert_eq!(rows_of(&merged, table).await, raw, "no row changes");
        let then = office.snapshot_at(before.committed_at()).await.expect("a snapshot");
        assert_eq!(seen(&then, table, &columns).await, apart);
        assert_eq!(change(&office, Table::Employee, "person-3", None).await, Ok(3));
        assert_eq!(seen(&office.snapshot().await, table, &columns).await, apart);
        let then = office.snapshot_at(merged.committed_at()).await.expect("a snapshot");
        assert_eq!(then.number(), 2);
        assert_eq!(seen(&then, Table::Employee, &["employee_id", "display_name"]).await, people);
    }
}

#[tokio::test]
async fn where_both_belong_somewhere_the_kept_ones_place_holds() {
    let office = office().await;
    change(&office, Table::Employee, "snelling", Some("anna")).await.expect("merged");
    let columns = ["employee_id", "team_id", "valid_from", "valid_to"];
    let seen = seen(&office.snapshot().await, Table::TeamAssignment, &columns).await;
    assert_eq!(
        seen,
        [
            "person-1 team-1 2024-03-01 2024-09-01",
            "person-1 team-2 2024-01-01 2024-03-01",
            "person-1 team-2 2024-09-01 –",
        ]
    );
}

#[tokio::test]
async fn rows_delivered_later_are_of_the_one_as_well() {
    let office = office().await;
    change(&office, Table::Employee, "snelling", Some("anna")).await.expect("merged");
    let files = [(Table::Employee, "snelling,Anna Snelling\n"), (Table::Opportunity, "D4,open,snelling\n")];
    deliver(&office, "2026-03-01T00:00:00Z", &files).await;
    let (table, columns) = OWNERS;
    let snapshot = office.snapshot().await;
    assert!(seen(&snapshot, table, &columns).await.contains(&"D4 person-1".to_owned()));
    assert_eq!(seen(&snapshot, Table::Employee, &["display_name"]).await, ["Anna", "Ben"]);
    let undone = office.undo_at("2026-03-02T00:00:00Z", 3).await.expect("what came later is undone");
    assert_eq!(undone.report.changes(), 2);
    assert_eq!(seen(&office.snapshot().await, table, &columns).await.len(), 3);
}

#[tokio::test]
async fn a_chain_leads_to_its_end_and_no_circle_is_closed() {
    let office = office().await;
    change(&office, Table::Employee, "snelling", Some("anna")).await.expect("merged");
    change(&office, Table::Employee, "anna", Some("ben")).await.expect("merged");
    let (table, columns) = OWNERS;
    assert_eq!(
        seen(&office.snapshot().await, table, &columns).await,
        ["D1 person-2", "D2 person-2", "D3 person-2"]
    );
    for (one, into, says) in [
        (
            "ben",
            "snelling",
            "person-3 is merged into person-2, so person-2 cannot become part of it; take that apart first. Nothing was changed",
        ),
        (
            "anna",
            "ben",
            "person-1 is merged into person-2 already; take that apart first. Nothing was changed",
        ),
        ("ben", "Ben", "person-2 is person-2: name two different ones. Nothing was changed"),
        (
            "nobody",
            "ben",
            "there is no employee `nobody`, neither as id nor as key nor as name; nothing was changed",
        ),
    ] {
        assert_eq!(change(&office, Table::Employee, one, Some(into)).await, Err(says.to_owned()));
    }
    let says = "person-2 is not merged into another; nothing was changed";
    assert_eq!(change(&office, Table::Employee, "ben", None).await, Err(says.to_owned()));
    let says = "rows of opportunity are not merged: only people, teams, territories, accounts and products are. Nothing was changed";
    assert_eq!(change(&office, Table::Opportunity, "D1", Some("D2")).await, Err(says.to_owned()));
    change(&office, Table::Employee, "anna", None).await.expect("apart");
    assert_eq!(
        seen(&office.snapshot().await, table, &columns).await,
        ["D1 person-1", "D2 person-1", "D3 person-2"]
    );
}

#[tokio::test]
async fn nobody_comes_to_stand_above_themselves() {
    let office = office().await;
    let files = [
        (Table::Team, "n,North,\ns,South,\nm,Middle,n\ne,East,m\n"),
        (Table::ManagerAssignment, "1,snelling,ben\n2,ben,anna\n"),
    ];
    deliver(&office, "2026-01-02T00:00:00Z", &files).await;
    let says = "as one, person-3 and person-1 would stand above themselves in manager_assignment; correct that in the source first. Nothing was changed";
    assert_eq!(change(&office, Table::Employee, "snelling", Some("anna")).await, Err(says.to_owned()));
    let says = "as one, team-1 and team-3 would stand above themselves in team; correct that in the source first. Nothing was changed";
    assert_eq!(change(&office, Table::Team, "North", Some("East")).await, Err(says.to_owned()));
    change(&office, Table::Team, "East", Some("Middle")).await.expect("a part becomes the whole");
    let teams = seen(&office.snapshot().await, Table::Team, &["name", "parent_team_id"]).await;
    assert_eq!(teams, ["Middle team-1", "North –", "South –"]);
}

#[tokio::test]
async fn the_history_and_the_audit_log_say_what_was_merged() {
    for office in Office::open_both().await {
        people(&office).await;
        change(&office, Table::Employee, "snelling", Some("anna")).await.expect("merged");
        change(&office, Table::Employee, "snelling", None).await.expect("apart");
        let actor = Actor::local_owner();
        let merges = office.store.merges(&actor).await.expect("merges");
        let told: Vec<_> = merges
            .iter()
            .map(|import| {
                (import.number, import.merged.clone().and_then(|merged| merged.into), import.reason.as_str())
            })
            .collect();
        assert_eq!(told, [(2, Some("person-1".to_owned()), "one person"), (3, None, "one person")]);
        let entries = audit::entries(office.store.records(), &actor, None, 2).await.expect("entries");
        let told: BTreeMap<&str, &str> =
            entries.iter().map(|entry| (entry.action.as_str(), entry.subject.as_str())).collect();
        assert_eq!(
            told,
            BTreeMap::from([
                ("identity.merge", "employee person-3"),
                ("identity.unmerge", "employee person-3")
            ])
        );
        let refused = office.undo_at("2026-03-01T00:00:00Z", 2).await.expect_err("no delivery").to_string();
        assert!(refused.contains("it merged or took apart employee person-3"), "{refused}");
    }
}
