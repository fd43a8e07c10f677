//! What a template would do, and doing it: exactly what was looked at, or nothing.

use std::sync::Arc;

use attain_metrics::{Asker, Period};
use attain_records::WriteTransaction;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::budget;
use super::choice::{Chosen, Sharing, Template, Wrong};
use super::draft::{Draft, Row};
use super::gathering::{self, Scope};
use super::store::{self, New};
use super::words::{self, Sum};
use crate::goals::store::{self as goals, Goal, Proposal};
use crate::web::App;
use crate::web::problem::PageError;

/// A template with all that would come of it.
pub(super) struct Preview {
    pub(super) asker: Arc<Asker>,
    pub(super) scope: Scope,
    pub(super) template: Template,
    pub(super) draft: Draft,
    pub(super) sum: Sum,
    /// The periods a history rests on.
    pub(super) history: Vec<Period>,
    /// The goals as they were looked at.
    goals: Vec<Goal>,
}

impl Preview {
    /// Drafts what was chosen, or says what is wrong with it.
    ///
    /// # Errors
    /// Where the one who asks has nobody to use templates for, or something cannot be read.
    pub(super) async fn of(app: &App, chosen: &Chosen) -> Result<Result<Preview, Wrong>, PageError> {
        let asker = app.asker().await?;
        let scope = Scope::of(app, &asker, &chosen.within).await?;
        let template = match Template::read(&asker, chosen, scope.has_potentials) {
            Ok(template) => template,
            Err(wrong) => return Ok(Err(wrong)),
        };
        if let Some(wrong) = budget::exceeded(app, &scope, &template, &asker).await? {
            return Ok(Err(wrong));
        }
        let found = gathering::gathered(app, &asker, &scope, &template).await?;
        let step = template.step(&asker.company().currency);
        let draft = match Draft::of(&template, found.candidates, step) {
            Ok(draft) => draft,
            Err(why) => {
                let message = format!("These targets cannot be shared out: {why}.");
                return Ok(Err(Wrong { field: "amount", message }));
            }
        };
        let plan = match template.sharing {
            Sharing::Total(_) => Some(template.amount),
            // What people of other roles hold counts toward a target of all of them, too: these alone are no share of it.
            Sharing::Each => None,
        };
        let sum = Sum::of(&draft, plan);
        let (goals, history) = (found.goals, found.history);
        Ok(Ok(Preview { asker, scope, template, draft, sum, history, goals }))
    }

    /// A mark of what is shown: who gets which target.
    pub(super) fn mark(&self) -> String {
        let mut hash = Sha256::new();
        for row in &self.draft.rows {
            let goal = row.before.map(|(goal, _)| goal);
            hash.update(format!("{} {goal:?} {}\n", row.id, row.value.normalize()));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Proposes all of it in one transaction: the template's number, or nothing where goals have changed since.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub(super) async fn commit(&self, app: &App) -> Result<Option<i64>, PageError> {
        let transaction = app.records().begin(&app.actor()).await?;
        goals::alone(&transaction).await?;
        let (metric, period) = (&self.template.metric.id, self.template.period.key());
        let now =
            goals::of_metric(transaction.connection(), &app.actor(), &self.asker, metric, period).await?;
        if now != self.goals {
            return Ok(None);
        }
        let number = self.add(&transaction).await?;
        for row in &self.draft.rows {
            self.propose(&transaction, number, row).await?;
        }
        transaction.commit().await?;
        Ok(Some(number))
    }

    async fn add(&self, transaction: &WriteTransaction) -> Result<i64, PageError> {
        let (template, currency) = (&self.template, &self.asker.company().currency);
        let left_out: Vec<(String, String)> = self
            .draft
            .left_out
            .iter()
            .filter(|(_, why)| !why.is_beside())
            .map(|(name, why)| (name.clone(), words::left_out(why)))
            .collect();
        let new = New {
            subject: &self.scope.subject,
            by_leader: self.scope.side.is_some(),
            role: &template.role,
            metric: &template.metric.id,
            period: template.period.key(),
            sharing: &words::sharing(template, currency),
            reason: &template.reason,
            plan: self.sum.plan,
            left_out: &left_out,
            people: self.draft.rows.len(),
        };
        let when = (self.asker.as_of().asked_on, Timestamp::now());
        Ok(store::add(transaction, &new, when).await?)
    }

    async fn propose(&self, transaction: &WriteTransaction, number: i64, row: &Row) -> Result<(), PageError> {
        let on = self.asker.as_of().asked_on;
        let reason = self.reason(row);
        let proposal = Proposal {
            subject: &attain_metrics::Subject::Rep(row.id.clone()),
            metric: &self.template.metric.id,
            period: self.template.period.key(),
            value: row.value,
            from: self.template.period.from.unwrap_or(on),
            reason: &reason,
            by: self.scope.side,
            on,
            template: Some(number),
        };
        let goal = row.before.map(|(goal, _)| goal);
        goals::propose(transaction, &proposal, goal, Timestamp::now()).await?;
        Ok(())
    }

    /// The template's reason, with what makes this target less than the share.
    fn reason(&self, row: &Row) -> String {
        let reduced = words::reduced(row).join("; ");
        match reduced.is_empty() {
            true => self.template.reason.clone(),
            false => format!("{} ({reduced})", self.template.reason),
        }
    }
}
