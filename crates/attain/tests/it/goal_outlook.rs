//! Where a goal will end: foretold from the days so far or from earlier periods, with the chance of a target, or
//! why it is not (domain 6.7). The present is today, so that what is expected is worked out for it.

use attain_testing::Postgres;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use crate::acting_for_others::day;
use crate::company_of_many::{PEOPLE, account, files, managers, person};
use crate::html;
use crate::program::{Program, Server};
use crate::small_company::{Files, MAPPING};

/// A quarter, how many before the one of today.
#[derive(Clone, Copy)]
pub(crate) struct Quarter {
    first: Date,
    next: Date,
}

fn today() -> Date {
    day(0).parse().expect("a day")
}

impl Quarter {
    pub(crate) fn before(count: i32) -> Quarter {
        let today = today();
        let first_month = (today.month() - 1) / 3 * 3 + 1;
        let this = jiff::civil::date(today.year(), first_month, 1);
        let first = this.saturating_sub((3 * count).months());
        Quarter { first, next: first.saturating_add(3.months()) }
    }

    pub(crate) fn key(self) -> String {
        format!("{}-Q{}", self.first.year(), (self.first.month() + 2) / 3)
    }

    /// Monday to Friday: the company has no holidays.
    pub(crate) fn working_days(self) -> Vec<Date> {
        let all = std::iter::successors(Some(self.first), |day| day.tomorrow().ok());
        let all = all.take_while(|day| *day < self.next);
        all.filter(|day| day.weekday().to_monday_one_offset() <= 5).collect()
    }
}

/// How many working days of this quarter have gone by, and how many it has.
pub(crate) fn gone_by() -> (usize, usize) {
    let days = Quarter::before(0).working_days();
    (days.iter().filter(|day| **day <= today()).count(), days.len())
}

/// The company of many, told about from four years ago to today, with these deals won: who, when, how much.
pub(crate) fn company(deals: &[(&str, Date, i64)]) -> Files {
    let files = files();
    let managers = std::fs::read_to_string(files.mapping()).expect("the mapping");
    let managers = managers.strip_prefix(MAPPING).expect("the rest of it");
    let covers = format!("covers: {{ from: {}-01-01, to: {} }}", today().year() - 4, day(1));
    files.map(&format!(
        "{}{managers}",
        MAPPING.replace("covers: { from: 2024-01-01, to: 2025-01-01 }", &covers)
    ));
    let row = |(at, (who, on, amount)): (usize, &(&str, Date, i64))| {
        format!("D-{at},Deal {at},Acme,{who},{on},{on},Won,{amount}")
    };
    let rows: Vec<String> = deals.iter().enumerate().map(row).collect();
    files.deals(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    files
}

fn on_both(files: &Files, story: impl Fn(&Program, &Server)) {
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        files.deliver(program);
        story(program, &Server::start(program));
    }
}

/// A goal that both agreed to: whose, of what, how much.
fn agreed(program: &Program, server: &Server, name: &str, metric: &str, value: &str) -> (String, String) {
    let dora = account(program, server, "dora", Some("dora"), &[]);
    let own = account(program, server, name, Some(name), &[]);
    let period = Quarter::before(0).key();
    let fields = [("metric", metric), ("period", &period), ("value", value), ("from", ""), ("reason", "why")];
    let proposed = server.submit_as(&dora, &format!("/goals/rep/{}", person(name)), &fields);
    let goal = proposed.header("location").expect("a goal").to_owned();
    assert_eq!(server.submit_as(&own, &format!("{goal}/acknowledge"), &[]).status, 303);
    (dora, goal)
}

fn first_goal(server: &Server, cookie: &str, level: &str, name: &str) -> Value {
    let reply = server.get_as(cookie, &format!("/api/v1/goals?level={level}&id={}", person(name)));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json().as_array().and_then(|goals| goals.first()).expect("a goal").clone()
}

