//! What the deliveries say about the company: calendar, currency, rates.

use attain_metrics::{Asker, NewestRate};
use maud::{Markup, html};

use crate::web::format::date;
use crate::web::problem::PageError;

pub(super) async fn section(asker: &Asker) -> Result<Markup, PageError> {
    let (company, rates) = (asker.company(), asker.newest_rates().await?);
    Ok(html! {
        section aria-labelledby="company-title" {
            div.section-head { h2 id="company-title" { "The company" } span.meta { "as " a href="/data/mappings" { "the mapping" } " of the newest import says" } }
            dl.facts {
                dt { "Name" } dd { (company.name) }
                dt { "Time zone" } dd { (company.time_zone.iana_name().unwrap_or("fixed offset")) }
                dt { "Fiscal calendar" } dd { (asker.calendar().describe()) }
                dt { "Working days" } dd { (company.work_calendar.describe()) }
                dt { "Currency" } dd { (company.currency) }
            }
            @if rates.is_empty() { p.quiet { "No rates of other currencies were delivered: amounts in them are left out and marked." } } @else { (table(&rates)) }
        }
    })
}

fn table(rates: &[NewestRate]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Rates" {
            table.table {
                caption.unseen { "The newest rate of each pair of currencies" }
                thead { tr { th scope="col" { "Set" } th scope="col" { "From" } th scope="col" { "To" } th.num scope="col" { "Rate" } th scope="col" { "Newest of" } th.num scope="col" { "Days" } } }
                tbody {
                    @for rate in rates {
                        tr {
                            th scope="row" { (rate.set) }
                            td { (rate.from) }
                            td { (rate.to) }
                            td.num { (rate.rate.normalize()) }
                            td { (date(rate.day)) }
                            td.num { (rate.days) }
                        }
                    }
                }
            }
        }
    }
}
