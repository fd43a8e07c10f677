//! The views as queries over canonical tables. They are fixed texts, read like tables; what people
//! write in definitions is parsed and never becomes part of one.

use attain_facts::canonical::Table;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::prelude::{DataFrame, lit};

use super::view::{Derived, View};
use super::{history, split};
use crate::ask::MetricsError;
use crate::plan::{CREDIT_DATE, DECIMAL, Source, column};
use crate::tables::Coverage;

/// Days without activity after which an open deal is stale (domain 19, `stale_days`).
const STALE_DAYS: i32 = 30;

/// The columns a query adds, beside its person and money.
pub(super) fn derived(view: View) -> Vec<Derived> {
    use DataType::{Boolean, Date32, Float64, Int32, Int64, Utf8};
    let deal = |column: &'static str| Some((Table::Opportunity, column));
    let lead = |column: &'static str| Some((Table::Lead, column));
    let activity = |column: &'static str| Some((Table::Activity, column));
    let history = |column: &'static str| Some((Table::OpportunityStageHistory, column));
    let of = |name, kind, from| Derived { name, kind, from };
    let instant =
        || DataType::Timestamp(datafusion::arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()));
    let of_deal = || {
        vec![
            of("created_date", Date32, deal("created_at")),
            of("closed_date", Date32, deal("close_date")),
            of("cycle_days", Int32, deal("created_at")),
            of("closed_at", instant(), None),
        ]
    };
    match view {
        View::Opportunity => of_deal(),
        View::OpportunityWorked => {
            let mut columns = of_deal();
            columns.extend([
                of("amount_created", DECIMAL, history("amount_at_change")),
                of("amount_before", DECIMAL, history("amount_at_change")),
                of("out_activities", Int64, activity("opportunity_id")),
                of("third_contact_date", Date32, Some((Table::OpportunityContact, "contact_id"))),
                of("has_history", Boolean, None),
                of("filled_fields", Int32, deal("stage")),
                of("activity_planned", Boolean, activity("opportunity_id")),
                of("recently_worked", Boolean, activity("opportunity_id")),
            ]);
            columns
        }
        View::Credit => {
            let mut columns = of_deal();
            columns.extend([
                of("employee_id", Utf8, None),
                of("credit_kind", Utf8, None),
                of("share", DECIMAL, None),
                of("value", DECIMAL, deal("amount")),
            ]);
            columns
        }
        View::Lead => vec![
            of("created_date", Date32, lead("created_at")),
            of(
                "touched_at",
                DataType::Timestamp(datafusion::arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into())),
                lead("created_at"),
            ),
            of("minutes_to_touch", Float64, lead("created_at")),
            of("minutes_waiting", Float64, lead("created_at")),
            of("days_to_qualify", Int32, lead("sql_at")),
        ],
        View::Activity => vec![
            of("occurred_date", Date32, activity("occurred_at")),
            of("logging_hours", Float64, activity("logged_at")),
        ],
        View::LeadOpportunity => {
            let mut columns = of_deal();
            columns.push(of("from_lead", Utf8, deal("lead_id")));
            columns
        }
        View::Meeting => vec![
            of("occurred_date", Date32, activity("occurred_at")),
            of("followed", Boolean, deal("created_at")),
        ],
        View::EmailThread => vec![
            of("started_date", Date32, activity("thread_id")),
            of("replied", Boolean, activity("thread_id")),
        ],
        View::InvoiceLine => vec![
            of("owner_id", Utf8, None),
            of("deal_owner_id", Utf8, None),
            of("account_owner_id", Utf8, None),
            of("deal_closed_at", instant(), None),
            of("share_person", Utf8, None),
            of("credit_kind", Utf8, None),
            of("share", DECIMAL, None),
            of("value", DECIMAL, Some((Table::InvoiceLine, "net_amount"))),
            of("margin_rate", DECIMAL, Some((Table::Product, "margin_rate"))),
        ],
        View::Account => vec![of("customer_since", Date32, None)],
        View::SurveyResponse => {
            vec![of("responded_date", Date32, Some((Table::SurveyResponse, "responded_at")))]
        }
        View::StageEntry => vec![
            of("entered_date", Date32, history("changed_at")),
            of("left_date", Date32, history("changed_at")),
            of("days_in_stage", Int32, history("changed_at")),
            of("moved_on", Boolean, history("to_stage")),
            of("undecided", Boolean, history("to_stage")),
            of("amount", DECIMAL, deal("amount")),
            of("amount_ccy", Utf8, None),
            of("list_amount", DECIMAL, None),
            of("list_amount_ccy", Utf8, None),
            of("owner_id", Utf8, None),
        ],
        View::Push => vec![
            of("pushed_date", Date32, history("close_date_at_change")),
            of("months_later", Int32, history("close_date_at_change")),
            of("amount", DECIMAL, deal("amount")),
            of("amount_ccy", Utf8, None),
            of("list_amount", DECIMAL, None),
            of("list_amount_ccy", Utf8, None),
            of("owner_id", Utf8, None),
        ],
        View::Contract => vec![of("owner_id", Utf8, None), of("renewed_on_time", Boolean, deal("type"))],
        View::CampaignCost => Vec::new(),
        View::SellingCost => vec![of("cost", DECIMAL, Some((Table::SellingCost, "pay")))],
        View::Training => Vec::new(),
        View::Ramp => vec![
            of("starts_on", Date32, None),
            of("months_to_ramp", Int32, Some((Table::Target, "value"))),
            of("months_in_role", Int32, Some((Table::Employee, "hire_date"))),
        ],
        View::WorkingDay => vec![of("day", Date32, None), of("worked", DECIMAL, None)],
        View::Book => vec![
            of("opening_date", Date32, None),
            of("opening", Boolean, None),
            of("closing", Boolean, None),
            of("acquisitions", Int64, None),
            of("recurring_before", DECIMAL, Some((Table::Subscription, "mrr"))),
            of("recurring_after", DECIMAL, Some((Table::Subscription, "mrr"))),
        ],
        View::Attainment => vec![
            of("starts_on", Date32, None),
            of("employee_id", Utf8, None),
            of("target", DECIMAL, Some((Table::Target, "value"))),
            of("reached", DECIMAL, None),
            of("attained", Boolean, None),
            of("comparable", Boolean, None),
        ],
        View::Quota => vec![
            of("starts_on", Date32, None),
            of("employee_id", Utf8, None),
            of("target_given", DECIMAL, Some((Table::Target, "value"))),
            of("target_ccy", Utf8, Some((Table::Target, "currency"))),
            of("presence", DECIMAL, None),
            of("prorated", Boolean, None),
        ],
        View::Forecast => vec![
            of("starts_on", Date32, None),
            of("forecast", DECIMAL, Some((Table::ForecastSubmission, "value"))),
            of("is_due", Boolean, None),
            of("reached", DECIMAL, None),
        ],
        View::Weighted => {
            let mut columns = of_deal();
            columns.push(of("won_share", Float64, history("to_stage")));
            columns
        }
        View::ManagerAssignment => vec![of("held_from", Date32, None), of("held_to", Date32, None)],
    }
}

