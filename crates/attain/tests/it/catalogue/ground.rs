//! The fixture's rows in SQLite, an engine that is not the product's, with domain 3 on top.
//!
//! Rows go in straight from the generator, not through the import. What SQL says badly is written
//! here in plain Rust from the text: civil dates (T8), rates of exchange (T12), rounding and
//! allocation to the cent (T13).

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::canonical::{ColumnType, Table};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::{Decimal, RoundingStrategy};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

use super::fixture::plans::QUARTERS;
use super::fixture::sheet::{Sheets, columns};
use super::fixture::{KNOWN, KNOWN_ON};

/// SQLite in memory, filled.
pub(crate) struct Ground(DatabaseConnection);

impl Ground {
    pub(crate) async fn fill(sheets: &Sheets) -> Ground {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1).min_connections(1).sqlx_logging(false);
        let ground = Ground(Database::connect(options).await.expect("SQLite in memory"));
        for table in Table::ALL {
            ground.load(sheets, table).await;
        }
        ground.add_days().await;
        ground.add_quarters().await;
        ground.add_worth(sheets).await;
        ground.run(include_str!("ground.sql")).await;
        ground.add_credit(sheets).await;
        ground.run(include_str!("after_credit.sql")).await;
        ground
    }

    async fn run(&self, sql: &str) {
        let sql = sql.replace("{known_on}", &KNOWN_ON.to_string()).replace("{known}", KNOWN);
        self.0.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    pub(crate) async fn query(&self, sql: &str) -> Vec<QueryResult> {
        let sql = sql.replace("{known_on}", &KNOWN_ON.to_string()).replace("{known}", KNOWN);
        let statement = Statement::from_string(self.0.get_database_backend(), sql.as_str());
        self.0.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{error}\n{sql}"))
    }

    async fn insert(&self, table: &str, rows: &[Vec<String>]) {
        for some in rows.chunks(400) {
            let rows: Vec<String> = some.iter().map(|row| format!("({})", row.join(","))).collect();
            self.run(&format!("INSERT INTO {table} VALUES {}", rows.join(","))).await;
        }
    }

    /// A table as it was made, with the civil date beside each instant.
    async fn load(&self, sheets: &Sheets, table: Table) {
        let mut names = Vec::new();
        for column in columns(table) {
            names.push(format!("\"{column}\""));
            if is_instant(table, column) {
                names.push(format!("\"{column}_on\""));
            }
        }
        self.run(&format!("CREATE TABLE {table} ({})", names.join(","))).await;
        let rows: Vec<Vec<String>> = sheets
            .rows(table)
            .iter()
            .map(|row| {
                let cell = |column| row.get(column).map_or("", String::as_str);
                columns(table).into_iter().flat_map(|column| stored(table, column, cell(column))).collect()
            })
            .collect();
        self.insert(table.name(), &rows).await;
    }

    async fn add_days(&self) {
        self.run("CREATE TABLE day (day, last_second, working)").await;
        let mut rows = Vec::new();
        let mut day = date(2022, 1, 1);
        while day < date(2027, 1, 1) {
            let working = u8::from(day.weekday().to_monday_zero_offset() < 5);
            let last_second = start_of(day.tomorrow().expect("a day")) - 1.second();
            rows.push(vec![text(day), text(last_second), working.to_string()]);
            day = day.tomorrow().expect("a day");
        }
        self.insert("day", &rows).await;
        self.run("CREATE UNIQUE INDEX day_by ON day (day)").await;
    }

    async fn add_quarters(&self) {
        self.run("CREATE TABLE quarter (key, starts, ends, at, at_on, through)").await;
        let known: Timestamp = KNOWN.parse().expect("an instant");
        let rows: Vec<Vec<String>> = QUARTERS
            .iter()
            .map(|(key, from, to)| {
                let last = to.yesterday().expect("a day");
                let at = start_of(*to).min(known);
                vec![
                    text(key),
                    text(from),
                    text(to),
                    text(at),
                    text(last.min(KNOWN_ON)),
                    text((*to).min(KNOWN_ON)),
                ]
            })
            .collect();
        self.insert("quarter", &rows).await;
    }

    /// What every amount is worth in EUR on every day it is asked for (T12, T13a).
    async fn add_worth(&self, sheets: &Sheets) {
        let rates = Rates::read(sheets);
        let rows: Vec<Vec<String>> = amounts(sheets)
            .into_iter()
            .map(|(amount, currency, day)| {
                let cents = rates.in_euro(amount, &currency, day);
                vec![
                    amount.to_string(),
                    text(&currency),
                    text(day),
                    cents.map_or("NULL".into(), |cents| cents.to_string()),
                ]
            })
            .collect();
        self.run("CREATE TABLE worth (amount, ccy, day, cents)").await;
        self.insert("worth", &rows).await;
        self.run("CREATE UNIQUE INDEX worth_by ON worth (amount, ccy, day)").await;
    }

    /// Credit to the cent for deals won and for lines of invoices (T3, T5).
    async fn add_credit(&self, sheets: &Sheets) {
        self.run("CREATE TABLE credit (opportunity_id, rep, kind, cents); CREATE TABLE line_credit (line_id, rep, cents)").await;
        let mut owners = BTreeMap::new();
        let mut credits = Vec::new();
        for row in self.query("SELECT id, rep, cents FROM won").await {
            let (deal, owner) = (name(&row, "id"), word(&row, "rep"));
            owners.insert(deal.clone(), owner.clone());
            let Some(cents) = whole(&row, "cents") else { continue };
            for (rep, part) in primary_credit(sheets, &deal, owner.as_deref(), cents) {
                credits.push(vec![text(&deal), nullable(rep.as_deref()), text("primary"), part.to_string()]);
            }
            for (rep, part) in overlay_credit(sheets, &deal, cents) {
                credits.push(vec![text(&deal), text(rep), text("overlay"), part.to_string()]);
            }
        }
        self.insert("credit", &credits).await;
        let mut lines = Vec::new();
        for row in self.query("SELECT id, employee_id, opportunity_id, account_owner, cents FROM line").await
        {
            let line = name(&row, "id");
            let cents = whole(&row, "cents");
            let account_owner = word(&row, "account_owner");
            let deal = word(&row, "opportunity_id");
            let deal_owner = deal.as_ref().and_then(|deal| owners.get(deal).cloned().flatten());
            let parts = match (word(&row, "employee_id"), deal) {
                (Some(seller), _) => vec![(Some(seller), cents)],
                (None, Some(deal)) => {
                    let owner = deal_owner.or(account_owner);
                    let parts = primary_credit(sheets, &deal, owner.as_deref(), cents.unwrap_or(0));
                    parts.into_iter().map(|(rep, part)| (rep, cents.map(|_| part))).collect()
                }
                (None, None) => vec![(account_owner, cents)],
            };
            for (rep, cents) in parts {
                lines.push(vec![
                    text(&line),
                    nullable(rep.as_deref()),
                    cents.map_or("NULL".into(), |cents| cents.to_string()),
                ]);
            }
        }
        self.insert("line_credit", &lines).await;
    }
}

