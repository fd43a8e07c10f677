//! Which circumstances count: things of the customer and of what is sold, which the person sold to or with
//! but did not make.

/// A circumstance that may count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Circumstance {
    CustomerSegment,
    CustomerIndustry,
    CustomerCountry,
    CustomerRegion,
    ProductFamily,
    KindOfBusiness,
}

impl Circumstance {
    pub(super) const ALL: [Circumstance; 6] = [
        Circumstance::CustomerSegment,
        Circumstance::CustomerIndustry,
        Circumstance::CustomerCountry,
        Circumstance::CustomerRegion,
        Circumstance::ProductFamily,
        Circumstance::KindOfBusiness,
    ];

    /// The dimension of the rows it is.
    pub(super) fn dimension(self) -> &'static str {
        match self {
            Circumstance::CustomerSegment => "account__segment",
            Circumstance::CustomerIndustry => "account__industry",
            Circumstance::CustomerCountry => "account__country",
            Circumstance::CustomerRegion => "account__account_region",
            Circumstance::ProductFamily => "product__family",
            Circumstance::KindOfBusiness => "type",
        }
    }

    /// What it is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Circumstance::CustomerSegment => "customer’s segment",
            Circumstance::CustomerIndustry => "customer’s industry",
            Circumstance::CustomerCountry => "customer’s country",
            Circumstance::CustomerRegion => "customer’s region",
            Circumstance::ProductFamily => "product family",
            Circumstance::KindOfBusiness => "new or existing business",
        }
    }

    fn named(name: &str) -> Option<Circumstance> {
        Circumstance::ALL.into_iter().find(|one| one.dimension() == name)
    }
}

/// Circumstances that count, the one that is given up first where there is too little at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Circumstances(Vec<Circumstance>);

impl Default for Circumstances {
    /// Segment, then product family.
    fn default() -> Circumstances {
        Circumstances(vec![Circumstance::CustomerSegment, Circumstance::ProductFamily])
    }
}

impl Circumstances {
    /// More would leave hardly two deals alike.
    pub(super) const MOST: usize = 4;

    /// Reads them from the names of dimensions.
    ///
    /// # Errors
    /// Says what is wrong, for whoever chose them.
    pub(super) fn read(names: &[String]) -> Result<Circumstances, String> {
        let mut read = Vec::new();
        for name in names.iter().filter(|name| !name.is_empty()) {
            let one = Circumstance::named(name).ok_or_else(|| {
                format!(
                    "`{name}` is no circumstance. Only what belongs to the customer or the product may count; what a person is (age, sex, origin and the like) or does (discount, activity) never does."
                )
            })?;
            if read.contains(&one) {
                return Err(format!("{} stands there twice.", one.words()));
            }
            read.push(one);
        }
        match read.len() {
            0 => Err("Choose at least one circumstance.".to_owned()),
            count if count > Circumstances::MOST => Err(format!(
                "At most {} circumstances can count: with more hardly two deals are alike.",
                Circumstances::MOST
            )),
            _ => Ok(Circumstances(read)),
        }
    }

    /// Each of them.
    pub(super) fn each(&self) -> &[Circumstance] {
        &self.0
    }

    /// All of them in words.
    pub(super) fn words(&self) -> String {
        self.0.iter().map(|one| one.words()).collect::<Vec<_>>().join(", then ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_is_or_does_is_no_circumstance() {
        let read = |names: &[&str]| {
            Circumstances::read(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read(&["account__segment", "product__family"]), Ok(Circumstances::default()));
        for name in ["rep__sex", "age", "discount_rate", "activities", "stage"] {
            assert!(read(&[name]).is_err_and(|why| why.contains("is no circumstance")), "{name}");
        }
        assert!(read(&[]).is_err() && read(&["type", "type"]).is_err());
        let five = ["account__segment", "account__industry", "account__country", "type", "product__family"];
        assert!(read(&five).is_err_and(|why| why.contains("At most 4")));
    }
}
