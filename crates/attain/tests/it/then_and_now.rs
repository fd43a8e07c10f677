//! The same number as known at two instants: what it was, what it is, and the rows between.

use attain_testing::Postgres;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::html;
use crate::program::{Answer, Program, Server, Value};
use crate::small_company::Files;

const FIRST: [&str; 4] = [
    "D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,100",
    "D-2,Second,Bolt,anna,2024-01-20,2024-02-15,Won,200",
    "D-5,Fifth,Crux,ben,2024-02-01,2024-03-10,Won,70",
    "D-6,Sixth,Dune,anna,2024-02-01,2024-03-12,Won,40",
];

/// A quarter closed and delivered on 5 April; on 20 April an amount is corrected; on 5 July a deal
/// has another owner, one is gone, and one comes late.
fn corrected_quarter(program: &Program) {
    let files = Files::new();
    files.deals(&FIRST);
    files.deliver_on(program, "2024-04-05");
    let corrected = FIRST[0].replace(",100", ",150");
    files.deals(&[&corrected, FIRST[1], FIRST[2], FIRST[3]]);
    files.deliver_on(program, "2024-04-20");
    let re_owned = FIRST[1].replace("anna", "ben");
    let late = "D-9,Ninth,Echo,anna,2024-03-01,2024-03-30,Won,1000";
    files.deals(&[&corrected, &re_owned, FIRST[2], late]);
    files.deliver_on(program, "2024-07-05");
}

fn on_both(story: fn(&Program)) {
    story(&Program::new());
    if let Some(server) = Postgres::shared() {
        story(&Program::on_postgres(server.create_database()));
    }
}

