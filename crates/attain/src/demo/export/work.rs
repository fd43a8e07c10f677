//! Leads as they stood, and what sellers did.

use jiff::civil::{Date, DateTime};

use super::super::Company;
use super::super::activities::{self, Activity};
use super::super::days::instant;
use super::super::identifiers::{Object, identifier};
use super::super::leads::{End, Lead};
use super::super::names::{CAMPAIGNS, REGIONS};
use super::sheet::Outbox;

pub(super) fn write(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    write_leads(company, outbox)?;
    write_activities(company, outbox)
}

const LEAD: [&str; 15] = [
    "Id",
    "OwnerId",
    "Status",
    "LeadSource",
    "Campaign",
    "Region__c",
    "Segment__c",
    "CreatedDate",
    "FirstTouchDate__c",
    "MarketingQualifiedDate__c",
    "SalesQualifiedDate__c",
    "ConvertedDate",
    "ConvertedOpportunityId",
    "ConvertedAccountId",
    "DisqualifiedReason__c",
];

fn write_leads(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let mut sheet = outbox.changes("leads.csv", LEAD);
    for (position, one) in company.leads.iter().enumerate() {
        sheet.add(one.changes(), |today| lead(company, position, one, today))?;
    }
    sheet.finish()
}

/// A lead as the CRM has it on a day.
fn lead(company: &Company, position: usize, lead: &Lead, today: Date) -> [String; 15] {
    let (campaign, source, _) = CAMPAIGNS[lead.campaign];
    let once_come =
        |at: Option<DateTime>| at.filter(|at| at.date() <= today).map(instant).unwrap_or_default();
    let end = lead.end_on(today);
    let converted = end.and_then(|(at, end)| match end {
        End::Converted(deal) => Some((at, deal)),
        End::Disqualified(_) | End::Recycled => None,
    });
    let reason = match end {
        Some((_, End::Disqualified(reason))) => reason,
        _ => "",
    };
    let account = converted.map(|(_, deal)| company.opportunities[deal].account);
    let identified = |object: Object, position: Option<usize>| {
        position.map(|one| identifier(object, one)).unwrap_or_default()
    };
    [
        identifier(Object::Lead, position),
        identifier(Object::User, lead.owner),
        lead.status_on(today).to_owned(),
        source.to_owned(),
        campaign.to_owned(),
        REGIONS[lead.region].name.to_owned(),
        lead.segment.name().to_owned(),
        instant(lead.created_at),
        once_come(lead.touched_at),
        once_come(lead.marketing_qualified_at),
        once_come(lead.sales_qualified_at),
        once_come(converted.map(|(at, _)| at)),
        identified(Object::Opportunity, converted.map(|(_, deal)| deal)),
        identified(Object::Account, account),
        reason.to_owned(),
    ]
}

fn write_activities(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let header = [
        "Id",
        "OwnerId",
        "Type",
        "Direction",
        "ActivityDateTime",
        "DurationSeconds",
        "TalkSeconds",
        "Result",
        "LeadId",
        "AccountId",
        "OpportunityId",
        "CreatedDate",
        "ThreadId",
    ];
    let mut sheet = outbox.changes("activities.csv", header);
    let mut position = 0;
    activities::each(company, &mut |activity| {
        position += 1;
        sheet.add_once(activity.logged_at.date(), row(position, &activity))
    })?;
    sheet.finish()
}

fn row(position: usize, activity: &Activity) -> [String; 13] {
    let about = |object: Object, position: Option<usize>| {
        position.map(|position| identifier(object, position)).unwrap_or_default()
    };
    let seconds = |seconds: Option<i64>| seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    [
        identifier(Object::Activity, position),
        identifier(Object::User, activity.person),
        activity.act.name().to_owned(),
        if activity.is_inbound { "Inbound" } else { "Outbound" }.to_owned(),
        instant(activity.at),
        seconds(activity.duration_s),
        seconds(activity.talk_s),
        activity.outcome.to_owned(),
        about(Object::Lead, activity.about.lead),
        about(Object::Account, activity.about.account),
        about(Object::Opportunity, activity.about.deal),
        instant(activity.logged_at),
        activity.thread.map(|thread| format!("T{thread:06}")).unwrap_or_default(),
    ]
}
