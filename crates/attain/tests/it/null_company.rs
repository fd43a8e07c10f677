//! What is said where nothing is to be said: companies in which everybody sells alike, so that whoever is
//! told apart from others differs by chance, or by territory. One company in CI; `ATTAIN_SEEDS` says how
//! many in a campaign (`bench/campaigns.md`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::program::{Program, Server};

/// How often something was asked, and how often something was said.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    asked: u32,
    said: u32,
}

impl Said {
    fn note(&mut self, said: bool) {
        self.asked += 1;
        self.said += u32::from(said);
    }

    fn share(self) -> f64 {
        f64::from(self.said) / f64::from(self.asked.max(1))
    }

    /// Whether it was said more often than a share allows, beyond what chance does to a count (four
    /// deviations, so that one company in thousands fails by it).
    fn exceeds(self, bound: f64) -> bool {
        let asked = f64::from(self.asked.max(1));
        self.share() > bound + 4.0 * (bound * (1.0 - bound) / asked).sqrt()
    }
}

/// What may be said by mistake, and how often it may: the stated bounds of each kind.
const BOUNDS: [(&str, f64); 7] = [
    // 7.8 and 7.10: of ten peer sets alike fewer than one has a verdict.
    ("peer sets with a verdict", 0.10),
    ("peer sets with a result unlike expected", 0.10),
    // 7.11: charts of 24 periods that show a signal; of amounts more, which are skewed (docs/trend.md).
    ("charts of win rates with a signal", 0.21),
    ("charts of deal sizes with a signal", 0.45),
    // 8.5 and 8.6: intervals of 95 %.
    ("remainders told from none", 0.05),
    ("levers beyond chance", 0.05),
    // 7.13: patterns that nobody who works makes.
    ("integrity questions", 0.02),
];

type Tally = BTreeMap<&'static str, Said>;

fn people(server: &Server) -> Vec<String> {
    let compared = server.get("/api/v1/comparison?period=2026&role=AE").json();
    let people = compared["people"].as_array().expect("people");
    people.iter().map(|one| one["id"].as_str().expect("an identifier").to_owned()).collect()
}

fn has_verdict(people: &Value) -> bool {
    let clear = |one: &Value| one["verdict"].as_str().is_some_and(|verdict| verdict.starts_with("clearly"));
    people["people"].as_array().is_some_and(|people| people.iter().any(clear))
}

fn look_at(server: &Server, tally: &mut Tally) {
    for metric in ["win_rate_count", "opps_created", "avg_deal_size", "cycle_time_median"] {
        for period in ["2026", "2026-Q3", "2026-Q4"] {
            let path = format!("/api/v1/comparison?metric={metric}&period={period}&role=AE");
            let said = has_verdict(&server.get(&path).json());
            tally.entry("peer sets with a verdict").or_default().note(said);
        }
    }
    for metric in ["bookings", "deals_won"] {
        for period in ["2026", "2026-Q3", "2026-Q4"] {
            let path = format!("/api/v1/expectations?metric={metric}&period={period}&role=AE");
            let said = has_verdict(&server.get(&path).json());
            tally.entry("peer sets with a result unlike expected").or_default().note(said);
        }
    }
    charts(server, tally);
    // Whose question it is only they see; that one was asked, the log says.
    tally.entry("integrity questions").or_default().note(server.text("/audit").contains("integrity.ask"));
    for person in people(server) {
        for period in ["2026-Q3", "2026-Q4"] {
            let of = format!("level=rep&id={person}&period={period}");
            let market = server.get(&format!("/api/v1/market?{of}")).json();
            if let Some(said) = market["sentence"].as_str() {
                tally.entry("remainders told from none").or_default().note(said.contains("is clearly"));
            }
            let why = server.get(&format!("/api/v1/why?{of}")).json();
            // Opportunities are left out: the company's season is in them, and no chance.
            let parts = why["parts"].as_array().into_iter().flatten();
            for part in parts.filter(|part| part["lever"] != "opportunities") {
                if let Some(beyond) = part["beyond_chance"].as_bool() {
                    tally.entry("levers beyond chance").or_default().note(beyond);
                }
            }
        }
    }
}

/// Charts by month of what has no season: the company, its regions and its teams.
fn charts(server: &Server, tally: &mut Tally) {
    let teams = (1..=60).map(|number| format!("level=manager&id=person-{number}"));
    let regions = (1..=9).map(|number| format!("level=region&id=team-{number}"));
    for subject in teams.chain(regions).chain(["level=company".to_owned()]) {
        for metric in ["win_rate_count", "avg_deal_size"] {
            let reply = server.get(&format!("/api/v1/trend?{subject}&metric={metric}"));
            if reply.status != 200 {
                break;
            }
            let trend = reply.json();
            let is_marked =
                |point: &Value| point["signals"].as_array().is_some_and(|signals| !signals.is_empty());
            if !trend["limits"].is_null() {
                let said = trend["points"].as_array().is_some_and(|points| points.iter().any(is_marked));
                let kind = match metric {
                    "win_rate_count" => "charts of win rates with a signal",
                    _ => "charts of deal sizes with a signal",
                };
                tally.entry(kind).or_default().note(said);
            }
        }
    }
}

#[test]
fn where_everybody_sells_alike_hardly_anybody_is_told_apart() {
    let seeds: u64 = std::env::var("ATTAIN_SEEDS").ok().and_then(|count| count.parse().ok()).unwrap_or(1);
    let mut tally = Tally::new();
    for seed in 1..=seeds {
        let program = Program::new();
        let mut command =
            program.command(&["demo", "--null", "--alike", "--listen", "127.0.0.1:0", "--seed"]);
        command.arg(seed.to_string()).env("TMPDIR", program.folder.path());
        let server = Server::of(command);
        look_at(&server, &mut tally);
        // A campaign takes long, and may be stopped.
        println!("after {seed} of {seeds} companies:");
        for (what, said) in &tally {
            println!("  {what}: {} of {} ({:.1} %)", said.said, said.asked, said.share() * 100.0);
        }
    }
    for (what, bound) in BOUNDS {
        let said = tally.get(what).copied().unwrap_or_default();
        assert!(!said.exceeds(bound), "{what}: {said:?}, more than {bound}");
    }
}
