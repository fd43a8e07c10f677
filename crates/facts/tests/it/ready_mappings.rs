//! Exports of Salesforce, HubSpot and Pipedrive go in by the mappings that ship, whether their header has
//! API names or labels, and by what is proposed for them.

use std::fs;
use std::path::Path;

use attain_facts::canonical::Table;
use attain_facts::mapping::made;
use attain_facts::suggestion::{Choices, Head, Known, Samples, Suggestion};

use crate::office::{Office, parse, rejected};

fn example(system: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../examples/{system}/mapping.yaml"));
    fs::read_to_string(path).expect("the example")
}

fn deliver(office: &Office, files: &[(&str, &str)]) {
    for (name, content) in files {
        office.deliver(name, content);
    }
}

/// Imports what lies in the office's folder by a mapping; nothing may be rejected.
async fn take(office: &Office, mapping: &str) {
    let report = office.import(mapping, &[office.input()]).await;
    let report = report.unwrap_or_else(|error| panic!("{error}\n{mapping}"));
    assert_eq!(rejected(&report), [""; 0], "{mapping}");
}

/// The mapping that is proposed for what lies in the office's folder, without any answer.
fn proposed(office: &Office) -> (String, Suggestion) {
    let scratch = office.folder.path().join("scratch");
    let samples = Samples::read(&[office.input()], &scratch, &Choices::default()).expect("samples");
    let suggestion = Suggestion::of(&samples, &Known::default(), &Choices::default());
    let head = Head::new("crm", "Example company", "Europe/Berlin", "EUR").expect("a head");
    (suggestion.mapping_text(&head), suggestion)
}

/// Cells of the row of a table with that identifier.
async fn cells(office: &Office, table: Table, id: &str, columns: &[&str]) -> Vec<String> {
    let rows = office.rows(table).await;
    let row = rows.get(id).unwrap_or_else(|| panic!("{table} has no {id}: {:?}", rows.keys()));
    columns.iter().map(|column| row.get(*column).cloned().unwrap_or_default()).collect()
}

