//! Comparing people with each other: who is clearly above, who clearly below, and who cannot be told
//! apart (domain 7).
//!
//! [`measure`] says by what people can be compared, [`peers`] who is compared and by what rule; [`held`]
//! holds them against each other with `attain_stats`; [`verdicts`] has what may be said by several metrics. [`pages`] shows a team's people side by side,
//! [`alone`] one person among peers without names, [`api`] both as JSON; [`words`] has what is said.
//! Nobody is compared who was hardly there, or on too little; and no figure here ranks anybody by a point.

mod alone;
mod api;
mod held;
mod measure;
mod pages;
mod peers;
pub(crate) mod verdicts;
mod words;

use attain_metrics::{Asker, Period, Subject};

use crate::permissions::{Act, Object};
use crate::web::problem::PageError;
use crate::web::routes::{Routes, Rule};

pub(crate) use alone::panel;
pub(crate) use peers::{LeftOut, PeerSet};
pub(crate) use words::{left_out_words, shape, verdict_mark, verdict_words};

/// The peers of a subject's people by a metric that is a share.
///
/// # Errors
/// When nobody below the subject has the role named, or the facts cannot be read.
pub(crate) async fn peers_by(
    asker: &Asker,
    subject: &Subject,
    metric: &str,
    period: &Period,
    role: Option<&str>,
) -> Result<PeerSet, PageError> {
    peers::of(asker, subject, (asker.metric(metric)?, measure::Measure::Share), period, role).await
}

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new().merge(api::routes()).get("/compare", reads, pages::company).get(
        "/compare/{level}/{id}",
        reads,
        pages::subject,
    )
}
