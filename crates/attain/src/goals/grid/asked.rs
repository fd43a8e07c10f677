//! What of the grid is asked for; all of it is in the address.

use attain_metrics::{Asker, Period};
use serde::Deserialize;
use utoipa::IntoParams;

use super::table::{Column, Order};
use crate::goals::choosing::Wanted;
use crate::web::extract::form_urlencoded;
use crate::web::problem::PageError;

/// Whose goals, of when, in which order.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub(super) struct Asked {
    /// people (the default) or teams.
    rows: String,
    /// Identifier of a leader: only who is below them.
    leader: String,
    /// Identifier of a region: only who is in it.
    region: String,
    /// Only people of this role.
    role: String,
    /// Only whose name contains this.
    name: String,
    /// One metric, to see it over four periods; all with targets in one period unless given.
    metric: String,
    /// 2017-Q3, 2017-03 or 2017; the quarter under way unless given.
    period: String,
    /// name (the default), or attainment or gap of a column, the furthest from the target first:
    /// attainment.bookings; of one metric over periods, attainment.2017-Q3.
    sort: String,
    /// So many rows are left out before the first one shown.
    from: usize,
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

impl Asked {
    pub(super) fn period(&self, asker: &Asker) -> Result<Period, PageError> {
        Wanted { period: given(&self.period).map(str::to_owned) }.period(asker)
    }

    pub(super) fn is_of_teams(&self) -> bool {
        self.rows == "teams"
    }

    pub(super) fn leader(&self) -> Option<&str> {
        given(&self.leader)
    }

    pub(super) fn region(&self) -> Option<&str> {
        given(&self.region)
    }

    /// A role, which teams have none of.
    pub(super) fn role(&self) -> Option<&str> {
        given(&self.role).filter(|_| !self.is_of_teams())
    }

    pub(super) fn name(&self) -> Option<&str> {
        given(&self.name)
    }

    pub(super) fn metric(&self) -> Option<&str> {
        given(&self.metric)
    }

    pub(super) fn from(&self) -> usize {
        self.from
    }

    /// The order; by name where there is no such column.
    pub(super) fn order(&self, columns: &[Column], by_period: bool) -> Order {
        let (what, of) = self.sort.split_once('.').unwrap_or_default();
        let at = columns.iter().position(|column| column.id(by_period) == of);
        match (what, at) {
            ("attainment", Some(at)) => Order::Attainment(at),
            ("gap", Some(at)) => Order::Gap(at),
            _ => Order::Name,
        }
    }

    /// Its value of the field that sorts.
    pub(super) fn sort(&self) -> &str {
        &self.sort
    }

    /// The address of the same with some of it changed: another order or filter begins at the first row.
    pub(super) fn address(&self, page: &str, changes: &[(&str, &str)]) -> String {
        let own = [
            ("rows", &self.rows),
            ("leader", &self.leader),
            ("region", &self.region),
            ("role", &self.role),
            ("name", &self.name),
            ("metric", &self.metric),
            ("period", &self.period),
            ("sort", &self.sort),
        ];
        let kept = own.iter().filter(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
        let all = kept.map(|(key, value)| (*key, value.as_str())).chain(changes.iter().copied());
        let said: Vec<(&str, &str)> = all.filter(|(_, value)| !value.is_empty()).collect();
        match said.is_empty() {
            true => page.to_owned(),
            false => format!("{page}?{}", form_urlencoded(&said)),
        }
    }
}
