//! What a card may be: one to five metrics whose weights are the whole, each with a counter-metric. What is not
//! one cannot be made.

use attain_metrics::{Catalogue, CounterMetric, Direction, Metric, ValidLevel};
use attain_stats::scorecard::WhenMissing;
use rust_decimal::Decimal;

/// Metrics by which people of a role are reviewed, at most (features B9).
pub(super) const METRICS_MAX: usize = 5;

/// The weights of a card, together.
const WHOLE: Decimal = Decimal::ONE_HUNDRED;

/// One metric of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Weighted {
    pub(crate) metric: String,
    /// In percent, above zero.
    pub(crate) weight: Decimal,
    /// The least that its attainment counts as, and the most; in percent.
    pub(crate) floor: Option<Decimal>,
    pub(crate) cap: Option<Decimal>,
}

/// The card of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleCard {
    components: Vec<Weighted>,
    when_missing: WhenMissing,
}

/// What is wrong with a card, for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(super) field: &'static str,
    pub(crate) message: String,
}

impl Wrong {
    pub(super) fn new(field: &'static str, message: impl Into<String>) -> Wrong {
        Wrong { field, message: message.into() }
    }
}

impl RoleCard {
    /// A card, unless its metrics or weights cannot be those of one.
    ///
    /// # Errors
    /// What is wrong first.
    pub(crate) fn new(components: Vec<Weighted>, when_missing: WhenMissing) -> Result<RoleCard, Wrong> {
        if components.is_empty() {
            return Err(Wrong::new("components", "Choose at least one metric."));
        }
        if components.len() > METRICS_MAX {
            let message = format!(
                "A role is reviewed by at most {METRICS_MAX} metrics, and these are {}: more of them lead nobody. Take one off first.",
                components.len()
            );
            return Err(Wrong { field: "components", message });
        }
        for (place, one) in components.iter().enumerate() {
            one.check()?;
            if components[..place].iter().any(|earlier| earlier.metric == one.metric) {
                let message = format!("`{}` is on the card twice; give it one weight.", one.metric);
                return Err(Wrong { field: "metric", message });
            }
        }
        let sum: Decimal = components.iter().map(|one| one.weight).sum();
        if sum != WHOLE {
            let message = format!("The weights add up to {} %; they are the whole, 100 %.", sum.normalize());
            return Err(Wrong { field: "weight", message });
        }
        Ok(RoleCard { components, when_missing })
    }

    /// The same, by the metrics there are.
    ///
    /// # Errors
    /// A metric that is not there, has no target, is not a person's, or that nothing keeps honest.
    pub(super) fn checked(self, catalogue: &Catalogue) -> Result<RoleCard, Wrong> {
        for one in &self.components {
            let unfit = match catalogue.metric(&one.metric) {
                Some(metric) => unfit(metric, catalogue),
                None => Some(format!("There is no metric `{}`.", one.metric)),
            };
            if let Some(message) = unfit {
                return Err(Wrong { field: "metric", message });
            }
        }
        Ok(self)
    }

    /// Its metrics, in the order of the card.
    pub(super) fn components(&self) -> &[Weighted] {
        &self.components
    }

    /// What becomes of one that is missing.
    pub(super) fn when_missing(&self) -> WhenMissing {
        self.when_missing
    }
}

/// Why a metric cannot be on a card, if it cannot.
pub(super) fn unfit(metric: &Metric, catalogue: &Catalogue) -> Option<String> {
    let label = &metric.label;
    if !matches!(metric.direction, Direction::Up | Direction::Down) {
        return Some(format!(
            "{label} is neither better when higher nor when lower, so nobody can attain it."
        ));
    }
    if !metric.levels.contains(&ValidLevel::Rep) {
        return Some(format!("{label} is not a number of one person."));
    }
    match &metric.counter_metric {
        CounterMetric::Metric(counter) if catalogue.metric(counter).is_some() => None,
        CounterMetric::Metric(counter) => Some(format!(
            "The counter-metric of {label}, `{counter}`, is not there, so nothing keeps it honest. Give its definition another one first."
        )),
        CounterMetric::Words(words) => Some(format!(
            "{label} has no counter-metric (“{words}”), so nothing keeps it honest. Give its definition one first."
        )),
    }
}

