//! The views by name: their query, their person, their money, and where their columns come from.

use attain_facts::canonical::Table;
use attain_facts::store::schema;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::prelude::{DataFrame, Expr};

use super::history;
use super::money::{self, Money};
use super::person::{self, Person};
use super::queries;
use crate::ask::MetricsError;
use crate::definition::When;
use crate::plan::{CREDIT_INSTANT, CURRENCY_MISSING, DECIMAL, Needed, Source, Wanted, column};

/// Columns every row has, whatever its source supplied.
const STORED: [&str; 4] = [schema::SOURCE_SYSTEM, schema::SOURCE_ID, schema::ROW_HASH, schema::RECORDED];

/// A view that catalogue models stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Deals with civil dates, value in the company's currency and cycle length.
    Opportunity,
    /// Deals with what was done on them: activities, contacts, earlier amounts.
    OpportunityWorked,
    /// Deals by the people who share their credit (T3, T4).
    Credit,
    /// Leads with their dates and first touch.
    Lead,
    /// Deals by the lead they came from.
    LeadOpportunity,
    /// Activities.
    Activity,
    /// Meetings that took place, with whether an opportunity followed.
    Meeting,
    /// Mail threads that began with a mail of ours.
    EmailThread,
    /// Invoice lines with the margin of their product.
    InvoiceLine,
    /// Accounts by the day they became customers.
    Account,
    /// Answers to surveys.
    SurveyResponse,
    /// Entries of deals into stages, with what became of them.
    StageEntry,
    /// Postponements of the expected month of closing.
    Push,
    /// Contracts due for renewal, with whether that was on time.
    Contract,
    /// Costs of campaigns.
    CampaignCost,
    /// Costs of people.
    SellingCost,
    /// Courses to be completed.
    Training,
    /// Days people work.
    WorkingDay,
    /// People by the manager they report to.
    ManagerAssignment,
    /// Customers at both ends of a period.
    Book,
    /// Who reached their quota.
    Attainment,
    /// How long people took to carry most of a full target.
    Ramp,
    /// Targets of people, prorated.
    Quota,
    /// Forecasts beside what was reached.
    Forecast,
    /// Open deals weighted by how often deals in their stage are won.
    Weighted,
}

/// A column a view adds: its name, its type and the column of a table it comes from.
pub(super) struct Derived {
    pub(super) name: &'static str,
    pub(super) kind: DataType,
    pub(super) from: Option<(Table, &'static str)>,
}

impl View {
    const ALL: [View; 25] = [
        View::Opportunity,
        View::OpportunityWorked,
        View::Credit,
        View::Lead,
        View::LeadOpportunity,
        View::Activity,
        View::Meeting,
        View::EmailThread,
        View::InvoiceLine,
        View::Account,
        View::SurveyResponse,
        View::StageEntry,
        View::Push,
        View::Contract,
        View::CampaignCost,
        View::SellingCost,
        View::Training,
        View::WorkingDay,
        View::ManagerAssignment,
        View::Book,
        View::Attainment,
        View::Ramp,
        View::Quota,
        View::Forecast,
        View::Weighted,
    ];

    /// The view of that name.
    pub(crate) fn named(name: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            View::Opportunity => "opportunity_credited",
            View::OpportunityWorked => "opportunity_worked",
            View::Credit => "credit_credited",
            View::Lead => "lead_credited",
            View::LeadOpportunity => "lead_opportunity",
            View::Activity => "activity_credited",
            View::Meeting => "meeting_credited",
            View::EmailThread => "email_thread_credited",
            View::InvoiceLine => "invoice_line_credited",
            View::Account => "account_credited",
            View::SurveyResponse => "survey_response_credited",
            View::StageEntry => "stage_entry_credited",
            View::Push => "push_credited",
            View::Contract => "contract_credited",
            View::CampaignCost => "campaign_cost_converted",
            View::SellingCost => "selling_cost_credited",
            View::Training => "training_credited",
            View::WorkingDay => "working_day",
            View::ManagerAssignment => "manager_assignment_credited",
            View::Book => "customer_book",
            View::Attainment => "attainment",
            View::Ramp => "ramp",
            View::Quota => "quota",
            View::Forecast => "forecast_pair",
            View::Weighted => "opportunity_weighted",
        }
    }

