//! The distributions against scipy 1.17.1, from the smallest parameters to the largest.

use crate::probability::Probability;

use super::beta::Beta;
use super::binomial::Binomial;
use super::gamma::Gamma;
use super::negative_binomial::NegativeBinomial;
use super::students_t::Freedom;

fn agree(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{got} instead of {expected}");
}

/// `scipy.stats.beta.ppf(level, first, second)`, and the distribution function back from it.
#[test]
fn beta_agrees() {
    let cases = [
        (0.5, 0.5, 0.025, 0.001541333133436012, 1e-10),
        (0.5, 0.5, 0.5, 0.4999999999999999, 1e-10),
        (0.5, 0.5, 0.999, 0.999997532600929, 1e-10),
        (3.7, 5.8, 0.025, 0.12476641541399233, 1e-10),
        (3.7, 5.8, 0.5, 0.38141663565239653, 1e-10),
        (3.7, 5.8, 0.999, 0.8381238385648779, 1e-10),
        (20.0, 30.0, 0.025, 0.26996706063129844, 1e-10),
        (20.0, 30.0, 0.5, 0.39865634626322427, 1e-10),
        (20.0, 30.0, 0.999, 0.6162276445726896, 1e-10),
        (2000.0, 2500.0, 0.025, 0.4299518854649619, 1e-10),
        (2000.0, 2500.0, 0.5, 0.4444362132656437, 1e-10),
        (2000.0, 2500.0, 0.999, 0.46739454125135615, 1e-10),
        (49000.0, 30000.0, 0.025, 0.616866033705785, 1e-09),
        (49000.0, 30000.0, 0.5, 0.6202541793565508, 1e-09),
        (49000.0, 30000.0, 0.999, 0.6255802636933266, 1e-09),
        (5.0, 100000.0, 0.025, 1.6234407433044047e-05, 1e-06),
        (5.0, 100000.0, 0.5, 4.6707063864299976e-05, 1e-06),
        (5.0, 100000.0, 0.999, 0.00014792759114072972, 1e-06),
        (200.0, 60000.0, 0.025, 0.0028784196463519512, 1e-05),
        (200.0, 60000.0, 0.5, 0.0033167604089668016, 1e-05),
        (200.0, 60000.0, 0.999, 0.004094227716073473, 1e-05),
        (1000000.0, 3000000.0, 0.025, 0.24957577383160803, 1e-06),
        (1000000.0, 3000000.0, 0.5, 0.24999995833333, 1e-06),
        (1000000.0, 3000000.0, 0.999, 0.25066941080894967, 1e-06),
    ];
    for (first, second, level, expected, tolerance) in cases {
        let beta = Beta::new(first, second).expect("shapes");
        agree(beta.quantile_from(level, beta.mean()), expected, tolerance);
        agree(beta.cdf(expected), level, tolerance);
    }
}

/// `scipy.stats.gamma.ppf(level, shape)`.
#[test]
fn gamma_agrees() {
    let cases = [
        (0.1, 0.025, 5.791710245521471e-17, 1e-10),
        (0.1, 0.5, 0.0005933911044602284, 1e-10),
        (0.1, 0.999, 3.3636770117187536, 1e-10),
        (1.0, 0.025, 0.025317807984289876, 1e-10),
        (1.0, 0.5, 0.6931471805599455, 1e-10),
        (1.0, 0.999, 6.907755278982137, 1e-10),
        (5.0, 0.025, 1.6234863901184207, 1e-10),
        (5.0, 0.5, 4.670908882795985, 1e-10),
        (5.0, 0.999, 14.79414922253721, 1e-10),
        (900000.0, 0.025, 898141.5622372145, 1e-09),
        (900000.0, 0.5, 899999.6666666886, 1e-09),
        (900000.0, 0.999, 902934.501851438, 1e-09),
        (2000000.0, 0.025, 1997229.1396258022, 1e-09),
        (2000000.0, 0.5, 1999999.6666666765, 1e-09),
        (2000000.0, 0.999, 2004373.0984380527, 1e-09),
        (1000000000000.0, 0.025, 999998040036.9626, 1e-09),
        (1000000000000.0, 0.5, 999999999999.6666, 1e-09),
        (1000000000000.0, 0.999, 1000003090235.156, 1e-09),
    ];
    for (shape, level, expected, tolerance) in cases {
        let gamma = Gamma::new(shape, 1.0).expect("a shape");
        agree(gamma.quantile(level), expected, tolerance);
        agree(Gamma::new(shape, 4.0).expect("a shape").quantile(level), expected / 4.0, tolerance);
    }
}