fn text(value: impl ToString) -> String {
    format!("'{}'", value.to_string().replace('\'', "''"))
}

fn nullable(value: Option<&str>) -> String {
    value.map_or("NULL".to_owned(), text)
}

fn name(row: &QueryResult, column: &str) -> String {
    row.try_get("", column).expect("text")
}

pub(crate) fn word(row: &QueryResult, column: &str) -> Option<String> {
    row.try_get::<Option<String>>("", column).ok().flatten()
}

fn whole(row: &QueryResult, column: &str) -> Option<i64> {
    row.try_get::<Option<i64>>("", column).expect("a whole number")
}

/// A number of any kind; nothing where it is null or the query has no such column.
pub(crate) fn figure(row: &QueryResult, column: &str) -> Option<f64> {
    let fraction = row.try_get::<Option<f64>>("", column).ok().flatten();
    fraction.or_else(|| row.try_get::<Option<i64>>("", column).ok().flatten().map(|whole| whole as f64))
}

fn is_instant(table: Table, column: &str) -> bool {
    table.column(column).is_some_and(|(_, column)| column.kind == ColumnType::Timestamp)
}

fn start_of(day: Date) -> Timestamp {
    let berlin = TimeZone::get("Europe/Berlin").expect("a known zone");
    day.to_zoned_datetime(berlin).expect("a day of this era").timestamp()
}