fn near(value: &Value, expected: f64) {
    let got = value.as_f64().unwrap_or_else(|| panic!("{value} instead of {expected}"));
    assert!((got - expected).abs() < 1e-6 * expected.abs().max(1.0), "{got} instead of {expected}");
}

/// Anna books 10 and 20 by turns on every working day: what remains is like what was, ± t·s·√(h + h²/n).
#[test]
fn without_a_past_the_end_follows_from_the_days_so_far() {
    let days = Quarter::before(0).working_days();
    let (gone, all) = gone_by();
    let amounts: Vec<i64> = (0..gone).map(|at| if at % 2 == 0 { 10 } else { 20 }).collect();
    let deals: Vec<(&str, Date, i64)> =
        days.iter().zip(&amounts).map(|(day, amount)| ("anna", *day, *amount)).collect();
    let files = company(&[&[("ben", Quarter::before(0).first, 1)], deals.as_slice()].concat());
    on_both(&files, |program, server| {
        let (dora, goal) = agreed(program, server, "anna", "bookings", "700");
        let held = first_goal(server, &dora, "rep", "anna");
        let end = &held["likely_end"];
        let list = html::text(&server.get_as(&dora, &format!("/goals/rep/{}", person("anna"))).text());
        let page = html::text(&server.get_as(&dora, &goal).text());
        match gone {
            0 => assert_eq!(held["not_foretold"], "not begun", "{held}"),
            few @ 1..5 => {
                let why = format!("too early: {few} of 5 days");
                assert_eq!(held["not_foretold"].as_str(), Some(why.as_str()), "{held}");
                assert!(list.contains(&why) && page.contains(&why), "{list}");
            }
            last if last == all => assert_eq!(held["not_foretold"], "over", "{held}"),
            _ => {
                let done: i64 = amounts.iter().sum();
                let (n, h) = (gone as f64, (all - gone) as f64);
                let point = done as f64 + h * done as f64 / n;
                near(&end["value"], point);
                assert_eq!((end["method"].as_str(), end["error"].is_null()), (Some("linear"), true), "{end}");
                let mean = done as f64 / n;
                let squares: f64 = amounts.iter().map(|amount| (*amount as f64 - mean).powi(2)).sum();
                let scale = (squares / (n - 1.0)).sqrt() * (h + h * h / n).sqrt();
                let half = end["interval_95"][1].as_f64().expect("an end") - point;
                // t(0.975) lies between 1.96, of infinitely many, and 2.777, of four degrees of freedom.
                assert!((1.95..2.78).contains(&(half / scale)), "{half} of {scale}");
                let chance = end["chance"].as_f64().expect("a chance");
                assert_eq!(chance > 0.5, point > 700.0, "{chance} of 700 by {point}");
                assert!(list.contains("likely") && list.contains("to reach it"), "{list}");
                assert!(page.contains("Foretold by the linear method"), "{page}");
                assert!(page.contains("No method could be judged by three earlier periods"), "{page}");
            }
        }
        // The number attained and the days behind it are the same.
        assert_eq!(held["value"].as_str().map(str::to_owned), Some(amounts.iter().sum::<i64>().to_string()));
    });
}