/// The rows of a view, before the day each counts for is known.
pub(super) async fn rows(view: View, source: &Source<'_>) -> Result<DataFrame, MetricsError> {
    match view {
        View::Opportunity => deals(source).await,
        View::OpportunityWorked => worked_deals(source).await,
        View::Credit => credits(source).await,
        View::Lead => source.query(&["lead", "activity"], &leads(source)).await,
        View::Activity => source.query(&["activity"], ACTIVITIES).await,
        View::LeadOpportunity => source.query(&["opportunity_credited", "lead"], LEAD_OPPORTUNITIES).await,
        View::Meeting => source.query(&["activity", "opportunity_credited"], MEETINGS).await,
        View::EmailThread => source.query(&["activity"], EMAIL_THREADS).await,
        View::InvoiceLine => {
            let tables = ["invoice_line", "opportunity_credited", "account", "product", "credit_split"];
            source.query(&tables, INVOICE_LINES).await
        }
        View::Account => source.query(&["account", "opportunity", "invoice_line"], ACCOUNTS).await,
        View::SurveyResponse => source.query(&["survey_response"], SURVEYS).await,
        View::StageEntry => source.query(&["opportunity_stage_history", "opportunity"], STAGE_ENTRIES).await,
        View::Push => source.query(&["opportunity_stage_history", "opportunity"], PUSHES).await,
        View::Contract => source.query(&["contract", "account", "opportunity"], CONTRACTS).await,
        View::CampaignCost => source.query(&["campaign_cost"], "select * from campaign_cost").await,
        View::SellingCost => {
            let query = "select *, cast(pay + expense as decimal(28, 6)) as cost from selling_cost";
            source.query(&["selling_cost"], query).await
        }
        View::Training => source.query(&["training_assignment"], "select * from training_assignment").await,
        View::WorkingDay => super::working_days::rows(source).await,
        View::ManagerAssignment => source.query(&["manager_assignment"], MANAGERS).await,
        View::Weighted => source.query(&["opportunity_credited"], "select * from opportunity_credited").await,
        // Their rows are made for periods.
        View::Ramp => source.query(&["employee"], "select * from employee").await,
        View::Book => source.query(&["account"], "select * from account").await,
        View::Quota | View::Attainment => source.query(&["target"], "select * from target").await,
        View::Forecast => source.query(&["forecast_submission"], "select * from forecast_submission").await,
    }
}