fn civil(instant: &str) -> Date {
    let instant: Timestamp = instant.parse().expect("an instant");
    TimeZone::get("Europe/Berlin").expect("a known zone").to_datetime(instant).date()
}

/// Hundredths of a decimal number.
fn hundredths(number: &str) -> i64 {
    let number: Decimal = number.parse().expect("a number");
    (number * Decimal::ONE_HUNDRED).normalize().to_string().parse().expect("at most two places")
}

/// A cell as SQLite keeps it; an instant brings its civil date along.
fn stored(table: Table, column: &str, cell: &str) -> Vec<String> {
    let null = || "NULL".to_owned();
    let kind = table.column(column).map(|(_, column)| column.kind);
    let blank = cell.is_empty();
    match kind {
        Some(ColumnType::Timestamp) if blank => vec![null(), null()],
        Some(ColumnType::Timestamp) => vec![text(cell), text(civil(cell))],
        _ if blank => vec![null()],
        Some(ColumnType::Decimal | ColumnType::Amount) => vec![hundredths(cell).to_string()],
        Some(ColumnType::Share | ColumnType::Rate | ColumnType::Count) => vec![cell.to_owned()],
        Some(ColumnType::Month) => vec![text(format!("{cell}-01"))],
        _ => vec![text(cell)],
    }
}

/// Rates of exchange by pair and day.
struct Rates(BTreeMap<(String, String), BTreeMap<Date, Decimal>>);

impl Rates {
    fn read(sheets: &Sheets) -> Rates {
        let mut rates = Rates(BTreeMap::new());
        for row in sheets.rows(Table::FxRate) {
            let pair = (row["from_ccy"].clone(), row["to_ccy"].clone());
            let day = row["rate_date"].parse().expect("a date");
            rates.0.entry(pair).or_default().insert(day, row["rate"].parse().expect("a rate"));
        }
        rates
    }

    /// The latest of the day or at most seven days before it.
    fn quoted(&self, from: &str, to: &str, day: Date) -> Option<Decimal> {
        let quoted = self.0.get(&(from.to_owned(), to.to_owned()))?;
        let oldest = day - 7.days();
        quoted.range(oldest..=day).next_back().map(|(_, rate)| *rate)
    }

    fn pair(&self, from: &str, to: &str, day: Date) -> Option<Decimal> {
        self.quoted(from, to, day).or_else(|| self.quoted(to, from, day).map(|rate| Decimal::ONE / rate))
    }

    /// Hundredths of a currency as cents, half-even.
    fn in_euro(&self, amount: i64, currency: &str, day: Date) -> Option<i64> {
        if currency == "EUR" {
            return Some(amount);
        }
        let through_dollars = || Some(self.pair(currency, "USD", day)? * self.pair("USD", "EUR", day)?);
        let rate = self.pair(currency, "EUR", day).or_else(through_dollars)?;
        let cents =
            (Decimal::from(amount) * rate).round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        Some(cents.normalize().to_string().parse().expect("whole cents"))
    }
}

