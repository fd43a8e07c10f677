//! Rep or market as a sentence, bars from zero and a table.

use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::market::{Market, SegmentChange};
use super::words::signed;
use crate::web::format::money;

/// What remains after the market, in words.
fn remains(market: &Market) -> &'static str {
    match (market.interval.low > 0.0, market.interval.high < 0.0) {
        (true, _) => "is clearly above none",
        (_, true) => "is clearly below none",
        _ => "cannot be told apart from none",
    }
}

/// The division in sentences that can be cited.
pub(super) fn sentence(market: &Market, currency: &str) -> String {
    let change = market.values[1] - market.values[0];
    let expected = market.market + market.mix;
    let whole = |value: f64| money(Decimal::from_f64(value.round()).unwrap_or_default());
    format!(
        "Bookings changed by {} {currency} ({}); the same customers’ segments would have brought {}. What remains, {}, {} (95 % interval {} to {}).",
        signed(change),
        percent(change, market.values[0]),
        signed(expected),
        signed(market.own),
        remains(market),
        whole(market.interval.low),
        whole(market.interval.high)
    )
}

fn percent(change: Decimal, of: Decimal) -> String {
    match change.checked_div(of).and_then(|share| share.to_f64()) {
        Some(share) => share_words(share),
        None => "–".to_owned(),
    }
}

fn share_words(share: f64) -> String {
    let sign = if share < 0.0 { "−" } else { "+" };
    format!("{sign}{:.1} %", share.abs() * 100.0)
}

/// The section of the page.
pub(super) fn section(market: &Market, name: &str, currency: &str) -> Markup {
    let parts = [
        ("The whole company", format!("grew by {}", share_words(market.growth)), market.market, ""),
        ("Segments sold to", "by how they grew differently".to_owned(), market.mix, ""),
        ("What remains", format!("{name}: {}", remains(market)), market.own, verdict_class(market)),
    ];
    let greatest = parts.iter().map(|(_, _, part, _)| part.abs()).max().unwrap_or_default().max(Decimal::ONE);
    html! {
        section aria-labelledby="market" {
            h2 id="market" { "Person or market?" }
            p { (sentence(market, currency)) }
            @if let Some((rates, interval)) = &market.win_rate { p { (win_rate(rates, interval)) } }
            div.scroll tabindex="0" role="region" aria-label="Person or market" {
                table.table.goals {
                    caption.unseen { "Change of bookings divided into market, mix of segments, and what remains" }
                    thead { tr { th scope="col" { "Part" } th scope="col" { span.unseen { "Bar from zero" } } th.num scope="col" { "Effect, " (currency) } } }
                    tbody { @for (part, words, effect, class) in &parts { tr {
                        th scope="row" { (part) small.quiet { " " (words) } }
                        td.chart { (bar(*effect, greatest, class)) }
                        td.num { (signed(*effect)) }
                    } } }
                    tfoot { tr { th scope="row" { "Change of bookings" } td {} td.num { (signed(market.values[1] - market.values[0])) } } }
                }
            }
            (segments(&market.segments))
            p.small.quiet { "Segments are those of the customers. How a segment grew is taken from everybody’s bookings in it, without " (name) " where they were more than a fifth of it; where fewer than five others sell to one, it is taken to have grown like the company. Each deal is taken for a chance event, so that the uncertainty of a sum is that of its largest amounts; segments’ growth is uncertain in the same way." }
        }
    }
}

fn verdict_class(market: &Market) -> &'static str {
    match (market.interval.low > 0.0, market.interval.high < 0.0) {
        (true, _) => "above",
        (_, true) => "below",
        _ => "",
    }
}

/// A bar from the middle, to the side that its sign says.
fn bar(effect: Decimal, greatest: Decimal, class: &str) -> Markup {
    let share =
        effect.abs().checked_div(greatest).and_then(|share| share.to_f64()).unwrap_or_default() * 48.0;
    let from = if effect.is_sign_negative() { 50.0 - share } else { 50.0 };
    html! {
        svg.bullet.wide role="img" {
            title { (signed(effect)) }
            rect class=(format!("bar {class}")) x=(format!("{from:.2}%")) y="5" width=(format!("{:.2}%", share.max(0.2))) height="8" {}
            line class="zero" x1="50%" x2="50%" y1="0" y2="18" {}
        }
    }
}

fn win_rate(rates: &attain_stats::decomposition::MixAndRate, interval: &attain_stats::Interval) -> String {
    let points = |share: f64| {
        let sign = if share < 0.0 { "−" } else { "+" };
        format!("{sign}{:.1}", share.abs() * 100.0)
    };
    let said = if interval.low > 0.0 || interval.high < 0.0 { "beyond chance" } else { "within chance" };
    format!(
        "Win rate {} points: {} by the mix of segments, {} by the rates within them, which is {said} (95 % interval {} to {}).",
        points(rates.difference),
        points(rates.mix),
        points(rates.rate),
        points(interval.low),
        points(interval.high)
    )
}

fn segments(segments: &[SegmentChange]) -> Markup {
    let whole = |value: f64| money(Decimal::from_f64(value.round()).unwrap_or_default());
    html! {
        details.behind {
            summary { "Segments behind it" }
            div.scroll tabindex="0" role="region" aria-label="Segments, table" {
                table.table {
                    caption.unseen { "Segments" }
                    thead { tr { th scope="col" { "Segment" } th.num scope="col" { "Before" } th.num scope="col" { "After" } th.num scope="col" { "The segment grew by" } } }
                    tbody { @for one in segments { tr { th scope="row" { (one.name.as_deref().unwrap_or("without a segment")) } td.num { (whole(one.own[0])) } td.num { (whole(one.own[1])) } td.num { @match one.growth { Some(growth) => (share_words(growth)), None => span.quiet { "too few others" } } } } } }
                }
            }
        }
    }
}
