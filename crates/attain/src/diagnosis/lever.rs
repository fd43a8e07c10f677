//! The levers: what bookings are a product of, whichever way one looks at them, and what is added beside.

/// What a part of a change is the effect of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lever {
    Leads,
    OpportunitiesPerLead,
    Opportunities,
    Conversion,
    DealSize,
    Customers,
    Retention,
    NewCustomers,
    BookingsPerCustomer,
    Calls,
    MeetingsPerCall,
    OpportunitiesPerMeeting,
    /// No factor: what is credited beyond, or short of, what is owned.
    Split,
}

/// How its values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Count,
    Share,
    Ratio,
    Money,
}

/// What decides whether it differs by more than chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chance {
    /// A number of events.
    Count,
    /// Two numbers of events, neither a part of the other.
    RatioOfCounts,
    /// A number of events among others.
    Share,
    /// The amounts of the deals won.
    Amounts,
    /// Nothing that is known here.
    Unknown,
}

impl Lever {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Lever::Leads => "leads",
            Lever::OpportunitiesPerLead => "opportunities per lead",
            Lever::Opportunities => "opportunities",
            Lever::Conversion => "conversion",
            Lever::DealSize => "deal size",
            Lever::Customers => "customers before",
            Lever::Retention => "retention",
            Lever::NewCustomers => "growth by new customers",
            Lever::BookingsPerCustomer => "bookings per customer",
            Lever::Calls => "calls",
            Lever::MeetingsPerCall => "meetings per call",
            Lever::OpportunitiesPerMeeting => "opportunities per meeting",
            Lever::Split => "split effect",
        }
    }

    /// The metric that opens it, or the count it adds to the ones before.
    pub(super) fn metric(self) -> &'static str {
        match self {
            Lever::Leads => "leads_created",
            Lever::Opportunities | Lever::OpportunitiesPerLead | Lever::OpportunitiesPerMeeting => {
                "opps_created"
            }
            Lever::Conversion => "won_per_created",
            Lever::DealSize => "avg_deal_size",
            Lever::Customers => "customers_previous",
            Lever::Retention => "buyer_retention",
            Lever::NewCustomers => "customers",
            Lever::BookingsPerCustomer => "bookings_per_customer",
            Lever::Calls => "calls_made",
            Lever::MeetingsPerCall => "meetings_held",
            Lever::Split => "credited_bookings",
        }
    }

    /// How its values are read.
    pub(super) fn reading(self) -> Reading {
        match self {
            Lever::Leads | Lever::Opportunities | Lever::Customers | Lever::Calls => Reading::Count,
            Lever::Conversion | Lever::Retention => Reading::Share,
            Lever::OpportunitiesPerLead
            | Lever::NewCustomers
            | Lever::MeetingsPerCall
            | Lever::OpportunitiesPerMeeting => Reading::Ratio,
            Lever::DealSize | Lever::BookingsPerCustomer | Lever::Split => Reading::Money,
        }
    }

    /// What decides whether it differs by more than chance.
    pub(super) fn chance(self) -> Chance {
        match self {
            Lever::Leads | Lever::Opportunities | Lever::Customers | Lever::Calls => Chance::Count,
            Lever::OpportunitiesPerLead
            | Lever::Conversion
            | Lever::MeetingsPerCall
            | Lever::OpportunitiesPerMeeting => Chance::RatioOfCounts,
            Lever::Retention => Chance::Share,
            Lever::DealSize => Chance::Amounts,
            Lever::NewCustomers | Lever::BookingsPerCustomer | Lever::Split => Chance::Unknown,
        }
    }
}