/// In each of seven quarters 300 came on the first working day of 970 in all, in the oldest of 969: whoever has 100 on
/// the first is likely to end at about 100 · 97 ÷ 30, and hardly anything was ever off.
#[test]
fn where_the_season_was_hardly_ever_off_it_says_the_end() {
    let mut deals: Vec<(&str, Date, i64)> = Vec::new();
    for count in 1..=7 {
        let days = Quarter::before(count).working_days();
        let times = i64::from(count % 3 + 1);
        let rest = if count == 7 { 669 } else { 670 };
        deals.push(("anna", days[0], 300 * times));
        deals.push(("anna", days[days.len() - 1], rest * times));
    }
    let (gone, all) = gone_by();
    let first = Quarter::before(0).working_days()[0];
    if first <= today() {
        deals.push(("anna", first, 100));
    }
    let files = company(&deals);
    // She came to Dora's team within all that: what she brought before counts for Emil's.
    let moved = Quarter::before(4).first;
    let led = PEOPLE.iter().filter(|[id, .., manager]| *id != "anna" && !manager.is_empty());
    let mut rows: Vec<String> = led.map(|[id, .., manager]| format!("{id},{manager},2020-01-01,")).collect();
    rows.extend([format!("anna,emil,2020-01-01,{moved}"), format!("anna,dora,{moved},")]);
    managers(&files, &rows);
    on_both(&files, |program, server| {
        let (dora, goal) = agreed(program, server, "anna", "bookings", "300");
        let held = first_goal(server, &dora, "rep", "anna");
        if gone == 0 || gone == all {
            assert!(held["likely_end"].is_null(), "{held}");
            return;
        }
        let end = &held["likely_end"];
        assert_eq!(end["method"], "seasonal", "{held}");
        let oldest = 969.0_f64 / 970.0;
        near(&end["value"], 100.0 * 97.0 / 30.0 * oldest.powf(1.0 / 7.0));
        // Of the last four, two, one, three and two times as much, three to six quarters before each make the season.
        let off = [(2.0, 3.0), (1.0, 4.0), (3.0, 5.0), (2.0, 6.0)];
        let off: f64 = off.map(|(times, quarters)| times * (1.0 - oldest.powf(1.0 / quarters))).iter().sum();
        near(&end["error"], off / 8.0);
        assert_eq!(end["judged_on"].as_u64(), Some(4), "{end}");
        assert!(end["chance"].as_f64().is_some_and(|chance| chance > 0.999), "{end}");
        let page = html::text(&server.get_as(&dora, &goal).text());
        for words in [
            "the seasonal method",
            "of the last 4 periods it was off by 0.0 %",
            "by the season of 7 earlier periods",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(
            page.contains("Quarter") || page.contains("Earlier periods"),
            "the tables stand behind: {page}"
        );
        let tried = html::text(&server.get_as(&dora, &format!("{goal}?value=400")).text());
        assert!(tried.contains("Tried 400 EUR: the chance to reach it is under 1 %"), "{tried}");
        let nonsense = server.get_as(&dora, &format!("{goal}?value=much"));
        assert!(nonsense.status == 200 && html::text(&nonsense.text()).contains("is no number"));
        // On the team's page the same end as on her own.
        let of_team = server.get_as(&dora, &format!("/api/v1/goals?level=manager&id={}", person("dora")));
        let of_team = of_team.json();
        let hers =
            of_team.as_array().expect("goals").iter().find(|goal| goal["name"] == "Anna").expect("hers");
        assert_eq!(hers["likely_end"], held["likely_end"], "one number, whatever the page");
    });
}

/// A rate ends nowhere; a goal of the quarter to come has a chance by the quarters before and no forecast; less is
/// better where the metric says so.
#[test]
fn what_cannot_be_foretold_says_why_and_what_is_proposed_has_a_chance() {
    let mut deals: Vec<(&str, Date, i64)> = Vec::new();
    for (count, amount) in [(1, 100), (2, 120), (3, 80), (4, 110), (5, 90), (6, 100)] {
        deals.push(("anna", Quarter::before(count).working_days()[20], amount));
    }
    let files = company(&deals);
    on_both(&files, |program, server| {
        let dora = account(program, server, "dora", Some("dora"), &[]);
        let next = Quarter::before(-1).key();
        let this = Quarter::before(0).key();
        for (metric, period, value) in [("bookings", &next, "100"), ("win_rate_count", &this, "0.5")] {
            let fields = [
                ("metric", metric),
                ("period", period.as_str()),
                ("value", value),
                ("from", ""),
                ("reason", "why"),
            ];
            let reply = server.submit_as(&dora, &format!("/goals/rep/{}", person("anna")), &fields);
            assert_eq!(reply.status, 303, "{}", reply.text());
        }
        let page = html::text(&server.get_as(&dora, "/goal/1").text());
        assert!(page.contains("No forecast: not begun"), "{page}");
        // This quarter is not over and counts for nothing. The six before have the mean 100, which is as often
        // reached as not.
        assert!(page.contains("Proposed 100 EUR: the chance to reach it is 50 %"), "{page}");
        assert!(
            page.contains("A stretch (10–20 %) would be") && page.contains("before the period began"),
            "{page}"
        );
        let page = html::text(&server.get_as(&dora, "/goal/2").text());
        assert!(page.contains("No end to foretell: held against its target as it stands"), "{page}");
        let list = server.get_as(&dora, &format!("/goals/rep/{}?period={next}", person("anna")));
        assert!(html::text(&list.text()).contains("not begun"));
        assert_eq!(server.get_as(&dora, &format!("/goals/rep/{}/bookings", person("anna"))).status, 404);
        let quota = server.get_as(&dora, &format!("/goals/rep/{}/credited_bookings", person("anna")));
        assert_eq!(quota.status, 404, "nobody delivered a quota");
    });
}

/// Every quarter Anna's one deal is created and proposed on its first day and won eighty days later, each of another
/// value; this quarter's is open. Twenty of Ben's went the same way before. Nothing is done by now, from which days and
/// seasons foretell nothing, and the open deal is as good as won.
#[test]
fn where_deals_are_open_they_say_the_end() {
    let files = company(&[]);
    let mapping = std::fs::read_to_string(files.mapping()).expect("the mapping");
    files.map(&format!(
        "{mapping}
  - file: moves.csv
    mode: append
    tables:
      - table: opportunity_stage_history
        key: [deal, number]
        columns: {{ opportunity_id: deal, seq: number, to_stage: stage, changed_at: at }}
"
    ));
    let (mut deals, mut moves) = (Vec::new(), Vec::new());
    let mut deal = |id: String, owner: &str, quarter: Quarter, amount: i64| {
        let (first, closes) = (quarter.first, quarter.first.saturating_add(80.days()));
        let outcome = if closes <= today() { "Won" } else { "Open" };
        deals.push(format!("{id},Deal,Acme,{owner},{first},{closes},{outcome},{amount}"));
        moves.push(format!("{id},1,Proposal,{first}"));
        if outcome == "Won" {
            moves.push(format!("{id},2,Won,{closes}"));
        }
    };
    for at in 0..20 {
        deal(format!("B-{at}"), "ben", Quarter::before(8), 100);
    }
    for (count, amount) in [500, 300, 900, 200, 700, 400, 800, 600].into_iter().enumerate() {
        deal(format!("A-{count}"), "anna", Quarter::before(count as i32), amount);
    }
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files.write("moves.csv", "deal,number,stage,at", &moves.iter().map(String::as_str).collect::<Vec<_>>());
    on_both(&files, |program, server| {
        let (dora, goal) = agreed(program, server, "anna", "bookings", "400");
        let held = first_goal(server, &dora, "rep", "anna");
        let (gone, all) = gone_by();
        // Before the first working day nothing is foretold, and in the last fifth of a quarter its deal is won.
        if gone == 0 || gone * 5 > all * 4 {
            assert_ne!(held["likely_end"]["method"], "open deals", "{held}");
            return;
        }
        let end = &held["likely_end"];
        assert_eq!(end["method"], "open deals", "{held}");
        near(&end["value"], 500.0);
        near(&end["error"], 0.0);
        assert_eq!(end["judged_on"].as_u64(), Some(6), "{end}");
        assert!(end["chance"].as_f64().is_some_and(|chance| chance > 0.999), "{end}");
        let page = server.get_as(&dora, &goal).text();
        let text = html::text(&page);
        assert!(
            text.contains("Foretold by the open deals method") && text.contains("1 open deal ."),
            "{text}"
        );
        assert!(page.contains("/numbers/open_pipeline?period="), "its rows open: {page}");
    });
}
