//! The ways to look at bookings (domain 8.1): each is a chain of totals that ends in them. The first total, and
//! each other divided by the one before it, are the levers.

use attain_metrics::{Asker, Period, Reach, Subject};
use rust_decimal::Decimal;

use super::lever::Lever;
use super::reference::totals;
use crate::web::problem::PageError;

/// What bookings are seen as the product of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    #[default]
    Opportunities,
    Customers,
    Activities,
}

/// A total of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The metric that counts it.
    pub(super) metric: &'static str,
    /// What it is divided by the total before; the first one itself.
    pub(super) lever: Lever,
    /// What it is a number of.
    pub(super) things: &'static str,
}

const fn link(metric: &'static str, lever: Lever, things: &'static str) -> Link {
    Link { metric, lever, things }
}

/// What is owned, by which every chain ends.
pub(super) const BOOKINGS: &str = "bookings";
/// What is credited instead, where deals are shared.
pub(super) const CREDITED: &str = "credited_bookings";

const WON: Link = link("deals_won", Lever::Conversion, "deals won");
const BOOKED: Link = link(BOOKINGS, Lever::DealSize, "bookings");
const BY_OPPORTUNITIES: [Link; 3] =
    [link("opps_created", Lever::Opportunities, "opportunities created"), WON, BOOKED];
const BY_LEADS: [Link; 4] = [
    link("leads_created", Lever::Leads, "leads"),
    link("opps_created", Lever::OpportunitiesPerLead, "opportunities created"),
    WON,
    BOOKED,
];
const BY_CUSTOMERS: [Link; 4] = [
    link("customers_previous", Lever::Customers, "customers of the period before"),
    link("customers_retained", Lever::Retention, "customers who bought again"),
    link("customers", Lever::NewCustomers, "customers"),
    link(BOOKINGS, Lever::BookingsPerCustomer, "bookings"),
];
const BY_ACTIVITIES: [Link; 5] = [
    link("calls_made", Lever::Calls, "calls"),
    link("meetings_held", Lever::MeetingsPerCall, "meetings"),
    link("opps_created", Lever::OpportunitiesPerMeeting, "opportunities created"),
    WON,
    BOOKED,
];

impl Way {
    pub(super) const ALL: [Way; 3] = [Way::Opportunities, Way::Customers, Way::Activities];

    /// The name used in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Opportunities => "opportunities",
            Way::Customers => "customers",
            Way::Activities => "activities",
        }
    }

    /// The one of a name; opportunities unless one is named.
    pub(super) fn named(name: Option<&str>) -> Result<Way, PageError> {
        match name.filter(|name| !name.is_empty()) {
            None => Ok(Way::default()),
            Some(name) => {
                Way::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| PageError::Invalid {
                    field: "by".into(),
                    message: format!(
                        "`{name}` is no way to look at bookings; write opportunities, customers or activities"
                    ),
                })
            }
        }
    }

    /// Its longest chain for a subject. Leads belong to whoever owned them (T2), so that those of one person
    /// did not all become opportunities of theirs.
    pub(super) fn chain(self, subject: &Subject) -> &'static [Link] {
        match (self, subject) {
            (Way::Opportunities, Subject::Rep(_)) => &BY_OPPORTUNITIES,
            (Way::Opportunities, _) => &BY_LEADS,
            (Way::Customers, _) => &BY_CUSTOMERS,
            (Way::Activities, _) => &BY_ACTIVITIES,
        }
    }

    /// A chain without the leads, for where there are none.
    pub(super) fn without_leads(chain: &'static [Link]) -> &'static [Link] {
        if chain == BY_LEADS { &BY_OPPORTUNITIES } else { chain }
    }

    /// The ways for which a subject has what they begin with.
    pub(super) async fn offered(
        asker: &Asker,
        subject: &Subject,
        period: &Period,
        reach: &Reach,
    ) -> Result<Vec<Way>, PageError> {
        let first = |way: Way| way.chain(subject)[0].metric;
        let begun = totals(asker, subject, period, &Way::ALL.map(first), reach).await?;
        let is_there = |way: &Way| {
            *way == Way::Opportunities || begun.get(first(*way)).is_some_and(|total| total > Decimal::ZERO)
        };
        Ok(Way::ALL.into_iter().filter(is_there).collect())
    }
}