/// Deals closed after the day of asking are data errors and stay out (T11). When on its day a deal
/// closed only matters where owners have a history.
async fn deals(source: &Source<'_>) -> Result<DataFrame, MetricsError> {
    let today = source.as_of.asked_on;
    let dated = "o.*, civil_date(o.created_at) as created_date, \
         case when o.outcome <> 'open' then o.close_date end as closed_date, \
         cast(o.close_date as int) - cast(civil_date(o.created_at) as int) as cycle_days";
    let known = format!("o.outcome = 'open' or o.close_date is null or o.close_date <= date '{today}'");
    let owners_change = source.tables.coverage("opportunity_owner") != Coverage::Nothing;
    if !(owners_change && history::is_known(source)) {
        let query = format!(
            "select {dated}, arrow_cast(null, 'Timestamp(Microsecond, Some(\"UTC\"))') as closed_at \
             from opportunity o where {known}"
        );
        return source.query(&["opportunity"], &query).await;
    }
    let query = format!(
        "with closing as ({closing}), moves as (select *, row_number() over (partition by opportunity_id \
           order by changed_at desc, seq desc) as place from opportunity_stage_history \
           where to_stage in (select stage from closing)) \
         select {dated}, case when civil_date(m.changed_at) = o.close_date then m.changed_at end as closed_at \
         from opportunity o left join moves m on m.opportunity_id = o.opportunity_id and m.place = 1 \
         where {known}",
        closing = history::CLOSING
    );
    source.query(&["opportunity", "opportunity_stage_history"], &query).await
}