/// `scipy.stats.t.ppf(level, degrees)`.
#[test]
fn students_t_agrees() {
    let cases = [
        (0.5, 1e-06, -102849115631.63399, 1e-10),
        (0.5, 0.025, -164.55767348048846, 1e-10),
        (0.5, 0.9, 10.27032441023451, 1e-10),
        (1.0, 1e-06, -318309.8861827435, 1e-10),
        (1.0, 0.025, -12.706204736174705, 1e-10),
        (1.0, 0.9, 3.0776835371752544, 1e-10),
        (7.0, 1e-06, -14.241469651981445, 1e-10),
        (7.0, 0.025, -2.3646242515927844, 1e-10),
        (7.0, 0.9, 1.4149239276505086, 1e-10),
        (3.559448444981, 1e-06, -57.95845760679293, 1e-10),
        (3.559448444981, 0.025, -2.9173653425459745, 1e-10),
        (3.559448444981, 0.9, 1.5706604331151746, 1e-10),
        (1000.0, 1e-06, -4.781608620458351, 1e-10),
        (1000.0, 0.025, -1.9623390808264085, 1e-10),
        (1000.0, 0.9, 1.2823987214609247, 1e-10),
        (10000000.0, 1e-06, -4.753427112755577, 1e-06),
        (10000000.0, 0.025, -1.9599642217672055, 1e-06),
        (10000000.0, 0.9, 1.2815516502030833, 1e-06),
    ];
    for (degrees, level, expected, tolerance) in cases {
        let freedom = Freedom::new(degrees).expect("degrees");
        agree(freedom.quantile(level), expected, tolerance);
        agree(freedom.cdf(expected), level, 10.0 * tolerance);
    }
}

/// `scipy.stats.binom.cdf(count, trials, probability)` and `.ppf`.
#[test]
fn binomial_agrees() {
    let cases = [
        (20, 0.3, 5, 0.4163708294474809, 10),
        (1000, 0.01, 15, 0.9521294142420529, 17),
        (1000000, 0.5, 500500, 0.8415865958480527, 500980),
        (1000000000, 0.001, 1000000, 0.5002659615195433, 1001959),
    ];
    for (trials, probability, count, expected, upper) in cases {
        let binomial = Binomial::new(trials, Probability::new(probability).expect("a probability"));
        agree(binomial.at_most(count), expected, 1e-7);
        assert_eq!(binomial.quantile(0.975), upper);
    }
}

/// `scipy.stats.nbinom.sf(count - 1, size, success)` and `.ppf(0.975, …)`.
#[test]
fn negative_binomial_agrees() {
    let cases = [
        (11.0, 0.654761904761905, 7, 0.36524562580459596, 13),
        (0.3, 0.01, 3, 0.6262012819485179, 189),
        (500.0, 0.2, 2100, 0.15975352126459882, 2200),
    ];
    for (size, success, count, expected, upper) in cases {
        let to_come = NegativeBinomial::new(size, success).expect("parameters");
        agree(to_come.at_least(count), expected, 1e-9);
        assert_eq!(to_come.quantile(0.975), upper);
    }
}

#[test]
fn parameters_that_do_not_exist_have_no_distribution() {
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Beta::new(wrong, 1.0).is_none() && Beta::new(1.0, wrong).is_none());
        assert!(Gamma::new(wrong, 1.0).is_none() && Gamma::new(1.0, wrong).is_none());
        assert!(NegativeBinomial::new(wrong, 0.5).is_none());
    }
    assert!(Freedom::new(0.0).is_none() && Freedom::new(f64::NAN).is_none());
}

#[test]
fn counts_as_large_as_they_get_have_an_answer() {
    let half = Probability::new(0.5).expect("a probability");
    let huge = Binomial::new(u64::MAX, half).quantile(0.975) as f64;
    assert!((huge / (u64::MAX as f64) - 0.5).abs() < 1e-6);
    assert!(Gamma::new(u64::MAX as f64, 1e-300).expect("a gamma").quantile(0.5) > 0.0);
}