impl Weighted {
    fn check(&self) -> Result<(), Wrong> {
        if self.weight <= Decimal::ZERO {
            let message = format!(
                "`{}` has no weight: what does not count is not on the card. Give it more than 0 %, or leave it out.",
                self.metric
            );
            return Err(Wrong { field: "weight", message });
        }
        if self.floor.zip(self.cap).is_some_and(|(floor, cap)| floor > cap) {
            let message = format!("The floor of `{}` lies above its cap.", self.metric);
            return Err(Wrong { field: "floor", message });
        }
        Ok(())
    }
}

/// How the ways to count what is missing are called, in words and to programs.
pub(super) const WAYS: [(WhenMissing, &str, &str); 3] = [
    (WhenMissing::Renormalise, "renormalise", "the others count for more"),
    (WhenMissing::Neutral, "neutral", "it counts as just attained"),
    (WhenMissing::ExcludeSubject, "exclude_subject", "there is no score"),
];

/// The name programs know a way by.
pub(super) fn way_name(way: WhenMissing) -> &'static str {
    WAYS.iter().find(|(known, ..)| *known == way).map_or("renormalise", |(_, name, _)| name)
}

/// What happens, in words.
pub(super) fn way_words(way: WhenMissing) -> &'static str {
    WAYS.iter().find(|(known, ..)| *known == way).map_or("", |(.., words)| words)
}

/// The way of that name; the others count for more unless one is named.
///
/// # Errors
/// When there is none of that name.
pub(super) fn way_named(name: &str) -> Result<WhenMissing, Wrong> {
    let name = if name.is_empty() { "renormalise" } else { name };
    WAYS.iter().find(|(_, known, _)| *known == name).map(|(way, ..)| *way).ok_or_else(|| {
        let message = match name {
            "zero" => "What is missing never counts as zero. Choose renormalise, neutral or exclude_subject."
                .to_owned(),
            _ => format!(
                "`{name}` is no way to count what is missing. Choose renormalise, neutral or exclude_subject."
            ),
        };
        Wrong { field: "when_missing", message }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(metric: &str, weight: i64) -> Weighted {
        Weighted { metric: metric.to_owned(), weight: weight.into(), floor: None, cap: None }
    }

    fn refused(components: Vec<Weighted>, words: &str) {
        let why = RoleCard::new(components, WhenMissing::Renormalise).expect_err("no card").message;
        assert!(why.contains(words), "{why}");
    }

    #[test]
    fn a_card_is_a_whole_of_at_most_five() {
        assert!(
            RoleCard::new(vec![of("bookings", 60), of("win_rate_count", 40)], WhenMissing::Neutral).is_ok()
        );
        refused(Vec::new(), "at least one");
        refused(
            (0..6).map(|place| of(&format!("m{place}"), 10)).collect(),
            "at most 5 metrics, and these are 6",
        );
        refused(vec![of("bookings", 50), of("bookings", 50)], "twice");
        refused(vec![of("bookings", 100), of("win_rate_count", 0)], "no weight");
        refused(vec![of("bookings", 110), of("win_rate_count", -10)], "no weight");
        refused(vec![of("bookings", 60), of("win_rate_count", 30)], "add up to 90 %");
        let bent = Weighted { floor: Some(90.into()), cap: Some(80.into()), ..of("bookings", 100) };
        refused(vec![bent], "above its cap");
    }

    #[test]
    fn every_metric_of_a_card_is_kept_honest_by_another() {
        let catalogue = Catalogue::shipped().expect("the catalogue");
        let checked = |metric: &str| {
            let card = RoleCard::new(vec![of(metric, 100)], WhenMissing::Renormalise).expect("a card");
            card.checked(&catalogue).map(|_| ()).map_err(|wrong| wrong.message)
        };
        assert_eq!(checked("bookings"), Ok(()));
        assert!(checked("booking").is_err_and(|why| why.contains("no metric")));
        let mut metric = (**catalogue.metric("bookings").expect("bookings")).clone();
        metric.counter_metric = CounterMetric::Words("none: it is one itself".to_owned());
        assert!(unfit(&metric, &catalogue).is_some_and(|why| why.contains("has no counter-metric")));
        metric.counter_metric = CounterMetric::Metric("colour".to_owned());
        assert!(unfit(&metric, &catalogue).is_some_and(|why| why.contains("`colour`, is not there")));
    }

    #[test]
    fn missing_is_not_zero() {
        assert!(way_named("zero").is_err_and(|wrong| wrong.message.contains("never counts as zero")));
        assert_eq!(way_named(""), Ok(WhenMissing::Renormalise));
        for (way, name, _) in WAYS {
            assert_eq!((way_named(name), way_name(way)), (Ok(way), name));
        }
    }
}