async fn worked_deals(source: &Source<'_>) -> Result<DataFrame, MetricsError> {
    let query = "with moves as (\
          select opportunity_id, amount_at_change, changed_at, seq, \
            row_number() over (partition by opportunity_id order by changed_at, seq) as place \
          from opportunity_stage_history), \
        created as (select opportunity_id, amount_at_change from moves where place = 1), \
        before_close as (\
          select m.opportunity_id, m.amount_at_change, \
            row_number() over (partition by m.opportunity_id order by m.changed_at desc, m.seq desc) as place \
          from moves m join opportunity_credited o on m.opportunity_id = o.opportunity_id \
          where cast(civil_date(m.changed_at) as int) <= cast(o.closed_date as int) - 30), \
        worked as (select opportunity_id, count(*) as out_activities from activity \
          where direction = 'out' and opportunity_id is not null group by opportunity_id), \
        seen as (select opportunity_id, contact_id, min(first_seen_at) as seen_at from opportunity_contact \
          group by opportunity_id, contact_id), \
        people as (select opportunity_id, civil_date(seen_at) as third_contact_date, \
            row_number() over (partition by opportunity_id order by seen_at) as place from seen) \
        select o.*, created.amount_at_change as amount_created, before_close.amount_at_change as amount_before, \
          coalesce(worked.out_activities, 0) as out_activities, people.third_contact_date, \
          created.opportunity_id is not null as has_history, \
          cast((case when o.account_id is null then 0 else 1 end) + (case when o.amount is null then 0 else 1 end) \
            + (case when o.close_date is null then 0 else 1 end) + (case when o.stage is null then 0 else 1 end) \
            + (case when o.next_step_on is null then 0 else 1 end) as int) as filled_fields \
        from opportunity_credited o \
        left join created on created.opportunity_id = o.opportunity_id \
        left join before_close on before_close.opportunity_id = o.opportunity_id and before_close.place = 1 \
        left join worked on worked.opportunity_id = o.opportunity_id \
        left join people on people.opportunity_id = o.opportunity_id and people.place = 3";
    let tables = ["opportunity_credited", "opportunity_stage_history", "activity", "opportunity_contact"];
    source.query(&tables, query).await
}

/// One row per deal and person with a share of it: by its splits, or the owner alone (T3).
/// Shares are placed on the day the deal counts for; the value follows from the converted amount.
async fn credits(source: &Source<'_>) -> Result<DataFrame, MetricsError> {
    if !split::is_delivered(source) {
        let nothing = "arrow_cast(null, 'Utf8') as employee_id, arrow_cast(null, 'Utf8') as credit_kind, \
            cast(null as decimal(28, 6)) as share, cast(null as date) as share_from, cast(null as date) as share_to";
        let query = format!("select o.*, {nothing} from opportunity_credited o");
        return source.query(&["opportunity_credited"], &query).await;
    }
    let query = "select o.*, s.employee_id, s.kind as credit_kind, cast(s.share as decimal(28, 6)) as share, \
          s.valid_from as share_from, s.valid_to as share_to \
        from opportunity_credited o left join credit_split s on s.opportunity_id = o.opportunity_id";
    source.query(&["opportunity_credited", "credit_split"], query).await
}

fn leads(source: &Source<'_>) -> String {
    // What is known reaches to the end of the last day covered.
    let known_until = source
        .as_of
        .date
        .tomorrow()
        .and_then(|day| source.company.time_zone.to_timestamp(day.at(0, 0, 0, 0)))
        .map_or(i64::MAX, |instant| instant.as_microsecond());
    LEADS.replace("as_of_instant()", &known_until.to_string())
}

const LEADS: &str = "with first_touch as (\
      select lead_id, min(occurred_at) as touched_at from activity \
      where direction = 'out' and kind <> 'other' and lead_id is not null group by lead_id) \
    select l.*, civil_date(l.created_at) as created_date, \
      coalesce(l.first_touch_at, first_touch.touched_at) as touched_at, \
      (cast(coalesce(l.first_touch_at, first_touch.touched_at) as bigint) - cast(l.created_at as bigint)) \
        / 60000000.0 as minutes_to_touch, \
      (as_of_instant() - cast(l.created_at as bigint)) / 60000000.0 as minutes_waiting, \
      cast(civil_date(l.sql_at) as int) - cast(civil_date(l.created_at) as int) as days_to_qualify \
    from lead l left join first_touch on first_touch.lead_id = l.lead_id";

const ACTIVITIES: &str = "select *, civil_date(occurred_at) as occurred_date, \
      (cast(logged_at as bigint) - cast(occurred_at as bigint)) / 3600000000.0 as logging_hours \
    from activity";

const LEAD_OPPORTUNITIES: &str = "with pairs as (\
      select opportunity_id, lead_id from opportunity_credited where lead_id is not null \
      union select converted_opportunity_id, lead_id from lead where converted_opportunity_id is not null) \
    select o.*, p.lead_id as from_lead from opportunity_credited o join pairs p on p.opportunity_id = o.opportunity_id";

