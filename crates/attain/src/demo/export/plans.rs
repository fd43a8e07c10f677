//! Quotas and forecasts.

use super::super::Company;
use super::super::days::{instant, period_key};
use super::super::identifiers::{Object, identifier};
use super::super::plans::{self, Quota};
use super::sheet::{Outbox, euros};

pub(super) fn write(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let quotas = plans::quotas(&company.people, &company.history, company.seed);
    write_quotas(&quotas, outbox)?;
    write_forecasts(&quotas, company.seed, outbox)
}

fn write_quotas(quotas: &[Quota], outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let header =
        ["Id", "UserId", "Metric", "Period", "Value", "CurrencyIsoCode", "ApprovedById", "ApprovedDate"];
    let mut sheet = outbox.changes("quotas.csv", header);
    for (position, quota) in quotas.iter().enumerate() {
        let row = [
            identifier(Object::Quota, position),
            identifier(Object::User, quota.person),
            quota.metric.to_owned(),
            period_key(quota.quarter),
            if quota.is_money { euros(quota.value) } else { quota.value.to_string() },
            if quota.is_money { "EUR" } else { "" }.to_owned(),
            identifier(Object::User, quota.approved_by),
            instant(quota.approved_at),
        ];
        sheet.add_once(quota.approved_at.date(), row)?;
    }
    sheet.finish()
}

fn write_forecasts(quotas: &[Quota], seed: u64, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let mut sheet =
        outbox.changes("forecasts.csv", ["UserId", "Period", "Amount", "Category", "SubmittedDate"]);
    for forecast in plans::forecasts(quotas, seed) {
        let row = [
            identifier(Object::User, forecast.person),
            period_key(forecast.quarter),
            euros(forecast.value),
            forecast.category.to_owned(),
            instant(forecast.submitted_at),
        ];
        sheet.add_once(forecast.submitted_at.date(), row)?;
    }
    sheet.finish()
}