#[derive(Debug, Deserialize)]
struct Difference {
    then: Option<Instant>,
    now: Instant,
    total: usize,
    added: Tally,
    gone: Tally,
    changed: Tally,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Instant {
    snapshot: i64,
    number: Number,
}

#[derive(Debug, Deserialize)]
struct Number {
    value: Option<Decimal>,
}

#[derive(Debug, Deserialize)]
struct Tally {
    rows: usize,
    effect: Option<Decimal>,
}

#[derive(Debug, Deserialize)]
struct Row {
    source_id: String,
    reason: String,
    changes: Vec<Change>,
    effect: Option<Decimal>,
    imports: Vec<Import>,
}

#[derive(Debug, Deserialize)]
struct Change {
    column: String,
    then: Option<String>,
    now: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Import {
    number: i64,
    files: Vec<String>,
}

impl Row {
    /// `D-1 changed (amount 100 to 150) 50 by import 2`.
    fn words(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".into());
        let changes: Vec<String> = self
            .changes
            .iter()
            .map(|change| format!("({} {} to {}) ", change.column, text(&change.then), text(&change.now)))
            .collect();
        let numbers: Vec<String> = self.imports.iter().map(|import| import.number.to_string()).collect();
        let effect = self.effect.map(|effect| format!("{effect} ")).unwrap_or_default();
        format!(
            "{} {} {}{effect}by import {}",
            self.source_id,
            self.reason,
            changes.concat(),
            numbers.join(", ")
        )
    }
}

fn ask(program: &Program, arguments: &[&str]) -> Difference {
    let mut all = vec!["difference", "--format", "json"];
    all.extend(arguments);
    serde_json::from_str(&program.prints(&all)).expect("a difference")
}

/// For what adds up, value now = value then + the differences.
fn assert_adds_up(found: &Difference) {
    let value = |instant: &Instant| instant.number.value.expect("a value");
    let tallies = [&found.added, &found.gone, &found.changed];
    let effect: Decimal = tallies.iter().map(|tally| tally.effect.expect("an effect")).sum();
    let then = found.then.as_ref().map_or(Decimal::ZERO, value);
    assert_eq!(then + effect, value(&found.now), "{found:?}");
    assert_eq!(effect, found.rows.iter().filter_map(|row| row.effect).sum::<Decimal>());
    assert_eq!(tallies.iter().map(|tally| tally.rows).sum::<usize>(), found.total);
}

#[test]
fn the_rows_between_lead_from_the_number_then_to_the_number_now() {
    on_both(|program| {
        corrected_quarter(program);
        let found = ask(program, &["--metric", "bookings", "--period", "2024-Q1", "--from", "2024-04-10"]);
        assert_eq!(found.then.as_ref().expect("known").number.value, Some(410.into()));
        assert_eq!(found.now.number.value, Some(1420.into()));
        assert_adds_up(&found);
        let rows: Vec<String> = found.rows.iter().map(Row::words).collect();
        let expected = [
            "D-9 new 1000 by import 3",
            "D-6 deleted -40 by import 3",
            "D-1 changed (amount 100 to 150) 50 by import 2",
            "D-2 changed (owner Anna to Ben) 0 by import 3",
        ];
        assert_eq!(rows, expected);
        assert!(found.rows.iter().all(|row| row.imports.iter().all(|import| import.files == ["deals.csv"])));
    });
}

#[test]
fn a_closed_deal_that_is_re_owned_stays_where_it_was_and_says_who_has_it_now() {
    let program = Program::new();
    corrected_quarter(&program);
    let of = |rep: &str| {
        let arguments = ["--metric", "bookings", "--rep", rep, "--period", "2024-Q1", "--from", "2024-04-10"];
        let found = ask(&program, &arguments);
        assert_adds_up(&found);
        found.rows.iter().map(Row::words).collect::<Vec<_>>()
    };
    let (anna, ben) = (of("Anna"), of("Ben"));
    assert!(anna.contains(&"D-2 changed (owner Anna to Ben) 0 by import 3".to_owned()), "{anna:?}");
    assert_eq!(ben, Vec::<String>::new());
}

#[test]
fn two_past_instants_are_compared_as_well_as_the_past_with_now() {
    let program = Program::new();
    corrected_quarter(&program);
    let between = ["--from", "2024-04-10", "--to", "2024-05-01"];
    let found = ask(&program, &[&["--metric", "bookings", "--period", "2024-Q1"], &between[..]].concat());
    assert_eq!((found.now.snapshot, found.now.number.value), (2, Some(460.into())));
    assert_eq!(
        found.rows.iter().map(Row::words).collect::<Vec<_>>(),
        ["D-1 changed (amount 100 to 150) 50 by import 2"]
    );
    let refused = program.refuses(&[
        "difference",
        "--metric",
        "bookings",
        "--from",
        "2024-08-01",
        "--to",
        "2024-04-10",
    ]);
    assert!(refused.contains("give the earlier instant first"), "{refused}");
}

#[test]
fn a_ratio_lists_its_rows_and_adds_nothing_up() {
    let program = Program::new();
    corrected_quarter(&program);
    let found = ask(&program, &["--metric", "win_rate_count", "--period", "2024-Q1", "--from", "2024-04-10"]);
    assert_eq!((found.total, found.added.effect, found.rows[0].effect), (4, None, None));
}

/// Who belongs where is another table: the row is the same, and the import is named all the same.
#[test]
fn a_team_that_changed_makes_a_difference_without_a_change_in_the_row() {
    let (program, files) = (Program::new(), Files::new());
    files.deals(&FIRST);
    files.deliver_on(&program, "2024-04-05");
    files.people(&[
        "anna,Anna,North,2020-01-01,2024-02-10",
        "anna,Anna,South,2024-02-10,",
        "ben,Ben,South,2020-01-01,",
    ]);
    files.deliver_on(&program, "2024-05-05");
    let north = ["--metric", "bookings", "--region", "North", "--period", "2024-Q1", "--from", "2024-04-10"];
    let found = ask(&program, &north);
    assert_adds_up(&found);
    let rows: Vec<String> = found.rows.iter().map(Row::words).collect();
    assert_eq!(rows, ["D-2 counts no longer -200 by import 2", "D-6 counts no longer -40 by import 2"]);
    assert!(found.rows.iter().all(|row| row.imports[0].files == ["people.csv"]));
}

#[test]
fn before_the_first_import_nothing_was_known_yet() {
    let program = Program::new();
    corrected_quarter(&program);
    let refused = program.refuses(&["difference", "--metric", "bookings", "--from", "2020-01-01"]);
    assert!(refused.contains("nothing was known yet"), "{refused}");
    let server = Server::start(&program);
    let sheet = "/scorecards/numbers/bookings?period=2024-Q1&show=then&then=2020-01-01";
    let text = html::text(&server.text(sheet));
    assert!(text.contains("Nothing was known yet on 1 Jan 2020") && text.contains("Import 1"), "{text}");
    let found = server.get("/api/v1/numbers/bookings/difference?period=2024-Q1&from=2020-01-01").json();
    assert!(found["then"].is_null() && found["now"]["number"]["value"] == 1420, "{found}");
}

#[test]
fn the_sheet_shows_then_and_now_and_leads_to_the_imports() {
    let program = Program::new();
    corrected_quarter(&program);
    let server = Server::start(&program);
    let sheet = server.text("/scorecards/numbers/bookings?period=2024-Q1&show=then");
    let links = html::links(&sheet);
    let last_day = links
        .iter()
        .find(|(_, words)| words.contains("31 Mar 2024, the last day"))
        .expect("the quarter's last day");
    assert!(
        html::text(&server.text(last_day.0.split('#').next().expect("a page")))
            .contains("Nothing was known yet")
    );
    let compared = server.text("/scorecards/numbers/bookings?period=2024-Q1&show=then&then=2024-04-10");
    let text = html::text(&compared);
    for words in
        ["410", "1,420", "+1,000", "−40", "+50", "amount: 100 → 150", "owner: Anna → Ben", "4 rows differ"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    for import in ["/data/imports/2", "/data/imports/3"] {
        assert!(html::links(&compared).iter().any(|(to, _)| to == import), "{import}");
    }
    let file = server.text("/scorecards/difference/bookings?period=2024-Q1&then=2024-04-10");
    assert!(file.contains("crm,D-1,changed,changed,amount,100,150,50,2,deals.csv"), "{file}");
    for (path, words) in [
        ("/scorecards/numbers/bookings?show=colour", "counted, nearly, then or peers"),
        ("/scorecards/numbers/bookings?show=then&then=yesterday", "neither a day"),
    ] {
        let reply = server.get(path);
        assert!(reply.status == 422 && html::text(&reply.text()).contains(words), "{path}: {}", reply.text());
    }
}

#[test]
fn each_row_says_whether_it_was_watched_or_told_later() {
    let program = Program::new();
    corrected_quarter(&program);
    let server = Server::start(&program);
    let opened = server.get("/api/v1/numbers/bookings?period=2024-Q1&sort=deal").json();
    let rows = opened["rows"].as_array().expect("rows");
    let known: Vec<String> = rows
        .iter()
        .map(|row| {
            format!("{} {}", row["deal"].as_str().expect("id"), row["knowledge"].as_str().expect("mark"))
        })
        .collect();
    // D-1 was corrected on 20 April, while the quarter was being closed; D-2 and D-9 came in July.
    assert_eq!(known, ["D-1 observed", "D-2 reconstructed", "D-5 observed", "D-9 reconstructed"]);
    assert_eq!(rows[0]["recorded_at"], "2024-04-20T10:00:00Z");
    let sheet = html::text(&server.text("/scorecards/numbers/bookings?period=2024-Q1"));
    assert!(sheet.contains("observed") && sheet.contains("reconstructed"), "{sheet}");
    let file = server.text("/scorecards/rows/bookings?period=2024-Q1");
    assert!(
        file.lines()
            .any(|line| line.starts_with("D-9,") && line.ends_with(",2024-07-05T10:00:00Z,reconstructed")),
        "{file}"
    );
}

/// Values by members, period and metric, sorted.
type Known = Vec<((String, String, String), Value)>;

/// Everything that is asked of one instant, in a few figures.
fn known_on(program: &Program, day: &str) -> Known {
    let metrics = "bookings,deals_won,win_rate_count,open_deals,customers,median_deal_size,buyer_retention";
    let printed = program.prints(&[
        "query",
        "--metric",
        metrics,
        "--by",
        "rep",
        "--period",
        "quarter,all",
        "--format",
        "csv",
        "--as-of",
        day,
    ]);
    let mut values: Known = Answer::read(&printed).values.into_iter().collect();
    values.sort_by(|one, other| one.0.cmp(&other.0));
    values
}

/// Invariant I9: what was known on a day is the same whatever is imported later. The deliveries are
/// drawn by a small generator, so that every kind of change meets every other.
#[test]
fn later_imports_never_change_what_was_known() {
    let program = Program::new();
    let files = Files::new();
    let mut state = 20_240_405u32;
    let mut chance = move |upto: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % upto
    };
    let mut known: Vec<(String, Known)> = Vec::new();
    for month in 4..=9 {
        let deals: Vec<String> = (1..=12)
            .map(|id| (id, chance(5), chance(2), chance(3), chance(6), chance(900)))
            .filter(|(_, there, ..)| *there > 0)
            .map(|(id, _, owner, stage, closed, amount)| {
                let owner = ["anna", "ben"][owner as usize];
                let stage = ["Open", "Won", "Lost"][stage as usize];
                format!(
                    "D-{id},Deal,Account {},{owner},2024-01-02,2024-{:02}-15,{stage},{amount}",
                    id % 5,
                    closed + 1
                )
            })
            .collect();
        let deals: Vec<&str> = deals.iter().map(String::as_str).collect();
        files.deals(&deals);
        files.deliver_on(&program, &format!("2024-{month:02}-05"));
        let day = format!("2024-{month:02}-06");
        known.push((day.clone(), known_on(&program, &day)));
        for (day, then) in &known {
            assert_eq!(&known_on(&program, day), then, "as of {day}, after the delivery of month {month}");
        }
    }
    assert!(known.windows(2).all(|two| two[0].1 != two[1].1), "the deliveries differ");
}