/// Whether an opportunity of the account was created within 30 days after the meeting.
const MEETINGS: &str = "with meetings as (\
      select *, civil_date(occurred_at) as occurred_date from activity \
      where kind in ('meeting', 'demo', 'visit') and outcome = 'held' and account_id is not null), \
    followed as (select distinct m.activity_id from meetings m \
      join opportunity_credited o on o.account_id = m.account_id and o.created_date >= m.occurred_date \
        and cast(o.created_date as int) - cast(m.occurred_date as int) <= 30) \
    select m.*, f.activity_id is not null as followed from meetings m \
      left join followed f on f.activity_id = m.activity_id";

const EMAIL_THREADS: &str = "with mails as (\
      select *, row_number() over (partition by thread_id order by occurred_at, source_id) as place \
      from activity where kind = 'email' and thread_id is not null), \
    replies as (select thread_id, min(occurred_at) as replied_at from mails where direction = 'in' group by thread_id) \
    select m.*, civil_date(m.occurred_at) as started_date, \
      coalesce(cast(civil_date(r.replied_at) as int) - cast(civil_date(m.occurred_at) as int) <= 14, false) as replied \
    from mails m left join replies r on r.thread_id = m.thread_id where m.place = 1 and m.direction = 'out'";

/// A line counts for the person on it, else for those who share its deal's credit, else for the
/// owner of its deal, else of its account (T5).
const INVOICE_LINES: &str = "select l.*, cast(null as varchar) as owner_id, o.owner_id as deal_owner_id, \
      coalesce(o.closed_at, day_end(o.closed_date)) as deal_closed_at, \
      a.owner_id as account_owner_id, cast(p.margin_rate as decimal(28, 6)) as margin_rate, \
      s.employee_id as share_person, s.kind as credit_kind, cast(s.share as decimal(28, 6)) as share \
    from invoice_line l left join opportunity_credited o on o.opportunity_id = l.opportunity_id \
      left join account a on a.account_id = l.account_id left join product p on p.product_id = l.product_id \
      left join credit_split s on s.opportunity_id = l.opportunity_id and l.employee_id is null \
        and s.kind = 'primary' \
        and (s.valid_from is null or s.valid_from <= coalesce(o.closed_date, l.invoice_date)) \
        and (s.valid_to is null or s.valid_to > coalesce(o.closed_date, l.invoice_date))";

const ACCOUNTS: &str = "with bought as (\
      select account_id, min(close_date) as day from opportunity where outcome = 'won' group by account_id \
      union all select account_id, min(invoice_date) as day from invoice_line where net_amount > 0 group by account_id), \
    first_bought as (select account_id, min(day) as day from bought group by account_id) \
    select a.*, coalesce(a.became_customer_on, b.day) as customer_since \
    from account a left join first_bought b on b.account_id = a.account_id";

const SURVEYS: &str = "select *, civil_date(responded_at) as responded_date from survey_response";

/// An entry is a move into a stage that deals can be open in. It moved on when a later move led to
/// a stage that deals reach later on the whole, or the deal was won; it is undecided while the deal
/// is open and has not.
const STAGE_ENTRIES: &str = "with moves as (\
      select h.*, row_number() over (partition by opportunity_id order by changed_at, seq) as place, \
        lead(changed_at) over (partition by opportunity_id order by changed_at, seq) as left_at \
      from opportunity_stage_history h), \
    closing as (select stage from opportunity where stage is not null group by stage \
      having min(outcome) = max(outcome) and min(outcome) <> 'open'), \
    standing as (select to_stage as stage, avg(place) as standing from moves \
      where to_stage not in (select stage from closing) group by to_stage), \
    reached as (select m.opportunity_id, m.place, max(s.standing) over (partition by m.opportunity_id \
        order by m.place rows between 1 following and unbounded following) as furthest \
      from moves m left join standing s on s.stage = m.to_stage) \
    select m.*, civil_date(m.changed_at) as entered_date, civil_date(m.left_at) as left_date, \
      cast(civil_date(m.left_at) as int) - cast(civil_date(m.changed_at) as int) as days_in_stage, \
      coalesce(r.furthest > s.standing, false) or o.outcome = 'won' as moved_on, \
      o.outcome = 'open' and not coalesce(r.furthest > s.standing, false) as undecided, \
      o.amount, o.amount_ccy, o.list_amount, o.list_amount_ccy, o.owner_id \
    from moves m join standing s on s.stage = m.to_stage \
      join reached r on r.opportunity_id = m.opportunity_id and r.place = m.place \
      join opportunity o on o.opportunity_id = m.opportunity_id";

