//! Definitions of a company's own: changed from a day on, with a reason; looked at before they are
//! saved; listed with what they did.

use attain_testing::Postgres;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::html;
use crate::program::{Program, Server};
use crate::small_company::Files;

/// A deal of 50 and one of 300 are won in each quarter of 2024.
const DEALS: [&str; 9] = [
    "D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,50",
    "D-2,Second,Bolt,anna,2024-01-20,2024-02-15,Won,300",
    "D-3,Third,Acme,ben,2024-04-01,2024-05-01,Won,50",
    "D-4,Fourth,Crux,ben,2024-04-01,2024-05-20,Won,300",
    "D-5,Fifth,Acme,anna,2024-07-01,2024-08-01,Won,50",
    "D-6,Sixth,Crux,ben,2024-07-01,2024-08-20,Won,300",
    "D-7,Seventh,Acme,ben,2024-10-01,2024-11-01,Won,50",
    "D-8,Eighth,Crux,ben,2024-10-01,2024-11-20,Won,300",
    "D-9,Ninth,Crux,ben,2024-10-01,2024-11-21,Lost,300",
];

const QUARTERS: [&str; 4] = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"];

/// Deals of less than 100 are not counted as won any more.
const LARGER_ONLY: &str = "\
metrics:
  - name: deals_won
    label: Deals won
    description: Opportunities of 100 and more that were won, by close date.
    type: simple
    type_params: { measure: closed }
    filter: outcome = 'won' and value >= 100
    meta: { unit: count, direction: up, counter_metric: avg_deal_size, gaming: one deal split into several, term: won }
";

