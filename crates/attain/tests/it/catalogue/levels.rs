//! Who may be asked about what (domain 4: the column "lvl").

use attain_metrics::{Code, Dimension, Level, Number, Subject};
use rust_decimal::Decimal;

use super::Checked;

/// Metrics that are nothing of one person's.
const NOT_OF_ONE_PERSON: [&str; 9] = [
    "cost_per_lead",
    "competitive_win_rate",
    "loss_reason_share",
    "gross_margin_rate",
    "participation_rate",
    "retention_textbook",
    "cost_of_sale",
    "span_of_control",
    "feedback_response",
];

#[test]
fn what_is_nothing_of_one_persons_does_not_apply_to_them() {
    let checked = Checked::company();
    let anna = checked.asker.organisation().find(Level::Rep, "anna").pop().expect("Anna").id;
    let mut wrong = Vec::new();
    for metric in NOT_OF_ONE_PERSON {
        if checked.asker.catalogue().metric(metric).is_none() {
            wrong.push(format!("the catalogue lacks `{metric}`"));
            continue;
        }
        let subject = Subject::Rep(anna.clone());
        let numbers = checked.ask_about(metric, subject, &[]);
        let others = numbers.iter().filter(|number| number.reason() != Some(Code::NotApplicable));
        wrong.extend(others.map(|number| format!("{metric} {}: [{}]", number.period, number.codes_text())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A number about a subject is the number in the company's split by that kind of subject.
#[test]
fn a_subject_asked_for_alone_has_the_numbers_it_has_among_all() {
    let checked = Checked::company();
    let metrics = ["bookings", "win_rate_count", "cycle_time_median", "deals_won", "open_pipeline"];
    for level in [Level::Rep, Level::Region] {
        let name = if level == Level::Rep { "carl" } else { "north" };
        let id = checked.asker.organisation().find(level, name).pop().expect("known").id;
        for metric in metrics {
            let by = [Dimension::from_name(level.name())];
            let among = checked.ask(metric, &by);
            let among = among
                .iter()
                .filter(|number| number.members[0].as_ref().is_some_and(|member| member.id == id));
            let subject = Subject::at(level, id.clone());
            let alone = checked.ask_about(metric, subject, &[]);
            let figures = |number: &Number| (number.period.key().to_owned(), number.value, number.codes);
            assert_eq!(
                among.map(figures).collect::<Vec<_>>(),
                alone.iter().map(figures).collect::<Vec<_>>(),
                "{metric} {name}"
            );
        }
    }
}

/// Metrics whose parts add up.
const ADDITIVE: [&str; 12] = [
    "calls_made",
    "emails_sent",
    "meetings_held",
    "leads_created",
    "opps_created",
    "deals_won",
    "bookings",
    "credited_bookings",
    "credited_bookings_overlay",
    "revenue",
    "open_pipeline",
    "sourced_pipeline",
];

/// T7: sellers and what is unassigned make up the company, and so do regions.
#[test]
fn parts_and_what_is_unassigned_make_up_the_whole() {
    let checked = Checked::company();
    let mut wrong = Vec::new();
    for metric in ADDITIVE {
        let wholes = checked.ask(metric, &[]);
        for by in [Dimension::Rep, Dimension::Region] {
            let parts = checked.ask(metric, std::slice::from_ref(&by));
            for whole in &wholes {
                let parts =
                    parts.iter().filter(|part| part.period == whole.period).filter_map(|part| part.value);
                let sum: Decimal = parts.sum();
                if Some(sum) != whole.value {
                    wrong.push(format!(
                        "{metric} {} by {}: {sum}, not {:?}",
                        whole.period,
                        by.name(),
                        whole.value
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
