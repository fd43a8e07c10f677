//! How open pipeline became what it is (domain 8.1): `open(t₁) = open(t₀) + created − won − lost + changes
//! of amount ± what came from and went to others`, an identity deal by deal. What is compared are the deals
//! open at both ends of a period, as they are known now.

use std::collections::{BTreeMap, BTreeSet};

use attain_metrics::{Asker, Evidence, Period, Reach, RowName, Subject};
use rust_decimal::Decimal;

use crate::web::problem::PageError;

/// A way by which pipeline changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Created,
    Won,
    Lost,
    /// The amount of a deal that was open at both ends, or closed at another than it was open with.
    Changed,
    /// Somebody else's before.
    Came,
    /// Somebody else's now, or taken out of the data.
    Left,
}

impl Part {
    pub(super) const ALL: [Part; 6] =
        [Part::Created, Part::Won, Part::Lost, Part::Changed, Part::Came, Part::Left];

    /// The name used by programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Part::Created => "created",
            Part::Won => "won",
            Part::Lost => "lost",
            Part::Changed => "changed",
            Part::Came => "came",
            Part::Left => "left",
        }
    }
}

/// Open pipeline at both ends, and what lies between.
#[derive(Clone, Debug, Default)]
pub(super) struct Movement {
    /// How many deals were open, and what they were worth.
    pub(super) before: (usize, Decimal),
    pub(super) after: (usize, Decimal),
    parts: BTreeMap<Part, (usize, Decimal)>,
}

impl Movement {
    /// How many deals moved by a part, and what that adds.
    pub(super) fn part(&self, part: Part) -> (usize, Decimal) {
        self.parts.get(&part).copied().unwrap_or_default()
    }

    fn add(&mut self, part: Part, effect: Decimal) {
        let (deals, sum) = self.parts.entry(part).or_default();
        *deals += 1;
        *sum += effect;
    }
}

/// Deals with their values; one without a value is worth nothing.
type Deals = BTreeMap<RowName, Decimal>;

/// Asks what was open at both ends of a period, and what was created and closed in it.
///
/// # Errors
/// When there is no period before, or the facts cannot be read.
pub(super) async fn of(
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    reach: &Reach,
) -> Result<Movement, PageError> {
    let before = asker.calendar().previous(period).ok_or_else(|| PageError::Invalid {
        field: "period".into(),
        message: format!("{} has no period before it.", period.label()),
    })?;
    let deals = async |metric: &'static str, period: &Period| -> Result<Deals, PageError> {
        Ok(valued(asker.evidence(metric, subject, period, reach).await?))
    };
    let (open_before, open_after) =
        (deals("open_pipeline", &before).await?, deals("open_pipeline", period).await?);
    let created = deals("opps_created", period).await?;
    let (won, lost) = (deals("deals_won", period).await?, deals("deals_lost", period).await?);
    Ok(between(&open_before, &open_after, &created.into_keys().collect(), (&won, &lost)))
}

fn valued(evidence: Evidence) -> Deals {
    let named = |row: attain_metrics::EvidenceRow| {
        ((row.table, row.source_system, row.source_id), row.value.unwrap_or_default())
    };
    evidence.rows.into_iter().map(named).collect()
}

fn between(
    before: &Deals,
    after: &Deals,
    created: &BTreeSet<RowName>,
    (won, lost): (&Deals, &Deals),
) -> Movement {
    let total = |deals: &Deals| (deals.len(), deals.values().copied().sum());
    let mut movement = Movement { before: total(before), after: total(after), parts: BTreeMap::new() };
    for (deal, value) in after {
        match before.get(deal) {
            Some(was) if was == value => {}
            Some(was) => movement.add(Part::Changed, value - was),
            None if created.contains(deal) => movement.add(Part::Created, *value),
            None => movement.add(Part::Came, *value),
        }
    }
    for (deal, was) in before.iter().filter(|(deal, _)| !after.contains_key(*deal)) {
        match (won.get(deal), lost.get(deal)) {
            (Some(value), _) => closed(&mut movement, Part::Won, *was, *value),
            (None, Some(value)) => closed(&mut movement, Part::Lost, *was, *value),
            (None, None) => movement.add(Part::Left, -was),
        }
    }
    // What was created and closed within the period came and went at the value it closed with.
    let within = |deals: &Deals| -> Vec<(RowName, Decimal)> {
        let fresh =
            deals.iter().filter(|(deal, _)| !before.contains_key(*deal) && !after.contains_key(*deal));
        fresh.map(|(deal, value)| (deal.clone(), *value)).collect()
    };
    for (part, deals) in [(Part::Won, within(won)), (Part::Lost, within(lost))] {
        for (deal, value) in deals {
            let entered = if created.contains(&deal) { Part::Created } else { Part::Came };
            movement.add(entered, value);
            movement.add(part, -value);
        }
    }
    movement
}

/// A deal closed at another value than it was open with changed before it closed.
fn closed(movement: &mut Movement, part: Part, was: Decimal, value: Decimal) {
    if was != value {
        movement.add(Part::Changed, value - was);
    }
    movement.add(part, -value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(id: u8) -> RowName {
        ("opportunity".to_owned(), "crm".to_owned(), id.to_string())
    }

    fn deals(of: &[(u8, i64)]) -> Deals {
        of.iter().map(|(id, value)| (name(*id), Decimal::from(*value))).collect()
    }

    #[test]
    fn every_deal_goes_one_way() {
        let (before, after) = (
            deals(&[(1, 100), (2, 200), (3, 300), (4, 400), (5, 500)]),
            deals(&[(1, 150), (5, 500), (6, 60), (7, 70)]),
        );
        let created = [6, 8].map(name).into();
        let movement =
            between(&before, &after, &created, (&deals(&[(2, 220), (8, 80)]), &deals(&[(3, 300)])));
        let parts = Part::ALL.map(|part| (movement.part(part).0, movement.part(part).1));
        let expected = [(2, 140), (2, -300), (1, -300), (2, 70), (1, 70), (1, -400)];
        assert_eq!(parts, expected.map(|(count, sum): (usize, i64)| (count, Decimal::from(sum))));
    }

    fn some_deals() -> impl Strategy<Value = Deals> {
        prop::collection::btree_map(0u8..30, 0i64..1000, 0..20)
            .prop_map(|deals| deals.into_iter().map(|(id, value)| (name(id), Decimal::from(value))).collect())
    }

    proptest! {
        /// The identity of domain 8.1, whatever happened.
        #[test]
        fn the_parts_add_up(before in some_deals(), after in some_deals(), created in some_deals(), won in some_deals(), lost in some_deals()) {
            // A deal is won or lost, not both.
            let lost: Deals = lost.into_iter().filter(|(deal, _)| !won.contains_key(deal)).collect();
            let movement = between(&before, &after, &created.into_keys().collect(), (&won, &lost));
            let moved: Decimal = Part::ALL.into_iter().map(|part| movement.part(part).1).sum();
            prop_assert_eq!(movement.before.1 + moved, movement.after.1);
        }
    }
}
