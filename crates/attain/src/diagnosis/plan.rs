//! How a target of bookings was to come about. Goals say some of it: how many opportunities, how many deals won, how
//! large. What has no goal is taken to be as it was before; what is left over is what makes the product the target:
//! so many opportunities were needed, unless these have a goal themselves. Pure.

use rust_decimal::Decimal;

use super::lever::Lever;
use super::side::Totals;
use super::way::BOOKINGS;

/// What was asked, for the days that have gone by.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) bookings: Decimal,
    pub(super) leads: Option<Decimal>,
    pub(super) created: Option<Decimal>,
    pub(super) won: Option<Decimal>,
    pub(super) size: Option<Decimal>,
}

/// A lever as it was, and in which period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Habit {
    pub(super) lever: Lever,
    pub(super) value: Decimal,
    pub(super) period: String,
}

/// A target with its levers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) bookings: Decimal,
    pub(super) totals: Totals,
    pub(super) basis: Vec<Basis>,
}

/// What a lever of a plan comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// There is a goal of so much.
    Goal(Goal, Decimal),
    /// It is as it was.
    Habit(Habit),
    /// It is what was needed.
    Needed(Lever, Decimal),
    /// There is a goal, and no room for it beside the others.
    Unused(Goal, Decimal),
}

/// What there are goals of beside bookings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    Leads,
    Opportunities,
    Won,
    DealSize,
}

/// The plan of what was asked; none where neither a goal nor a habit says how it comes about.
pub(super) fn plan(asked: &Asked, habits: &[Habit]) -> Option<Plan> {
    let habit = |lever: Lever| habits.iter().find(|habit| habit.lever == lever);
    let mut basis = Vec::new();
    let won = match (asked.won, asked.size) {
        (Some(won), size) => {
            basis.push(Basis::Goal(Goal::Won, won));
            basis.extend(size.map(|size| Basis::Unused(Goal::DealSize, size)));
            won
        }
        (None, Some(size)) => {
            basis.push(Basis::Goal(Goal::DealSize, size));
            asked.bookings.checked_div(size)?
        }
        (None, None) => {
            let size = habit(Lever::DealSize)?;
            basis.push(Basis::Habit(size.clone()));
            asked.bookings.checked_div(size.value)?
        }
    };
    let created = match asked.created {
        Some(created) => {
            basis.push(Basis::Goal(Goal::Opportunities, created));
            if asked.won.is_none() {
                basis.push(Basis::Needed(Lever::Conversion, won.checked_div(created)?));
            }
            created
        }
        None => {
            let conversion = habit(Lever::Conversion)?;
            let created = won.checked_div(conversion.value)?;
            basis.extend([Basis::Habit(conversion.clone()), Basis::Needed(Lever::Opportunities, created)]);
            created
        }
    };
    if asked.won.is_some() {
        basis.push(Basis::Needed(Lever::DealSize, asked.bookings.checked_div(won)?));
    }
    let leads = match (asked.leads, habit(Lever::OpportunitiesPerLead)) {
        (Some(leads), _) => {
            basis.push(Basis::Goal(Goal::Leads, leads));
            Some(leads)
        }
        (None, Some(per_lead)) => {
            let leads = created.checked_div(per_lead.value)?;
            basis.extend([Basis::Habit(per_lead.clone()), Basis::Needed(Lever::Leads, leads)]);
            Some(leads)
        }
        (None, None) => None,
    };
    let totals = [
        ("leads_created", leads),
        ("opps_created", Some(created)),
        ("deals_won", Some(won)),
        (BOOKINGS, Some(asked.bookings)),
    ];
    let totals = totals.into_iter().filter_map(|(metric, total)| Some((metric, total?))).collect();
    Some(Plan { bookings: asked.bookings, totals, basis })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn was(lever: Lever, value: Decimal) -> Habit {
        Habit { lever, value, period: "Q3 2025".to_owned() }
    }

    /// A quarter of the opportunities won, of 10,000 each.
    fn habits() -> Vec<Habit> {
        vec![was(Lever::Conversion, Decimal::new(25, 2)), was(Lever::DealSize, Decimal::from(10_000))]
    }

    fn asked() -> Asked {
        Asked { bookings: Decimal::from(400_000), ..Asked::default() }
    }

    /// Opportunities created and deals won.
    fn needed(asked: &Asked) -> [Decimal; 2] {
        let plan = plan(asked, &habits()).expect("a plan");
        assert_eq!(plan.totals.get(BOOKINGS), Some(asked.bookings), "the product is the target");
        ["opps_created", "deals_won"].map(|metric| plan.totals.get(metric).expect("planned"))
    }

    #[test]
    fn without_goals_so_many_opportunities_were_needed() {
        assert_eq!(needed(&asked()), [160, 40].map(Decimal::from));
        let plan = plan(&asked(), &habits()).expect("a plan");
        assert_eq!(plan.basis.last(), Some(&Basis::Needed(Lever::Opportunities, Decimal::from(160))));
        assert_eq!(plan.totals.get("leads_created"), None);
    }

    #[test]
    fn a_goal_takes_the_place_of_what_was_before() {
        let size = Asked { size: Some(Decimal::from(20_000)), ..asked() };
        assert_eq!(needed(&size), [80, 20].map(Decimal::from));
        let won = Asked { won: Some(Decimal::from(50)), ..asked() };
        assert_eq!(needed(&won), [200, 50].map(Decimal::from));
    }

    #[test]
    fn with_a_goal_of_opportunities_another_lever_is_left_over() {
        let created = Asked { created: Some(Decimal::from(100)), ..asked() };
        assert_eq!(needed(&created), [100, 40].map(Decimal::from));
        let of_goal = plan(&created, &habits()).expect("a plan").basis;
        assert!(of_goal.contains(&Basis::Needed(Lever::Conversion, Decimal::new(4, 1))), "{of_goal:?}");
        let both = Asked { won: Some(Decimal::from(50)), size: Some(Decimal::TWO), ..created };
        let of_both = plan(&both, &[]).expect("a plan without anything before").basis;
        assert!(of_both.contains(&Basis::Needed(Lever::DealSize, Decimal::from(8_000))), "{of_both:?}");
        assert!(of_both.contains(&Basis::Unused(Goal::DealSize, Decimal::TWO)), "{of_both:?}");
    }

    #[test]
    fn leads_are_planned_by_how_many_became_opportunities() {
        let mut habits = habits();
        habits.push(was(Lever::OpportunitiesPerLead, Decimal::new(5, 1)));
        let leads = |asked: &Asked| plan(asked, &habits).expect("a plan").totals.get("leads_created");
        assert_eq!(leads(&asked()), Some(Decimal::from(320)));
        assert_eq!(leads(&Asked { leads: Some(Decimal::from(99)), ..asked() }), Some(Decimal::from(99)));
    }

    #[test]
    fn nothing_known_makes_no_plan() {
        assert_eq!(plan(&asked(), &[]), None);
        assert_eq!(plan(&asked(), &habits()[..1]), None);
    }
}