const SALESFORCE: &[(&str, &str)] = &[
    (
        "User.csv",
        r#""Id","Username","Email","Name","IsActive","ManagerId","UserRoleId","Title","Department","EmployeeNumber","UserType","TimeZoneSidKey","CreatedDate"
"005Ho000008QwErIAK","ben@corp.example","ben@corp.example","Ben Hill","true","005Ho000001AaBbIAK","00EHo000001RrSsMAK","Account Executive","Sales","10432","Standard","Europe/Berlin","2021-01-04T08:00:00.000Z"
"005Ho000001AaBbIAK","uma@corp.example","uma@corp.example","Uma Frey","true","","","Head of Sales","Sales","10001","Standard","Europe/Berlin","2020-01-04T08:00:00.000Z"
"005Ho000009ZzZzIAK","sync@corp.example","sync@corp.example","Sync","true","","","","","","AutomatedProcess","Europe/Berlin","2020-01-04T08:00:00.000Z"
"#,
    ),
    (
        "Account.csv",
        r#""Id","Name","ParentId","Type","Industry","AnnualRevenue","NumberOfEmployees","BillingCountry","OwnerId","CreatedDate"
"001Ho00000XyZabIAF","Acme GmbH","001Ho00000PpQqRIAV","Customer - Direct","Banking","5000000","120","Germany","005Ho000008QwErIAK","2021-03-01T10:00:00.000+0000"
"001Ho00000PpQqRIAV","Acme Holding","","","","","","","005Ho000001AaBbIAK","2021-03-01T10:00:00.000+0000"
"#,
    ),
    (
        "Opportunity.csv",
        r#""Id","AccountId","Name","StageName","Amount","Probability","CloseDate","IsClosed","IsWon","Type","LeadSource","NextStep","ForecastCategoryName","OwnerId","CurrencyIsoCode","CreatedDate","Loss_Reason__c"
"006Ho00001AbCdEIAV","001Ho00000XyZabIAF","Acme - 50 seats renewal","Gone","12500.00","100","2024-06-30","true","true","Existing Customer - Upgrade","Web","Send
contract","Closed","005Ho000008QwErIAK","EUR","2024-03-15T14:30:00.000Z",""
"006Ho00001AbCdFIAV","001Ho00000XyZabIAF","Acme - lost","Dead end","900.00","0","2024-06-30","true","false","New","Web","","Omitted","005Ho000008QwErIAK","EUR","2024-03-15T14:30:00.000Z","Price"
"006Ho00001AbCdGIAV","001Ho00000XyZabIAF","Acme - open","On the way","","75","2024-09-30","false","false","New","Web","","Best Case","005Ho000008QwErIAK","EUR","2024-03-15T14:30:00.000Z",""
"#,
    ),
    (
        "OpportunityHistory.csv",
        r#""Id","OpportunityId","CreatedDate","CreatedById","StageName","Amount","ExpectedRevenue","CloseDate","Probability"
"008Ho00001ZzYyXIAV","006Ho00001AbCdEIAV","2024-04-02T08:01:00.000Z","005Ho000008QwErIAK","Qualification","10000.00","1000.00","2024-05-31","10"
"#,
    ),
    (
        "Lead.csv",
        r#""Id","Name","Company","Status","LeadSource","OwnerId","IsConverted","ConvertedDate","ConvertedAccountId","ConvertedOpportunityId","CreatedDate"
"00QHo000003NnOoMAK","Ada Byron","Acme GmbH","Whatever","Trade Show","005Ho000008QwErIAK","true","2024-03-15","001Ho00000XyZabIAF","006Ho00001AbCdEIAV","2024-02-09T08:00:00.000Z"
"00QHo000003NnPpMAK","Eve Moss","Moss AG","Working - Contacted","Web","00GHo000001QqQqMAK","false","","","","2024-02-09T08:00:00.000Z"
"#,
    ),
    (
        "Task.csv",
        r#""Id","Subject","TaskSubtype","ActivityDate","Status","IsClosed","OwnerId","WhoId","WhatId","AccountId","CallDurationInSeconds"
"00THo00000TtUuVMAV","Call","Call","2024-03-15","Completed","true","005Ho000008QwErIAK","00QHo000003NnOoMAK","006Ho00001AbCdEIAV","001Ho00000XyZabIAF","185"
"00THo00000TtUuWMAV","Call","Call","2024-09-15","Open","false","005Ho000008QwErIAK","","","",""
"#,
    ),
    (
        "Event.csv",
        r#""Id","Subject","StartDateTime","DurationInMinutes","OwnerId","WhoId","WhatId","AccountId"
"00UHo00000EeFfGMAV","Meeting","2024-03-18T09:00:00.000Z","60","005Ho000008QwErIAK","003Ho00000CcDdEIAV","006Ho00001AbCdEIAV","001Ho00000XyZabIAF"
"#,
    ),
    (
        "ForecastingQuota.csv",
        r#""Id","QuotaOwnerId","StartDate","QuotaAmount","QuotaQuantity","IsAmount","IsQuantity","CurrencyIsoCode"
"0J9Ho000000QqRrKAK","005Ho000008QwErIAK","2024-04-01","250000","","true","false","USD"
"#,
    ),
];

#[tokio::test]
async fn the_objects_of_salesforce_go_in() {
    let office = Office::open().await;
    deliver(&office, SALESFORCE);
    take(&office, &example("salesforce")).await;
    let deal = cells(
        &office,
        Table::Opportunity,
        "006Ho00001AbCdE",
        &["outcome", "stage", "amount", "probability", "close_date"],
    )
    .await;
    assert_eq!(deal, ["won", "Gone", "12500.000000", "1.000000", "2024-06-30"]);
    let of = |id: &'static str| cells(&office, Table::Opportunity, id, &["outcome"]);
    assert_eq!(
        (of("006Ho00001AbCdF").await, of("006Ho00001AbCdG").await),
        (vec!["lost".into()], vec!["open".into()])
    );
    assert_eq!(office.rows(Table::Employee).await.len(), 2, "logins of programs are nobody");
    assert_eq!(office.rows(Table::ManagerAssignment).await.len(), 1);
    assert_eq!(cells(&office, Table::Lead, "00QHo000003NnOo", &["status"]).await, ["converted"]);
    assert_eq!(
        cells(&office, Table::Lead, "00QHo000003NnPp", &["status", "owner_id"]).await,
        ["working", ""]
    );
    let activities = office.rows(Table::Activity).await;
    assert_eq!(activities.len(), 2, "what is planned was not done");
    assert_eq!(activities["00UHo00000EeFfG"]["duration_s"], "3600");
    assert!(activities["00THo00000TtUuV"].contains_key("lead_id"));
    assert_eq!(
        cells(&office, Table::Target, "0J9Ho000000QqRr", &["period_id", "value"]).await,
        ["2024-Q2", "250000.000000"]
    );
    assert_eq!(office.rows(Table::OpportunityStageHistory).await.len(), 1);
}