    /// The table whose rows it has, and whose coverage decides.
    pub(crate) fn table(self) -> Table {
        match self {
            View::Opportunity | View::OpportunityWorked | View::Credit | View::LeadOpportunity => {
                Table::Opportunity
            }
            View::Lead => Table::Lead,
            View::Activity | View::Meeting | View::EmailThread => Table::Activity,
            View::InvoiceLine => Table::InvoiceLine,
            View::Account => Table::Account,
            View::SurveyResponse => Table::SurveyResponse,
            View::StageEntry | View::Push => Table::OpportunityStageHistory,
            View::Contract => Table::Contract,
            View::CampaignCost => Table::CampaignCost,
            View::SellingCost => Table::SellingCost,
            View::Training => Table::TrainingAssignment,
            View::WorkingDay | View::Ramp => Table::Employee,
            View::ManagerAssignment => Table::ManagerAssignment,
            View::Book => Table::Account,
            View::Quota | View::Attainment => Table::Target,
            View::Forecast => Table::ForecastSubmission,
            View::Weighted => Table::Opportunity,
        }
    }

    /// Whom its rows count for.
    pub(super) fn person(self) -> Option<Person> {
        match self {
            View::Opportunity | View::OpportunityWorked | View::StageEntry | View::Push | View::Weighted => {
                Some(Person::OF_DEAL)
            }
            View::Lead => Some(Person::OF_LEAD),
            View::Account | View::Contract | View::Book => Some(Person::OF_ACCOUNT),
            View::InvoiceLine => Some(Person::OfInvoice),
            View::Credit => Some(Person::OfCredit),
            View::Activity
            | View::Meeting
            | View::EmailThread
            | View::SurveyResponse
            | View::SellingCost
            | View::Training
            | View::WorkingDay
            | View::Quota
            | View::Attainment
            | View::Ramp
            | View::Forecast
            | View::ManagerAssignment => Some(Person::Column("employee_id")),
            View::CampaignCost | View::LeadOpportunity => None,
        }
    }

