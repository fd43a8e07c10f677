//! Rows that are refused for what they say about themselves, and for what others say.

use attain_facts::canonical::Table;
use attain_facts::import::ImportReport;

use crate::office::{Office, plain_mapping, rejected};

/// What every office here knows: two people, their teams, a territory, an account, deals and a lead.
const KNOWN: [(Table, &[&str], &str); 6] = [
    (Table::Team, &["name"], "id,name\nN,North\nS,South\n"),
    (Table::Employee, &["display_name"], "id,display_name\nanna,Anna\nben,Ben\ncy,Cy\n"),
    (Table::Territory, &["name"], "id,name\nW,West\nE,East\n"),
    (Table::Account, &["name"], "id,name\nacme,Acme\n"),
    (Table::Lead, &["source"], "id,source\nL1,web\n"),
    (Table::Opportunity, &["outcome"], "id,outcome\nD1,open\nD2,open\n"),
];

async fn known() -> Office {
    let office = Office::open().await;
    for (table, columns, content) in KNOWN {
        let path = office.deliver(&format!("{table}.csv"), content);
        office.import(&plain_mapping(&[(table, columns)], ""), &[path]).await.expect("imported");
    }
    office
}

async fn deliver(office: &Office, table: Table, content: &str, lines: &str) -> ImportReport {
    let header = content.lines().next().expect("a header");
    let columns: Vec<&str> = header.split(',').skip(1).collect();
    let path = office.deliver(&format!("{table}.csv"), content);
    let mapping = plain_mapping(&[(table, columns.as_slice())], lines);
    office.import(&mapping, &[path]).await.unwrap_or_else(|error| panic!("{table}: {error}"))
}

/// What is said about the rows of one file delivered to the office.
async fn check(office: &Office, table: Table, content: &str, expected: &[&str]) {
    let report = deliver(office, table, content, "").await;
    assert_eq!(rejected(&report), expected, "{table}\n{content}");
    let total = report.total();
    assert_eq!(total.read, total.accepted + total.unchanged + total.filtered + total.rejected);
}

/// A file of its own to an office of its own.
async fn check_alone(table: Table, content: &str, expected: &[&str]) {
    check(&known().await, table, content, expected).await;
}

#[tokio::test]
async fn cells_that_make_no_sense_in_their_column_are_refused() {
    let office = known().await;
    for (table, content, expected) in [
        (
            Table::Employee,
            "id,display_name,time_zone\ndi,Di,Berlin\n",
            "2|time_zone|Berlin|is not a time zone such as Europe/Berlin",
        ),
        (Table::Employee, "id,display_name,fte\ndi,Di,0\n", "2|fte|0|must be more than 0"),
        (
            Table::Opportunity,
            "id,outcome,probability\nD3,open,60\n",
            "2|probability|60|is not a share from 0 to 1; for per cent, write `format: \"12.5 %\"` in the mapping",
        ),
        (
            Table::Opportunity,
            "id,outcome,amount_ccy\nD3,open,XYZ\n",
            "2|amount_ccy|XYZ|is not a currency code such as USD",
        ),
        (
            Table::InvoiceLine,
            "id,account_id,quantity,kind\n1,acme,-2,new\n",
            "2|quantity|-2|must not be negative",
        ),
        (
            Table::Activity,
            "id,employee_id,occurred_at,duration_s\n1,anna,2024-01-01,1.5\n",
            "2|duration_s|1.5|is not a whole number",
        ),
        (
            Table::Activity,
            "id,employee_id,occurred_at\n1,anna,\n",
            "2|occurred_at|-|is blank and must not be",
        ),
        (
            Table::FxRate,
            "id,rate_set,from_ccy,to_ccy,rate_date,rate\n1,spot,EUR,USD,2024-01-01,0\n",
            "2|rate|0|must be more than 0",
        ),
        (Table::CampaignCost, "id,month\n1,March\n", "2|month|March|is not a date as in 2024-11"),
        (
            Table::Lead,
            "id,status\nL2,lukewarm\n",
            "2|status|lukewarm|is not known; known are: new, working, qualified, converted, disqualified, recycled",
        ),
        (
            Table::EmployeeAbsence,
            "id,employee_id,from,to\n1,anna,2024-03-04,2024-03-04\n",
            "2|to|2024-03-04|is not later than from",
        ),
        (
            Table::LeadOwner,
            "id,lead_id,employee_id,valid_from,valid_to\n1,L1,anna,2024-01-02T09:00:00Z,2024-01-02T08:00:00Z\n",
            "2|valid_to|1704182400000000|is not later than valid_from",
        ),
        (
            Table::ManagerAssignment,
            "id,employee_id,manager_id,kind\n1,anna,anna,dotted\n",
            "2|manager_id|anna|leads back to the same person; nobody manages themselves, directly or through others",
        ),
    ] {
        check(&office, table, content, &[expected]).await;
    }
}