/// The same file with labels in its header.
fn labelled(file: &str, labels: &[(&str, &str)]) -> String {
    let (header, rows) = file.split_once('\n').expect("a header");
    let name =
        |name: &str| labels.iter().find(|(api, _)| *api == name).map_or(name, |(_, label)| label).to_owned();
    let header: Vec<String> =
        header.split(',').map(|cell| format!("\"{}\"", name(cell.trim_matches('"')))).collect();
    format!("{}\n{rows}", header.join(","))
}

#[tokio::test]
async fn the_same_mapping_reads_labels_and_identifiers_of_15_characters() {
    let office = Office::open().await;
    deliver(&office, SALESFORCE);
    let deals = labelled(
        SALESFORCE[2].1,
        &[
            ("Id", "Opportunity ID"),
            ("AccountId", "Account ID"),
            ("Name", "Opportunity Name"),
            ("StageName", "Stage"),
            ("Probability", "Probability (%)"),
            ("CloseDate", "Close Date"),
            ("IsClosed", "Closed"),
            ("IsWon", "Won"),
            ("Type", "Opportunity Type"),
            ("LeadSource", "Lead Source"),
            ("NextStep", "Next Step"),
            ("ForecastCategoryName", "Forecast Category"),
            ("OwnerId", "Owner ID"),
            ("CurrencyIsoCode", "Opportunity Currency"),
            ("CreatedDate", "Created Date"),
        ],
    );
    office.deliver("Opportunity.csv", deals.replace("001Ho00000XyZabIAF", "001Ho00000XyZab"));
    take(&office, &example("salesforce")).await;
    let deal =
        cells(&office, Table::Opportunity, "006Ho00001AbCdE", &["outcome", "amount", "forecast_category"])
            .await;
    assert_eq!(deal, ["won", "12500.000000", "closed"]);
}

#[tokio::test]
async fn an_export_of_salesforce_is_recognised_and_its_own_fields_are_proposed() {
    let office = Office::open().await;
    deliver(&office, &SALESFORCE[..5]);
    let (text, suggestion) = proposed(&office);
    let deals = suggestion.files.iter().find(|file| file.name == "Opportunity.csv").expect("the file");
    assert!(deals.reason.contains("Salesforce"), "{}", deals.reason);
    take(&office, &text).await;
    let deal = cells(&office, Table::Opportunity, "006Ho00001AbCdF", &["outcome", "lost_reason"]).await;
    assert_eq!(deal, ["lost", "Price"], "{text}");
    assert_eq!(office.rows(Table::Employee).await.len(), 3, "{text}");
    assert_eq!(cells(&office, Table::Lead, "00QHo000003NnOo", &["status"]).await, ["converted"], "{text}");
}

const REPORT: &str = r#""Opportunity Owner","Owner Role","Account Name","Opportunity Name","Stage","Fiscal Period","Amount","Expected Revenue","Probability (%)","Age","Close Date","Created Date","Next Step","Lead Source","Type"
"Ben Hill","AE","Acme GmbH","Acme - 50 seats","Closed Won","Q2-2024","12500.00","12500.00","100","90","6/30/2024","3/15/2024","","Web","New Business"
"Uma Frey","AE","Moss AG","Moss - 5 seats","Negotiation/Review","Q3-2024","1500.00","750.00","50","10","7/12/2024","5/25/2024","","Web","Renewal"
"Ben Hill","AE","Moss AG","Moss - 9 seats","Closed Lost","Q2-2024","","","0","90","6/1/2024","2/13/2024","","Web","New Business"
"#;

#[tokio::test]
async fn a_report_with_names_alone_brings_its_people_and_customers() {
    let office = Office::open().await;
    office.deliver("report1718.csv", REPORT);
    let (text, suggestion) = proposed(&office);
    assert!(suggestion.is_complete(), "{text}");
    take(&office, &text).await;
    let deal = cells(
        &office,
        Table::Opportunity,
        "Acme - 50 seats",
        &["outcome", "close_date", "probability", "type"],
    )
    .await;
    assert_eq!(deal, ["won", "2024-06-30", "1.000000", "new"], "{text}");
    assert_eq!(office.rows(Table::Employee).await.len(), 2, "{text}");
    assert_eq!(office.rows(Table::Account).await.len(), 2, "{text}");
}

