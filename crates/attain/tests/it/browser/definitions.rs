//! A sales leader writes a metric by form, looks at its effect, saves it, and opens its number.

use std::collections::HashMap;

use attain_testing::shared_data;

use super::server::Server;
use super::tab::{Key, Tab, Thing, exactly, link};

/// Won deals of the third quarter of 2017 above the value, counted in the file.
fn large_deals() -> Option<usize> {
    let file = shared_data("maven_crm")?.join("sales_pipeline.csv");
    let rows = csv::Reader::from_path(file).expect("file").into_deserialize();
    let is_large = |row: &HashMap<String, String>| {
        let value: Option<f64> = row["close_value"].parse().ok();
        row["deal_stage"] == "Won"
            && ("2017-07-01".."2017-10-01").contains(&row["close_date"].as_str())
            && value.is_some_and(|value| value >= 5_000.0)
    };
    Some(rows.map(|row| row.expect("row")).filter(is_large).count())
}

fn write(tab: &Tab, field: &str, text: &str) {
    tab.click(&Thing::new("input", field).within("form"));
    tab.type_text(text);
}

fn press(tab: &Tab, button: &str) {
    tab.leave(|| tab.click(&Thing::new("button", exactly(button)).within("main")));
}

/// Chooses a value of a list with the keyboard.
fn choose(tab: &Tab, list: &str, value: &str) {
    tab.tab_to(&Thing::new("select", list));
    let chosen = || tab.value::<String>("document.activeElement.value");
    for _ in 0..100 {
        if chosen() == value {
            return;
        }
        tab.press(Key::Down);
    }
    panic!("{list} has no {value}");
}

#[test]
fn a_metric_is_written_by_form_looked_at_saved_and_opened() {
    let (Some(count), Some(tab), Some(server)) = (large_deals(), Tab::open(), Server::with_maven()) else {
        return;
    };
    tab.visit(&server.address("/metrics"));
    tab.leave(|| tab.click(&link("^New metric$").within("main")));
    write(&tab, "^Name$", "Deals over 5,000");
    write(&tab, "^Short name", "deals_over_5000");
    write(&tab, "^What it means", "Deals of 5,000 and more that were won.");
    choose(&tab, "^Count or add up", "closed");
    write(&tab, "^Only where", "outcome = 'won' and value >= 5000");
    write(&tab, "^When there is no value", "never");
    write(&tab, "^Kept honest by", "win_rate_count");
    press(&tab, "Look at the effect");
    assert!(tab.shows(&Thing::new("h3", "Deals over 5,000, version 1")), "the effect is shown");
    assert!(!tab.shows(&Thing::new("button", "Sign")), "nothing is saved yet");

    press(&tab, "Save");
    assert!(tab.shows(&Thing::new("[role=alert]", "needs a reason")), "a reason is asked for");
    assert_eq!(tab.value::<String>("document.querySelector('#filter').value").len(), 33, "nothing is lost");
    write(&tab, "^Why", "asked for by the board");
    press(&tab, "Save");
    assert!(tab.address().contains("/definitions/changes/"), "{}", tab.address());
    assert!(tab.shows(&Thing::new("p", "asked for by the board")));

    tab.visit(&server.address("/scorecards/numbers/deals_over_5000?period=2017-Q3"));
    let figure = tab.name(&Thing::new(".figure-line .big", "."));
    assert_eq!(figure.replace(',', ""), count.to_string());

    tab.visit(&server.address("/metrics/deals_over_5000/change"));
    assert!(tab.shows(&Thing::new("h1", "Change Deals over 5,000")));
    let held = "['measure', 'filter', 'counter_metric'].map(id => document.getElementById(id).value).join()";
    assert_eq!(
        tab.value::<String>(held),
        "closed,outcome = 'won' and value >= 5000,win_rate_count",
        "the form holds what was written"
    );
    write(&tab, "^What it means", " By close date.");
    press(&tab, "Look at the effect");
    assert!(tab.shows(&Thing::new("h3", "Deals over 5,000")), "the same metric, in other words");
    assert_eq!(tab.complaints(&server.address("")), [""; 0]);
}