#[tokio::test]
async fn a_credit_note_takes_back_what_was_invoiced() {
    check_alone(Table::InvoiceLine, "id,account_id,quantity,net_amount,kind\n1,acme,-2,-10,credit\n", &[])
        .await;
}

#[tokio::test]
async fn a_target_is_for_somebody_who_is_known() {
    let content = "id,kpi_id,subject_kind,subject_id,period_id
1,bookings,employee,anna,2024-Q1
2,bookings,team,anna,2024-Q1
3,bookings,territory,W,2024-Q1
4,bookings,company,all of us,2024-Q1
";
    check_alone(
        Table::Target,
        content,
        &["3|subject_id|anna|is no known team; add it or correct the spelling"],
    )
    .await;
}

#[tokio::test]
async fn what_refers_to_a_deal_that_no_file_brought_is_refused() {
    let office = known().await;
    let content = "id,employee_id,occurred_at,opportunity_id,lead_id
1,anna,2024-01-01,D1,L1
2,anna,2024-01-01,D9,
3,anna,2024-01-01,,L9
4,anna,2024-01-01,,
";
    check(
        &office,
        Table::Activity,
        content,
        &[
            "4|lead_id|L9|is no known lead; add it or correct the spelling",
            "3|opportunity_id|D9|is no known opportunity; add it or correct the spelling",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_refers_to_a_deal_deleted_since_is_still_known() {
    let office = known().await;
    deliver(&office, Table::Opportunity, "id,outcome\nD2,open\n", "    mode: full\n").await;
    assert_eq!(office.rows(Table::Opportunity).await.len(), 1, "D1 is gone");
    check(&office, Table::Activity, "id,employee_id,occurred_at,opportunity_id\n1,anna,2024-01-01,D1\n", &[])
        .await;
}

#[tokio::test]
async fn what_refers_to_a_refused_deal_is_refused_with_it() {
    let office = known().await;
    let tables: [(Table, &[&str]); 3] = [
        (Table::Opportunity, &["outcome", "lead_id"]),
        (Table::Lead, &["converted_opportunity_id"]),
        (Table::CreditSplit, &["opportunity_id", "employee_id", "kind", "share"]),
    ];
    office.deliver("opportunity.csv", "id,outcome,lead_id\nD7,perhaps,\nD8,open,L7\n");
    office.deliver("lead.csv", "id,converted_opportunity_id\nL7,D7\n");
    office.deliver(
        "credit_split.csv",
        "id,opportunity_id,employee_id,kind,share\n1,D8,anna,primary,0.5\n2,D1,ben,primary,1\n",
    );
    let paths = tables.map(|(table, _)| office.input().join(format!("{table}.csv")));
    let report = office.import(&plain_mapping(&tables, ""), &paths).await.expect("imported");
    assert_eq!(
        rejected(&report),
        [
            "2|outcome|perhaps|is not known; known are: open, won, lost",
            "3|lead_id|L7|is a lead whose own row was rejected; correct that one first",
            "2|converted_opportunity_id|D7|is no known opportunity; add it or correct the spelling",
            "2|opportunity_id|D8|is an opportunity whose own row was rejected; correct that one first",
        ]
    );
    assert_eq!(office.rows(Table::CreditSplit).await.len(), 1);
}

#[tokio::test]
async fn a_thing_is_in_one_place_at_a_time() {
    for (table, columns, same, other, thing) in [
        (Table::TeamAssignment, "employee_id,team_id", "anna,N", "anna,S", "person"),
        (Table::ManagerAssignment, "employee_id,manager_id", "anna,ben", "anna,cy", "person"),
        (Table::EmployeeAttr, "employee_id,fte", "anna,1", "anna,0.5", "person"),
        (Table::AccountOwner, "account_id,employee_id", "acme,anna", "acme,ben", "account"),
        (Table::AccountTerritory, "account_id,territory_id", "acme,W", "acme,E", "account"),
        (Table::LeadOwner, "lead_id,employee_id", "L1,anna", "L1,ben", "lead"),
        (Table::OpportunityOwner, "opportunity_id,employee_id", "D1,anna", "D1,ben", "deal"),
    ] {
        let content = |change: &str| {
            format!("id,{columns},valid_from,valid_to\n1,{same},2024-01-01,2024-02-01\n2,{other},{change},\n")
        };
        check_alone(table, &content("2024-02-01"), &[]).await;
        let overlap = format!("3|-|-|overlaps line 2, which is about the same {thing}");
        check_alone(table, &content("2024-01-31"), &[&overlap]).await;
    }
}

#[tokio::test]
async fn a_target_may_change_within_its_period_and_is_one_at_a_time() {
    let content = "id,kpi_id,subject_kind,subject_id,period_id,value,kind,valid_from,valid_to
1,bookings,employee,anna,2024-Q1,100,quota,,2024-02-15
2,bookings,employee,anna,2024-Q1,120,quota,2024-02-15,
3,bookings,employee,anna,2024-Q1,130,quota,2024-03-01,
4,bookings,employee,anna,2024-Q1,150,stretch,,
5,bookings,employee,anna,2024-Q2,130,quota,,
6,bookings,employee,ben,2024-Q1,130,quota,,
7,win_rate,employee,anna,2024-Q1,0.3,quota,,
";
    check_alone(Table::Target, content, &["4|-|-|overlaps line 3, which is about the same target"]).await;
}

#[tokio::test]
async fn a_new_assignment_must_not_overlap_what_was_delivered_before() {
    let office = known().await;
    let header = "id,employee_id,team_id,valid_from,valid_to\n";
    check(&office, Table::TeamAssignment, &format!("{header}1,anna,N,2024-01-01,\n"), &[]).await;
    let moved = format!("{header}2,anna,S,2024-06-01,\n");
    check(
        &office,
        Table::TeamAssignment,
        &moved,
        &["2|-|-|overlaps what an earlier delivery says about the same person; deliver that row too, with its end"],
    )
    .await;
    let both = format!("{moved}1,anna,N,2024-01-01,2024-06-01\n");
    check(&office, Table::TeamAssignment, &both, &[]).await;
    assert_eq!(office.rows(Table::TeamAssignment).await.len(), 2);
}

#[tokio::test]
async fn a_complete_delivery_replaces_what_it_would_overlap() {
    let office = known().await;
    let header = "id,employee_id,team_id,valid_from,valid_to\n";
    check(&office, Table::TeamAssignment, &format!("{header}1,anna,N,2024-01-01,\n"), &[]).await;
    let only = format!("{header}2,anna,S,2024-01-01,\n");
    let report = deliver(&office, Table::TeamAssignment, &only, "    mode: full\n").await;
    assert_eq!(rejected(&report), Vec::<String>::new());
    let rows = office.rows(Table::TeamAssignment).await;
    assert_eq!(rows.keys().collect::<Vec<_>>(), ["2"]);
}

#[tokio::test]
async fn shares_of_a_territory_are_at_most_one() {
    let content = "id,territory_id,employee_id,share,valid_from,valid_to
1,W,anna,0.6,2024-01-01,2024-07-01
2,W,ben,0.4,2024-01-01,
3,W,cy,0.5,2024-06-01,
4,W,cy,0.6,2024-07-01,2025-01-01
5,E,cy,1,,
";
    check_alone(
        Table::TerritoryAssignment,
        content,
        &["4|share|0.5|is more than what others leave of the same territory"],
    )
    .await;
}

#[tokio::test]
async fn primary_shares_of_a_deal_are_exactly_one() {
    let content = "id,opportunity_id,employee_id,kind,share
1,D1,anna,primary,0.5
2,D1,ben,primary,0.499999
3,D1,cy,overlay,0.3
4,D2,anna,primary,0.333333
5,D2,ben,primary,0.333333
6,D2,cy,primary,0.333334
";
    let reason =
        "is one of the shares of the same deal that do not add up to exactly 1; deliver all of them together";
    let office = known().await;
    check(
        &office,
        Table::CreditSplit,
        content,
        &[&format!("2|share|0.5|{reason}"), &format!("3|share|0.499999|{reason}")],
    )
    .await;
    let one = "id,opportunity_id,employee_id,kind,share\n4,D2,anna,primary,0.4\n";
    check(&office, Table::CreditSplit, one, &[&format!("2|share|0.4|{reason}")]).await;
    let heir = "id,opportunity_id,employee_id,kind,share\n4,D2,ben,primary,0.333333\n";
    check(&office, Table::CreditSplit, heir, &[]).await;
}

#[tokio::test]
async fn subscriptions_may_overlap() {
    let content = "id,account_id,mrr,valid_from,valid_to\n1,acme,10,2024-01-01,\n2,acme,20,2024-01-01,\n";
    check_alone(Table::Subscription, content, &[]).await;
}

#[tokio::test]
async fn no_team_is_part_of_itself_and_nobody_is_their_own_manager() {
    let reason =
        "leads back to this row, and nothing is part of itself; correct parent_team_id here or further up";
    check_alone(
        Table::Team,
        "id,name,parent_team_id\nA,A,B\nB,B,C\nC,C,A\nD,D,\n",
        &[
            &format!("2|parent_team_id|B|{reason}"),
            &format!("3|parent_team_id|C|{reason}"),
            &format!("4|parent_team_id|A|{reason}"),
        ],
    )
    .await;
    let reason = "leads back to the same person; nobody manages themselves, directly or through others";
    let office = known().await;
    let header = "id,employee_id,manager_id,kind,valid_from,valid_to\n";
    check(&office, Table::ManagerAssignment, &format!("{header}1,anna,ben,line,,2024-06-01\n"), &[]).await;
    check(
        &office,
        Table::ManagerAssignment,
        &format!("{header}2,ben,anna,line,2024-05-31,\n3,cy,anna,line,,\n"),
        &[&format!("2|manager_id|anna|{reason}")],
    )
    .await;
    check(&office, Table::ManagerAssignment, &format!("{header}2,ben,anna,line,2024-06-01,\n"), &[]).await;
}
