//! Aggregates about people, shown to those who may not see the people (domain 15.3).
//!
//! An aggregate is shown when enough people stand behind it, and when nothing hidden beside it
//! follows from what is shown: of one hidden part and the total the rest is a subtraction away.

/// People who must stand behind an aggregate.
pub const PEOPLE_NEEDED: usize = 5;

/// Which parts of a total may be shown, given how many people stand behind each; a part that no
/// people stand behind, because it is not made of people's work, always may.
#[must_use]
pub fn shown(people: &[Option<usize>]) -> Vec<bool> {
    let mut shown: Vec<bool> = people.iter().map(|people| people.is_none_or(is_enough)).collect();
    if shown.iter().filter(|shown| !**shown).count() == 1 {
        let smallest = people.iter().enumerate().filter(|(part, _)| shown[*part]);
        let smallest = smallest.filter_map(|(part, people)| people.map(|people| (people, part))).min();
        if let Some((_, part)) = smallest {
            shown[part] = false;
        }
    }
    shown
}

fn is_enough(people: usize) -> bool {
    people >= PEOPLE_NEEDED
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_aggregate_needs_five_people() {
        assert_eq!(shown(&[Some(4)]), [false]);
        assert_eq!(shown(&[Some(5)]), [true]);
        assert_eq!(shown(&[None]), [true], "what is not people's work shows nobody");
    }

    #[test]
    fn with_one_part_hidden_the_smallest_of_the_others_is_hidden_too() {
        assert_eq!(shown(&[Some(12), Some(3), Some(7), Some(9)]), [true, false, false, true]);
        assert_eq!(shown(&[Some(12), Some(3), Some(2)]), [true, false, false], "two hide each other");
        assert_eq!(shown(&[Some(12), Some(8)]), [true, true]);
    }

    proptest! {
        /// No hidden part can be had by subtracting what is shown from the total.
        #[test]
        fn nothing_hidden_follows_from_the_rest(people in prop::collection::vec(0_usize..20, 2..12)) {
            let shown = shown(&people.iter().copied().map(Some).collect::<Vec<_>>());
            let hidden = shown.iter().filter(|shown| !**shown).count();
            prop_assert_ne!(hidden, 1);
            for (people, shown) in people.iter().zip(shown) {
                prop_assert!(!shown || *people >= PEOPLE_NEEDED);
            }
        }
    }
}
