//! What was to be reached: quotas by quarter, and what people said they would reach.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::chance::Chance;
use super::days::{History, days_between, moment, next_quarter, working_day_from};
use super::people::{Person, Role};

const STREAM: u64 = 9;

/// Days before a quarter on which its quotas are approved, and its forecasts handed in.
const APPROVED_DAYS_BEFORE: i64 = 10;
const FORECAST_DAYS_BEFORE: i64 = 5;

/// A person's target for a quarter.
pub(super) struct Quota {
    pub(super) person: usize,
    pub(super) metric: &'static str,
    pub(super) is_money: bool,
    pub(super) quarter: Date,
    pub(super) value: i64,
    /// Position of the manager who approved it.
    pub(super) approved_by: usize,
    pub(super) approved_at: DateTime,
}

/// What somebody said they would reach.
pub(super) struct Forecast {
    pub(super) person: usize,
    pub(super) quarter: Date,
    pub(super) value: i64,
    pub(super) category: &'static str,
    pub(super) submitted_at: DateTime,
}

/// Sets the quotas of every seller for every quarter in which they work.
pub(super) fn quotas(people: &[Person], history: &History, seed: u64) -> Vec<Quota> {
    let mut chance = Chance::new(seed, STREAM);
    let mut quotas = Vec::new();
    for quarter in history.quarters() {
        let growth = 1.0 + 0.012 * history.quarter_number(quarter) as f64;
        let approved_on = working_day_from(quarter.saturating_sub(APPROVED_DAYS_BEFORE.days()));
        for (person, seller) in people.iter().enumerate().filter(|(_, one)| one.role.sells()) {
            if !seller.works_on(quarter) && !seller.works_on(next_quarter(quarter).saturating_sub(1.day())) {
                continue;
            }
            let (metric, full, step) = full(seller.role);
            let value = (full * growth * ramp(seller, quarter) / step).max(1.0) as i64 * step as i64;
            quotas.push(Quota {
                person,
                metric,
                is_money: seller.role.has_territory(),
                quarter,
                value,
                approved_by: seller.postings[0].manager,
                approved_at: moment(approved_on.max(working_day_from(seller.hired_on)), &mut chance),
            });
        }
    }
    quotas
}

/// The metric of a role, a full quota of the first quarter, and what it is rounded to.
fn full(role: Role) -> (&'static str, f64, f64) {
    match role {
        Role::AccountExecutive => ("bookings", 270_000.0, 5_000.0),
        Role::AccountManager => ("bookings", 330_000.0, 5_000.0),
        _ => ("leads_qualified", 26.0, 1.0),
    }
}

/// The part of a full quota that somebody new carries (domain 6.4).
fn ramp(seller: &Person, quarter: Date) -> f64 {
    match days_between(seller.hired_on, quarter) {
        ..0 => 0.25,
        0..90 => 0.5,
        90..180 => 0.75,
        _ => 1.0,
    }
}

/// Forecasts of everybody with a quota in money: one before the quarter, one in its middle.
pub(super) fn forecasts(quotas: &[Quota], seed: u64) -> Vec<Forecast> {
    let mut chance = Chance::new(seed, STREAM + 1);
    let mut forecasts = Vec::new();
    for quota in quotas.iter().filter(|quota| quota.is_money) {
        let before = quota.quarter.saturating_sub(FORECAST_DAYS_BEFORE.days());
        let middle = quota.quarter.saturating_add(45.days());
        for (day, category, spread) in [(before, "Commit", 0.22), (middle, "Best Case", 0.3)] {
            if day >= quota.approved_at.date() && chance.happens(0.93) {
                let value = (quota.value as f64 * chance.between(0.98 - spread, 1.02 + spread) / 1_000.0)
                    as i64
                    * 1_000;
                forecasts.push(Forecast {
                    person: quota.person,
                    quarter: quota.quarter,
                    value,
                    category,
                    submitted_at: moment(day, &mut chance),
                });
            }
        }
    }
    forecasts
}