const HUBSPOT: &[(&str, &str)] = &[
    (
        "owners.csv",
        "id,userId,email,firstName,lastName,createdAt,updatedAt,archived\n\
        81234567,900,ben@corp.example,Ben,Hill,2021-01-04T08:00:00Z,2021-01-04T08:00:00Z,false\n",
    ),
    (
        "companies.csv",
        "Record ID,Company name,Company Domain Name,Industry,Number of Employees,Country/Region,Company owner,Create Date,Lifecycle Stage\n\
        701234,Acme GmbH,acme.example,BANKING,120,Germany,Ben Hill,2024-01-09 17:20,customer\n",
    ),
    (
        "deals.csv",
        "Record ID,Deal Name,Pipeline,Deal Stage,Amount,Currency,Close Date,Create Date,Deal owner,Deal Type,Is Deal Closed?,Is Closed Won,Is closed lost,Deal probability,Closed Lost Reason,Associated Company,Associated Company IDs,Renewal risk\n\
        18412345678,Acme - 50 seats,Sales Pipeline,Closed Won (Sales Pipeline),12500,EUR,2024-06-30 16:05,2024-03-01 09:30,Ben Hill,New Business,true,true,false,1,,Acme GmbH,701234;701111,high\n\
        18412345679,Acme - more,Sales Pipeline,Contract Sent (Sales Pipeline),500,EUR,2024-07-31 16:05,2024-06-01 09:30,Ben Hill,Existing Business,false,false,false,0.9,,Acme GmbH,701234,low\n",
    ),
    (
        "contacts.csv",
        "Record ID,Email,First Name,Last Name,Lifecycle Stage,Lead Status,Contact owner,Original Source Type,Create Date,Became an Opportunity Date\n\
        901234,ada@acme.example,Ada,Byron,Customer,,Ben Hill,PAID_SEARCH,2024-01-09 17:20,2024-03-01 09:30\n\
        901235,eve@moss.example,Eve,Moss,Subscriber,,,WEB,2024-01-09 17:20,\n",
    ),
    (
        "calls.csv",
        "hs_object_id,hs_timestamp,hubspot_owner_id,hs_call_direction,hs_call_duration,hs_call_disposition\n\
        5501,2024-03-15T13:05:00Z,81234567,OUTBOUND,1800000,f240bbac-87c9-4f6e-bf70-924b57d47db7\n",
    ),
    (
        "meetings.csv",
        "Record ID,Meeting name,Meeting start time,Activity assigned to,Meeting outcome\n\
        5502,Demo,2024-03-18 10:00,Ben Hill,Completed\n\
        5503,Demo,2024-03-19 10:00,Ben Hill,Scheduled\n",
    ),
];

#[tokio::test]
async fn exports_of_hubspot_go_in_by_label_and_by_internal_name() {
    let office = Office::open().await;
    deliver(&office, HUBSPOT);
    take(&office, &example("hubspot")).await;
    let columns = ["outcome", "stage", "close_date", "type", "created_at"];
    let deal = cells(&office, Table::Opportunity, "18412345678", &columns).await;
    assert_eq!(deal, ["won", "Closed Won", "2024-06-30", "new", "2024-03-01T08:30:00Z"]);
    let people = office.rows(Table::Employee).await;
    let owner = cells(&office, Table::Opportunity, "18412345679", &["owner_id"]).await;
    assert_eq!(owner, [people["81234567"]["employee_id"].clone()], "the owner stands there by name");
    let call = cells(&office, Table::Activity, "5501", &["duration_s", "outcome", "direction"]).await;
    assert_eq!(call, ["1800", "connected", "out"]);
    assert_eq!(office.rows(Table::Activity).await.len(), 2, "what is still to come was not held");
    assert_eq!(office.rows(Table::Lead).await.keys().collect::<Vec<_>>(), ["901234"]);
}

#[tokio::test]
async fn deals_of_hubspot_are_recognised_and_ones_own_properties_are_proposed() {
    let office = Office::open().await;
    deliver(&office, &HUBSPOT[..3]);
    let (text, suggestion) = proposed(&office);
    assert!(suggestion.is_complete(), "{text}");
    take(&office, &text).await;
    let deal = cells(
        &office,
        Table::Opportunity,
        "18412345678",
        &["outcome", "close_date", "attributes.renewal_risk"],
    )
    .await;
    assert_eq!(deal, ["won", "2024-06-30", "high"], "{text}");
    let people = office.rows(Table::Employee).await;
    let owner = cells(&office, Table::Opportunity, "18412345679", &["owner_id"]).await;
    assert_eq!(owner, [people["81234567"]["employee_id"].clone()], "{text}");
}