    /// The amounts it has in the company's currency.
    pub(super) fn money(self) -> &'static [Money] {
        match self {
            View::Opportunity | View::Push | View::StageEntry | View::Weighted => money::DEAL,
            View::OpportunityWorked => money::WORKED_DEAL,
            View::Credit => money::CREDIT,
            View::InvoiceLine => money::INVOICE,
            View::CampaignCost => money::CAMPAIGN,
            View::SellingCost => money::SELLING,
            View::Quota => money::QUOTA,
            _ => &[],
        }
    }

    /// The column of the instant that decides whose a row is, where one is known (T1, T5).
    fn instant(self, when: &str) -> Option<&'static str> {
        match (self, when) {
            (View::Opportunity | View::OpportunityWorked | View::Lead, "created_date") => Some("created_at"),
            (View::Opportunity | View::OpportunityWorked | View::Credit, "close_date") => Some("closed_at"),
            (View::StageEntry, "entered_date") | (View::Push, _) => Some("changed_at"),
            (View::StageEntry, "left_date") => Some("left_at"),
            _ => None,
        }
    }

    /// The columns it adds to those of its table.
    pub(super) fn derived(self) -> Vec<Field> {
        let columns =
            queries::derived(self).into_iter().map(|column| Field::new(column.name, column.kind, true));
        let money = self.money().iter().map(|money| Field::new(money.value, DECIMAL, true));
        let missing =
            (!self.money().is_empty()).then(|| Field::new(CURRENCY_MISSING, DataType::Boolean, true));
        let person = self.person().map(|_| Field::new(person::CREDITED, DataType::Utf8, true));
        columns.chain(money).chain(missing).chain(person).collect()
    }

    /// The table and column that a column comes from.
    pub(super) fn origin(self, name: &str) -> Option<(Table, &str)> {
        if STORED.contains(&name) {
            return None;
        }
        if let Some(money) = self.money().iter().find(|money| money.value == name && money.source != name) {
            return self.origin(money.source);
        }
        if let Some(column) = queries::derived(self).into_iter().find(|column| column.name == name) {
            return column.from;
        }
        let own = schema::current(self.table(), &[]).field_with_name(name).is_ok();
        own.then_some((self.table(), name))
    }

    /// The names of its converted amounts.
    pub(crate) fn values(self) -> impl Iterator<Item = &'static str> {
        self.money().iter().map(|money| money.value)
    }

    /// Columns that what is added later is made from; `None` where that is too much to tell.
    pub(crate) fn carried(self, needed: &Needed) -> Option<Vec<&'static str>> {
        let mut carried: Vec<&'static str> = match self {
            View::Opportunity => {
                vec!["opportunity_id", "owner_id", "stage", "close_date", "closed_at", "created_at"]
            }
            View::Lead => vec!["lead_id", "owner_id", "created_at"],
            View::Activity | View::EmailThread => vec!["employee_id"],
            _ => return None,
        };
        if self.needs_money(needed) {
            carried.extend(self.money().iter().flat_map(|money| money.columns()));
        }
        Some(carried)
    }

    /// The date on which a row is expected to have what it has no date of yet: open deals have a day
    /// on which they are expected to close.
    pub(crate) fn expected(self, derived: &str) -> Option<&'static str> {
        let deals = matches!(self, View::Opportunity | View::OpportunityWorked | View::Credit);
        (deals && derived == "closed_date").then_some("close_date")
    }

    /// The column of its table that a date of its rows is, or is the instant of.
    pub(crate) fn stored_date(self, date: &str) -> Option<&str> {
        match (self, date) {
            (View::Opportunity | View::OpportunityWorked | View::Credit | View::LeadOpportunity, date) => {
                match date {
                    "closed_date" | "close_date" => Some("close_date"),
                    "created_date" => Some("created_at"),
                    _ => None,
                }
            }
            (View::Lead, "created_date") => Some("created_at"),
            (View::Activity | View::Meeting, "occurred_date") => Some("occurred_at"),
            (View::InvoiceLine, "invoice_date") => Some("invoice_date"),
            _ => None,
        }
    }

    /// Its rows, before it is known which day each counts for.
    pub(crate) async fn rows(self, source: &Source<'_>) -> Result<DataFrame, MetricsError> {
        queries::rows(self, source).await
    }

    /// Whether its rows are made for the periods of a question, instead of being dated.
    pub(crate) fn is_made_of_periods(self) -> bool {
        matches!(self, View::Book | View::Quota | View::Forecast | View::Ramp | View::Attainment)
    }

    /// The rows of a view that only exists for periods, already placed in them.
    pub(crate) async fn of_periods(
        self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Option<DataFrame>, MetricsError> {
        let (periods, rates) = (wanted.periods, wanted.rates);
        Ok(match self {
            View::Book => Some(super::book::dated(source, periods).await?),
            View::Quota => Some(super::quota::dated(source, wanted.periods, wanted.is_by_region()).await?),
            View::Forecast => Some(super::forecast::dated(source, periods, rates).await?),
            View::Ramp => Some(super::ramp::dated(source, periods, rates).await?),
            View::Attainment => Some(super::attainment::dated(source, periods, rates).await?),
            _ => None,
        })
    }

    /// Whether what is added to a row follows from the row and its day alone. Credit is shared among
    /// the rows of one period, and some views are made for periods.
    pub(crate) fn finishes_rows_apart(self) -> bool {
        !matches!(
            self,
            View::Credit
                | View::InvoiceLine
                | View::Weighted
                | View::Book
                | View::Quota
                | View::Forecast
                | View::Ramp
                | View::Attainment
        )
    }

    /// Whether several people may share what a row is worth.
    pub(crate) fn is_shared(self) -> bool {
        matches!(self, View::Credit | View::InvoiceLine)
    }

    /// Adds what depends on the day a row counts for: its person, its money, its state. Of the rows of others than
    /// the people given, those are left out on which nothing of theirs depends.
    pub(crate) async fn finish(
        self,
        source: &Source<'_>,
        rows: DataFrame,
        when: &When,
        rates: &super::RateMode,
        (needed, people): (&Needed, Option<&[Expr]>),
    ) -> Result<DataFrame, MetricsError> {
        let rows = match (self, when) {
            (View::Opportunity | View::OpportunityWorked, When::Snapshot) => {
                history::as_they_stood(source, rows).await?
            }
            (View::Weighted, When::Snapshot) => {
                history::weighted(source, history::as_they_stood(source, rows).await?).await?
            }
            _ => match self.instant(when.name()).filter(|_| needed.has(person::CREDITED)) {
                Some(instant) => rows.with_column(CREDIT_INSTANT, column(instant))?,
                None => rows,
            },
        };
        let rows = queries::state_on_the_day(self, source, rows).await?;
        let rows = match self.person() {
            Some(person) if needed.has(person::CREDITED) => {
                person::credited(source, rows, person, when).await?
            }
            _ => rows,
        };
        let rows = match people {
            Some(people) if self.is_shared() && needed.has(person::CREDITED) => {
                let theirs = column(person::CREDITED).in_list(people.to_vec(), false);
                rows.filter(column("credit_kind").is_not_null().or(theirs))?
            }
            _ => rows,
        };
        let rows = match self.needs_money(needed) {
            true => money::converted(source, rows, self.money(), rates).await?,
            false => rows,
        };
        match self {
            View::Credit => super::split::shared(source, rows, "opportunity_id", "employee_id").await,
            View::InvoiceLine => super::split::shared(source, rows, "line_id", "share_person").await,
            _ => Ok(rows),
        }
    }
}