/// Every amount with its currency and the days for which its worth is asked.
fn amounts(sheets: &Sheets) -> BTreeSet<(i64, String, Date)> {
    let mut needed = BTreeSet::new();
    let mut changes: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for row in sheets.rows(Table::OpportunityStageHistory) {
        if let Some(amount) = row.get("amount_at_change").filter(|amount| !amount.is_empty()) {
            changes.entry(&row["opportunity_id"]).or_default().push(hundredths(amount));
        }
    }
    let ends: Vec<Date> =
        QUARTERS.iter().map(|(_, _, to)| to.yesterday().expect("a day").min(KNOWN_ON)).collect();
    for row in sheets.rows(Table::Opportunity) {
        let mut amounts = changes.get(row["id"].as_str()).cloned().unwrap_or_default();
        let own = ["amount", "list_amount"].into_iter().filter_map(|column| row.get(column));
        amounts.extend(own.filter(|amount| !amount.is_empty()).map(|amount| hundredths(amount)));
        let mut asked = ends.clone();
        asked.extend(row["close_date"].parse::<Date>().ok());
        asked.extend(
            Some(&row["created_at"]).filter(|created| !created.is_empty()).map(|created| civil(created)),
        );
        for amount in amounts {
            needed.extend(asked.iter().map(|day| (amount, row["amount_ccy"].clone(), *day)));
        }
    }
    for row in sheets.rows(Table::InvoiceLine) {
        let day = row["invoice_date"].parse().expect("a date");
        needed.insert((hundredths(&row["net_amount"]), row["net_amount_ccy"].clone(), day));
    }
    for row in sheets.rows(Table::Subscription) {
        for (_, from, to) in QUARTERS {
            needed.extend(
                [from, to.min(KNOWN_ON)].map(|day| (hundredths(&row["mrr"]), row["mrr_ccy"].clone(), day)),
            );
        }
    }
    needed
}

fn shares<'s>(sheets: &'s Sheets, deal: &str, kind: &str) -> Vec<(&'s str, Decimal)> {
    let rows = sheets.rows(Table::CreditSplit).iter();
    let mut shares: Vec<(&str, Decimal)> = rows
        .filter(|row| row["opportunity_id"] == deal && row["kind"] == kind)
        .map(|row| (row["employee_id"].as_str(), row["share"].parse().expect("a share")))
        .collect();
    shares.sort();
    shares
}

/// T3: shares among those who split the deal, all of it to the owner where nobody does.
fn primary_credit(
    sheets: &Sheets,
    deal: &str,
    owner: Option<&str>,
    cents: i64,
) -> Vec<(Option<String>, i64)> {
    let among = shares(sheets, deal, "primary");
    if among.is_empty() {
        return vec![(owner.map(str::to_owned), cents)];
    }
    let parts = allocate(cents, &among.iter().map(|(_, share)| *share).collect::<Vec<_>>());
    among.iter().map(|(person, _)| Some((*person).to_owned())).zip(parts).collect()
}

/// T13b: whole units first, then one each to the largest remainders, ties by position.
pub(crate) fn allocate(total: i64, shares: &[Decimal]) -> Vec<i64> {
    let exact: Vec<Decimal> = shares.iter().map(|share| Decimal::from(total.abs()) * share).collect();
    let mut parts: Vec<i64> =
        exact.iter().map(|part| part.floor().normalize().to_string().parse().expect("whole")).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|position| (-(exact[*position] - exact[*position].floor()), *position));
    let left = total.abs() - parts.iter().sum::<i64>();
    for position in order.into_iter().take(usize::try_from(left).expect("not negative")) {
        parts[position] += 1;
    }
    parts.into_iter().map(|part| part * total.signum()).collect()
}

/// T4: overlay credit lies outside of the whole.
fn overlay_credit<'s>(sheets: &'s Sheets, deal: &str, cents: i64) -> Vec<(&'s str, i64)> {
    let credited = |share: Decimal| {
        let part =
            (Decimal::from(cents) * share).round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        part.normalize().to_string().parse().expect("whole cents")
    };
    shares(sheets, deal, "overlay").into_iter().map(|(person, share)| (person, credited(share))).collect()
}