const PIPEDRIVE: &[(&str, &str)] = &[
    (
        "deals.csv",
        "Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Probability,Deal - Status,Deal - Stage,Deal - Pipeline,Deal - Owner,Deal - Organization,Deal - Deal created,Deal - Expected close date,Deal - Won time,Deal - Lost time,Deal - Deal closed on,Deal - Lost reason,Deal - Next activity date,Deal - Number of seats\n\
        4711,Acme deal,12500,EUR,50,Won,Negotiations Started,Pipeline,Ben Hill,Acme GmbH,2024-03-01 09:30:00,2024-06-15,2024-06-30 16:05:12,,2024-06-30 16:05:12,,,50\n\
        4712,Moss deal,500,EUR,,Lost,Demo Scheduled,Pipeline,Ben Hill,Moss AG,2024-03-01 09:30:00,2024-06-30,,2024-05-02 10:00:00,2024-05-02 10:00:00,Price,,5\n\
        4713,Next deal,700,EUR,20,Open,Qualified,Pipeline,Uma Frey,,2024-03-02 09:30:00,2024-09-30,,,,,2024-07-01,7\n",
    ),
    (
        "activities.csv",
        "Activity - Subject,Activity - Type,Activity - Due date,Activity - Due time,Activity - Done,Activity - Assigned to user,Activity - Organization\n\
        Intro,call,2024-03-15,13:05,Done,Ben Hill,Acme GmbH\n\
        Lunch,lunch,2024-03-16,,To do,Ben Hill,Acme GmbH\n",
    ),
];

#[tokio::test]
async fn exports_of_pipedrive_bring_people_and_organisations_with_them() {
    let office = Office::open().await;
    deliver(&office, PIPEDRIVE);
    take(&office, &example("pipedrive")).await;
    let of = |id: &'static str| cells(&office, Table::Opportunity, id, &["outcome", "close_date", "stage"]);
    assert_eq!(of("4711").await, ["won", "2024-06-30", "Negotiations Started"]);
    assert_eq!(of("4712").await, ["lost", "2024-05-02", "Demo Scheduled"]);
    assert_eq!(of("4713").await, ["open", "2024-09-30", "Qualified"]);
    assert_eq!((office.rows(Table::Employee).await.len(), office.rows(Table::Account).await.len()), (2, 2));
    assert_eq!(office.rows(Table::Activity).await.len(), 1, "what is still to do was not done");
}

#[tokio::test]
async fn deals_of_pipedrive_are_recognised_by_their_labels() {
    let office = Office::open().await;
    deliver(&office, &PIPEDRIVE[..1]);
    let (text, suggestion) = proposed(&office);
    assert!(suggestion.is_complete(), "{text}");
    take(&office, &text).await;
    let of = |id: &'static str| {
        cells(&office, Table::Opportunity, id, &["outcome", "close_date", "attributes.number_of_seats"])
    };
    assert_eq!(of("4711").await, ["won", "2024-06-30", "50.000000"], "{text}");
    assert_eq!(of("4713").await, ["open", "2024-09-30", "7.000000"], "{text}");
}

#[test]
fn what_shipped_mappings_make_of_files_is_told_in_words() {
    let mut told = 0;
    for system in ["salesforce", "hubspot", "pipedrive", "adventureworks", "chinook"] {
        for file in made(&example(system)) {
            let fields = file.tables.iter().flat_map(|table| &table.fields).map(|field| &field.words);
            for words in fields.chain(&file.left_out).chain(&file.looked_up) {
                let is_raw = ["case ", " then ", "(\"", "||", "''"].iter().any(|mark| words.contains(mark));
                assert!(!is_raw && words.matches('`').count() % 2 == 0, "{system}: {words}");
                told += 1;
            }
        }
    }
    assert!(told > 100, "{told}");
}

#[test]
fn labels_belong_to_columns_that_are_read() {
    for system in ["salesforce", "hubspot", "pipedrive"] {
        parse(&example(system)).unwrap_or_else(|error| panic!("{system}: {error}"));
    }
    let wrong = example("pipedrive").replace("      title: Deal - Title", "      titel: Deal - Title");
    let error = parse(&wrong).expect_err("a label of nothing").to_string();
    assert!(error.contains("`titel`; did you mean `title`?"), "{error}");
}