const LARGE_SHARE: &str = "\
metrics:
  - name: large_deals
    label: Large deals
    type: simple
    type_params: { measure: closed }
    filter: outcome = 'won' and value >= 300
    meta: { unit: count, direction: up, undefined: never, counter_metric: win_rate_count }
  - name: large_share
    label: Share of large deals
    type: ratio
    type_params: { numerator: large_deals, denominator: deals_won }
    meta: { unit: ratio, direction: up, undefined: nothing was won, counter_metric: \"none: it is one itself\" }
";

fn on_both(story: fn(&Program)) {
    story(&Program::new());
    if let Some(server) = Postgres::shared() {
        story(&Program::on_postgres(server.create_database()));
    }
}

/// A company that has delivered [`DEALS`].
fn delivered(program: &Program) {
    let files = Files::new();
    files.deals(&DEALS);
    files.deliver(program);
}

fn written(program: &Program, text: &str) -> String {
    let file = program.folder.path().join("own.yaml");
    std::fs::write(&file, text).expect("a file");
    file.to_string_lossy().into_owned()
}

/// A metric's values in the quarters of 2024.
fn in_quarters(program: &Program, metric: &str) -> Vec<Decimal> {
    let answer = program.ask(&[metric], "", "quarter");
    QUARTERS.map(|quarter| answer.get("", quarter, metric).value.expect("a value")).to_vec()
}

fn decimals(values: [i64; 4]) -> Vec<Decimal> {
    values.map(Decimal::from).to_vec()
}

#[test]
fn a_metric_redefined_in_mid_year_leaves_the_quarters_before_as_they_were() {
    on_both(|program| {
        delivered(program);
        assert_eq!(in_quarters(program, "deals_won"), decimals([2, 2, 2, 2]));
        let file = written(program, LARGER_ONLY);
        let since = ["metrics", "change", &file, "--from", "2024-07-01"];
        let said = program.refuses(&[&since[..], &["--reason", "small deals are noise"]].concat());
        assert!(said.contains("--restate") || said.contains("restates"), "{said}");
        let said = program.refuses(&[&since[..], &["--restate"]].concat());
        assert!(said.contains("needs a reason"), "{said}");

        let look = ["--dry-run", "--period", "2024-Q3", "--format", "json"];
        let effect: Value =
            serde_json::from_str(&program.prints(&[&since[..], &look].concat())).expect("an effect");
        assert_eq!(effect["restates"], true);
        assert_eq!(effect["defined"][0]["version_before"], 1);
        assert_eq!(effect["defined"][0]["version"], 2);
        let restated: Vec<(&str, i64, i64)> = effect["defined"][0]["restated"]
            .as_array()
            .expect("quarters")
            .iter()
            .map(|found| {
                let figure = |key: &str| found[key].as_i64().expect("a figure");
                (found["period"].as_str().expect("a period"), figure("before"), figure("after"))
            })
            .collect();
        assert_eq!(restated, [("2024-Q3", 2, 1), ("2024-Q4", 2, 1)]);
        let who: Vec<&str> = effect["defined"][0]["values"]
            .as_array()
            .expect("values")
            .iter()
            .filter_map(|found| found["name"].as_str())
            .collect();
        assert_eq!(who, ["North", "Anna"], "the south closed no small deal in the third quarter");
        assert_eq!(in_quarters(program, "deals_won"), decimals([2, 2, 2, 2]), "nothing was saved");

        program.prints(&[&since[..], &["--reason", "small deals are noise", "--restate"]].concat());
        assert_eq!(in_quarters(program, "deals_won"), decimals([2, 2, 1, 1]));
        let rate = program.ask(&["win_rate_count"], "", "2024-Q2,2024-Q4");
        let of = |quarter: &str| rate.get("", quarter, "win_rate_count").numerator;
        assert_eq!((of("2024-Q2"), of("2024-Q4")), (Some(2.into()), Some(1.into())), "made of it");
        let history = program.prints(&["metrics", "history", "deals_won"]);
        assert!(history.contains("Version 2, from 2024-07-01 on"), "{history}");
        let changes = program.prints(&["metrics", "history"]);
        assert!(changes.contains("yes") && changes.contains("small deals are noise"), "{changes}");
    });
}

#[test]
fn a_change_from_today_on_leaves_all_that_is_over_as_it_was() {
    on_both(|program| {
        delivered(program);
        let file = written(program, LARGER_ONLY);
        program.prints(&["metrics", "change", &file, "--reason", "small deals are noise"]);
        assert_eq!(in_quarters(program, "deals_won"), decimals([2, 2, 2, 2]));
        let shown = program.prints(&["metrics", "show", "deals_won"]);
        assert!(shown.contains("version 2"), "{shown}");
    });
}

#[test]
fn a_receipt_signed_before_a_restatement_still_holds_and_shows_both_values() {
    on_both(|program| {
        delivered(program);
        let receipt = program.folder.path().join("receipt.json");
        let receipt = receipt.to_string_lossy();
        let number = ["sign", "--metric", "deals_won", "--period", "2024-Q3", "-o", &receipt];
        program.prints(&number);
        let file = written(program, LARGER_ONLY);
        let change = ["metrics", "change", &file, "--from", "2024-01-01", "--restate", "--reason", "noise"];
        program.prints(&change);
        assert_eq!(in_quarters(program, "deals_won"), decimals([1, 1, 1, 1]));
        let key = program.prints(&["key"]);
        let key = key.split_whitespace().find(|word| word.starts_with("SHA256:")).expect("a fingerprint");
        let data = program.data();
        let checked = ["verify", &receipt, "--key", key, "--data", &data.to_string_lossy()];
        let said = program.prints(&checked);
        assert!(said.contains("the data gives the same figures and rows"), "{said}");

        let server = Server::start(program);
        let page = server.text("/receipts/1");
        assert!(
            page.contains("signed as 2 and is known now as 1") && page.contains("version 2"),
            "both values: {page}"
        );
    });
}

#[test]
fn pages_list_the_restatement_and_show_both_versions_side_by_side() {
    on_both(|program| {
        delivered(program);
        let file = written(program, LARGER_ONLY);
        let reason = "<b>small</b> deals are noise";
        let change = ["metrics", "change", &file, "--from", "2024-07-01", "--restate", "--reason", reason];
        program.prints(&change);
        let server = Server::start(program);
        let changes = server.text("/definitions/changes");
        for text in ["one of which restates", "deals_won 2", "&lt;b&gt;small"] {
            assert!(changes.contains(text), "{text}: {changes}");
        }
        let page = server.text("/definitions/changes/1?period=2024-Q3");
        let texts: Vec<String> = html::tags(&page)
            .into_iter()
            .filter(|tag| tag.get("class") == Some("definition"))
            .map(|tag| tag.text)
            .collect();
        assert_eq!(texts.len(), 2, "both texts: {page}");
        assert!(!texts[0].contains("value >= 100") && texts[1].contains("value >= 100"), "{texts:?}");
        assert!(page.contains("Q3 2024: 1 instead of 2"), "{page}");
        assert!(
            page.contains("Rows that nearly count") && page.contains("amount is 50, not at least 100"),
            "{page}"
        );
        let metric = server.text("/metrics/deals_won");
        assert!(metric.contains("30 Jun 2024") && metric.contains("1 Jul 2024"), "{metric}");
        let versions = server.get("/api/v1/metrics/deals_won/versions").json();
        assert_eq!((&versions[0]["version"], &versions[1]["version"]), (&json!(1), &json!(2)));
        assert_eq!(versions[1]["from"], "2024-07-01");
        assert_eq!(server.get("/definitions/changes/7").status, 404);
    });
}

#[test]
fn a_metric_of_the_companys_own_is_asked_like_any_other() {
    on_both(|program| {
        delivered(program);
        let file = written(program, LARGE_SHARE);
        let said = program.prints(&["metrics", "check", &file]);
        assert!(said.contains("large_deals, large_share"), "{said}");
        program.prints(&["metrics", "change", &file, "--reason", "asked for by the board"]);
        let half = Decimal::new(5, 1);
        assert_eq!(in_quarters(program, "large_share"), [half; 4], "also in periods before");
        let by = program.ask(&["large_deals"], "rep", "2024");
        assert_eq!(by.get("Ben", "2024", "large_deals").value, Some(3.into()));
        let server = Server::start(program);
        let catalogue = server.text("/metrics");
        assert!(catalogue.contains("Defined by the company"), "{catalogue}");
        assert!(server.text("/scorecards/numbers/large_share?period=2024-Q1").contains("50.0"));
    });
}

#[test]
fn what_cannot_be_right_is_refused_with_its_place() {
    let program = Program::new();
    delivered(&program);
    let of = |text: &str| {
        let file = written(&program, text);
        let checked = program.refuses(&["metrics", "check", &file]);
        let changed = program.refuses(&["metrics", "change", &file, "--reason", "a test"]);
        assert!(changed.contains(":7:") || !checked.contains(":7:"), "the same place: {changed}");
        checked
    };
    let said = of(&LARGER_ONLY.replace("value >= 100", "price >= 100"));
    assert!(said.contains("own.yaml:7:") && said.contains("price"), "{said}");
    let said = of(&LARGE_SHARE.replace("counter_metric: win_rate_count", "gaming: none"));
    assert!(said.contains("large_deals") && said.contains("counter_metric"), "{said}");
    let said = of(&LARGE_SHARE.replace("direction: up, undefined: never", "direction: up"));
    assert!(said.contains("undefined"), "{said}");
    let said = of(&LARGE_SHARE.replace("denominator: deals_won", "denominator: large_share"));
    assert!(said.contains("large_share") && said.contains("made of itself"), "{said}");
    let said = of(&LARGE_SHARE.replace("name: large_deals", "name: Large Deals"));
    assert!(said.contains("small letters"), "{said}");
    let said = of("metrics: [");
    assert!(said.contains("own.yaml"), "{said}");
    let said = of(&LARGE_SHARE.replace("outcome = 'won'", "outcome = version()"));
    assert!(said.contains("version"), "{said}");
    assert!(program.prints(&["metrics", "history"]).contains("No definition was changed"));
}

#[test]
fn programs_look_before_they_save_and_save_once() {
    on_both(|program| {
        delivered(program);
        let server = Server::start(program);
        let send = |body: &Value| {
            let headers = [("Content-Type", "application/json")];
            server.send_body("POST", "/api/v1/definitions/changes", &headers, body.to_string())
        };
        let mut change = json!({ "definition": LARGER_ONLY, "from": "2024-07-01", "dry_run": true });
        let looked = send(&change);
        assert_eq!((looked.status, &looked.json()["number"]), (200, &Value::Null));
        change["dry_run"] = json!(false);
        assert_eq!(send(&change).status, 422, "a reason is missing");
        change["reason"] = json!("noise");
        assert_eq!(send(&change).status, 409, "it restates");
        change["restate"] = json!(true);
        let saved = send(&change);
        assert_eq!((saved.status, saved.header("location")), (201, Some("/definitions/changes/1")));
        assert_eq!(saved.json()["number"], 1);
        assert_eq!(send(&change).status, 422, "it is in force already");
        let wrong = send(&json!({ "definition": "metrics: []\nmodels: []", "reason": "x" }));
        assert_eq!((wrong.status, &wrong.json()["field"]), (422, &json!("definition")), "{}", wrong.text());
        assert_eq!(send(&json!({ "definition": LARGER_ONLY, "from": "soon", "reason": "x" })).status, 422);
        let listed = server.get("/api/v1/definitions/changes").json();
        assert_eq!((listed.as_array().map(Vec::len), &listed[0]["restates"]), (Some(1), &json!(true)));
        let number = &server.get("/api/v1/numbers/deals_won?period=2024-Q3").json()["number"];
        assert_eq!((&number["value"], &number["definition_version"]), (&json!(1), &json!(2)), "{number}");
    });
}