const PUSHES: &str = "with moves as (\
      select h.*, lag(close_date_at_change) over (partition by opportunity_id order by changed_at, seq) as expected_before \
      from opportunity_stage_history h where close_date_at_change is not null) \
    select m.*, civil_date(m.changed_at) as pushed_date, \
      cast((date_part('year', m.close_date_at_change) - date_part('year', m.expected_before)) * 12 \
        + date_part('month', m.close_date_at_change) - date_part('month', m.expected_before) as int) as months_later, \
      o.amount, o.amount_ccy, o.list_amount, o.list_amount_ccy, o.owner_id \
    from moves m join opportunity o on o.opportunity_id = m.opportunity_id";

/// In time when a renewal of the account was won after the contract began and before it ended.
const CONTRACTS: &str = "with renewed as (select distinct c.contract_id from contract c \
      join opportunity o on o.account_id = c.account_id and o.type = 'renewal' and o.outcome = 'won' \
        and o.close_date > c.\"from\" and o.close_date <= coalesce(c.\"to\", c.renewal_due_on)) \
    select c.*, a.owner_id, r.contract_id is not null as renewed_on_time \
    from contract c left join account a on a.account_id = c.account_id \
      left join renewed r on r.contract_id = c.contract_id";

const MANAGERS: &str = "select *, coalesce(valid_from, date '0001-01-01') as held_from, valid_to as held_to \
    from manager_assignment where coalesce(kind, 'line') = 'line'";

/// Adds what depends on the day a row counts for: whether a deal was worked on lately, what is
/// planned next, and the share of a deal's value that a person has.
pub(super) async fn state_on_the_day(
    view: View,
    source: &Source<'_>,
    rows: DataFrame,
) -> Result<DataFrame, MetricsError> {
    match view {
        View::OpportunityWorked => {
            let days = "select distinct opportunity_id as worked_id, civil_date(occurred_at) as worked_on \
                from activity where opportunity_id is not null";
            let worked = source.query(&["activity"], days).await?;
            let day = |name: &str| {
                datafusion::prelude::Expr::Cast(datafusion::logical_expr::Cast::new(
                    Box::new(column(name)),
                    DataType::Int32,
                ))
            };
            let lately = [
                column("opportunity_id").eq(column("worked_id")),
                day("worked_on").lt_eq(day(CREDIT_DATE)),
                day("worked_on").gt(day(CREDIT_DATE) - lit(STALE_DAYS)),
            ];
            let ahead = [
                column("opportunity_id").eq(column("planned_id")),
                column("planned_on").gt(column(CREDIT_DATE)),
            ];
            let planned = worked.clone().select(vec![
                column("worked_id").alias("planned_id"),
                column("worked_on").alias("planned_on"),
            ])?;
            let rows = rows.join_on(worked, JoinType::LeftMark, lately)?;
            let rows = rows.with_column_renamed("mark", "recently_worked")?;
            let rows = rows.join_on(planned, JoinType::LeftMark, ahead)?;
            Ok(rows.with_column_renamed("mark", "activity_planned")?)
        }
        View::Credit => {
            let from = column("share_from").is_null().or(column("share_from").lt_eq(column(CREDIT_DATE)));
            let to = column("share_to").is_null().or(column("share_to").gt(column(CREDIT_DATE)));
            Ok(rows.filter(column("credit_kind").is_null().or(from.and(to)))?)
        }
        _ => Ok(rows),
    }
}
