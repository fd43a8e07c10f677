//! In which order rows, files and deliveries come (invariant I7, issue 5): rows and files in any,
//! deliveries as far as they do not speak of the same rows.

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::generated::{facts, generated};
use crate::office::Office;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Also of rows that contradict one another, of which the same are rejected in any order.
    #[test]
    fn rows_and_files_in_any_order_are_the_same_facts(
        deliveries in prop::collection::vec(generated(), 1..3),
        turn in 1u64..1_000_000,
    ) {
        Runtime::new().expect("a runtime").block_on(async {
            let (office, turned) = (Office::open().await, Office::open().await);
            for (number, delivery) in deliveries.iter().enumerate() {
                delivery.import(&office, number).await;
                delivery.import_turned(&turned, number, turn).await;
                assert_eq!(facts(&turned).await, facts(&office).await, "after delivery {number}");
            }
        });
    }

    /// Two deliveries of changes after the people they speak of: what only one of them tells is the same
    /// in either order, and of a row that both tell the later one's word holds.
    #[test]
    fn deliveries_in_either_order_differ_only_in_rows_that_both_tell(
        people in generated(),
        [one, other] in [generated(), generated()],
    ) {
        Runtime::new().expect("a runtime").block_on(async {
            let [one, other] = [one, other].map(|delivery| delivery.of_changes().deals_alone());
            let mut found = Vec::new();
            for order in [[&one, &other], [&other, &one]] {
                let office = Office::open().await;
                people.import(&office, 0).await;
                for (number, delivery) in order.into_iter().enumerate().filter(|(_, of)| !of.deals().is_empty()) {
                    delivery.import(&office, 1 + number).await;
                }
                let hashes: BTreeMap<String, String> = office
                    .rows(Table::Opportunity)
                    .await
                    .into_iter()
                    .map(|(key, row)| (key, row["row_hash"].clone()))
                    .collect();
                found.push(hashes);
            }
            let (told, told_by_other) = (one.deals(), other.deals());
            let in_doubt = |key: &String| {
                told.get(key).zip(told_by_other.get(key)).is_some_and(|(one, other)| one != other)
            };
            let [ahead, behind] = [0, 1].map(|order| {
                found[order].iter().filter(|(key, _)| !in_doubt(key)).collect::<BTreeMap<_, _>>()
            });
            assert_eq!(ahead, behind);
        });
    }
}

#[tokio::test]
async fn of_a_row_that_two_deliveries_tell_the_later_word_holds() {
    use crate::generated::{mapping, step};
    for (order, amount) in [(["100", "200"], "200.000000"), (["200", "100"], "100.000000")] {
        let office = Office::open().await;
        for (number, amount) in order.into_iter().enumerate() {
            let deals = office.deliver("opportunity.csv", format!("id,owner_id,amount\nD1,,{amount}\n"));
            office.import_at(&step(number), &mapping("delta"), &[deals]).await.expect("imported");
        }
        assert_eq!(office.rows(Table::Opportunity).await["D1"]["amount"], amount);
    }
}
