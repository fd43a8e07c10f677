//! What the company sells: ten products in three families.

use super::chance::Chance;

/// A family of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Spectroscopy,
    Chromatography,
    Service,
}

impl Family {
    pub(super) fn name(self) -> &'static str {
        match self {
            Family::Spectroscopy => "Spectroscopy",
            Family::Chromatography => "Chromatography",
            Family::Service => "Service",
        }
    }
}

/// A product with its price before discount.
pub(super) struct Product {
    pub(super) name: &'static str,
    pub(super) family: Family,
    pub(super) list_price_eur: i64,
}

const fn product(name: &'static str, family: Family, list_price_eur: i64) -> Product {
    Product { name, family, list_price_eur }
}

/// The price list.
pub(super) static PRODUCTS: [Product; 10] = [
    product("Aurel Field", Family::Spectroscopy, 8_900),
    product("Aurel 200", Family::Spectroscopy, 24_500),
    product("Aurel 400", Family::Spectroscopy, 58_000),
    product("Aurel 900", Family::Spectroscopy, 146_000),
    product("Tarn 20", Family::Chromatography, 12_400),
    product("Tarn 60", Family::Chromatography, 36_000),
    product("Tarn 120", Family::Chromatography, 89_500),
    product("Care Basic", Family::Service, 4_800),
    product("Care Plus", Family::Service, 14_500),
    product("Method Validation", Family::Service, 9_600),
];

/// The main product of a deal of about that size: one of the three dearest that fit into it, of
/// the service family or of the instruments. The rest of the deal is options and accessories.
pub(super) fn fitting(list_amount_eur: i64, service: bool, chance: &mut Chance) -> usize {
    let mut candidates: Vec<usize> = (0..PRODUCTS.len())
        .filter(|position| (PRODUCTS[*position].family == Family::Service) == service)
        .collect();
    candidates.sort_by_key(|position| PRODUCTS[*position].list_price_eur);
    let fitting =
        candidates.iter().filter(|position| PRODUCTS[**position].list_price_eur <= list_amount_eur).count();
    let dearest = fitting.max(1);
    *chance.pick(&candidates[dearest.saturating_sub(3)..dearest])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deal_holds_at_least_its_main_product() {
        let mut chance = Chance::new(5, 1);
        for amount in (9_000..300_000).step_by(1_500) {
            assert!(PRODUCTS[fitting(amount, false, &mut chance)].list_price_eur <= amount);
        }
        assert_eq!(PRODUCTS[fitting(1, true, &mut chance)].name, "Care Basic");
    }
}
