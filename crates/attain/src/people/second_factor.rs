//! The second factor: a code that changes every half minute (RFC 6238), or one of the recovery codes
//! that were written down.

use attain_records::{RecordsError, WriteTransaction};
use jiff::Timestamp;
use qrcode::QrCode;
use qrcode::render::svg;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use totp_rs::{Algorithm, Builder, Secret as Shared, Totp};

use super::account::{self, Account, Change};
use super::secret::Secret;
use entity as recovery_code;

/// Recovery codes that are handed out.
const CODES: usize = 10;

/// A new shared secret, in the form it is kept and typed in.
pub(super) fn new_secret() -> String {
    let bytes: [u8; 20] = rand::random();
    Shared::from(bytes.to_vec()).to_base32()
}

/// The picture of a shared secret that an authenticator reads.
pub(super) fn picture(secret: &str, account: &Account) -> Option<String> {
    let code = QrCode::new(totp(secret, &account.email)?.to_url().ok()?).ok()?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    // The declaration of a file of its own has no place inside a page.
    picture.find("<svg").map(|start| picture[start..].to_owned())
}

/// The step of time whose code this is, if it is one of now; each may be used once.
pub(super) fn step(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    let seconds = u64::try_from(now.as_second()).ok()?;
    let step = totp(secret, "account")?.check(&code, seconds)?;
    i64::try_from(step).ok()
}

fn totp(secret: &str, account: &str) -> Option<Totp> {
    let shared = Shared::try_from_base32(secret).ok()?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(shared)
        .with_issuer(Some("Attain"))
        .with_account_name(account.replace(':', " "))
        .build()
        .ok()
}

/// Whether a code opens an account, used up if it does.
pub(super) async fn opens(
    transaction: &WriteTransaction,
    account: &Account,
    code: &str,
    now: Timestamp,
) -> Result<bool, RecordsError> {
    let Some(secret) = &account.second_factor else { return Ok(false) };
    if let Some(step) = step(secret, code, now) {
        let is_new = account.second_factor_step.is_none_or(|used| used < step);
        if is_new {
            account::change(transaction, account.number, Change::SecondFactorStep(step), now).await?;
        }
        return Ok(is_new);
    }
    let used = recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::Account.eq(account.number))
        .filter(recovery_code::Column::Hash.eq(Secret::shown(&written(code)).hash()))
        .exec(transaction.connection())
        .await?;
    Ok(used.rows_affected == 1)
}

/// Makes recovery codes; those of before work no longer.
pub(super) async fn recovery_codes(
    transaction: &WriteTransaction,
    account: i64,
) -> Result<Vec<String>, RecordsError> {
    forget_recovery_codes(transaction, account).await?;
    let mut codes = Vec::new();
    for _ in 0..CODES {
        let secret = Secret::new();
        let code = secret.reveal()[..16].to_owned();
        let row =
            recovery_code::ActiveModel { hash: Set(Secret::shown(&code).hash()), account: Set(account) };
        recovery_code::Entity::insert(row).exec_without_returning(transaction.connection()).await?;
        codes.push(format!("{}-{}-{}-{}", &code[..4], &code[4..8], &code[8..12], &code[12..]));
    }
    Ok(codes)
}

/// Forgets the recovery codes of an account.
pub(super) async fn forget_recovery_codes(
    transaction: &WriteTransaction,
    account: i64,
) -> Result<(), RecordsError> {
    let earlier = recovery_code::Entity::delete_many().filter(recovery_code::Column::Account.eq(account));
    earlier.exec(transaction.connection()).await?;
    Ok(())
}

/// A recovery code as it was made, however it is typed.
fn written(code: &str) -> String {
    code.chars().filter(char::is_ascii_hexdigit).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_code")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) hash: String,
        pub(crate) account: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of the eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Shared::from(b"12345678901234567890".to_vec()).to_base32();
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = Timestamp::from_second(second).expect("an instant");
            assert_eq!(step(&secret, code, now), Some(second / 30), "{second}");
            assert_eq!(step(&secret, "000000", now), None);
        }
    }

    #[test]
    fn a_code_may_be_typed_with_a_gap_and_half_a_minute_late() {
        let secret = Shared::from(b"12345678901234567890".to_vec()).to_base32();
        let late = Timestamp::from_second(59 + 30).expect("an instant");
        assert_eq!(step(&secret, "287 082", late), Some(1));
        let too_late = Timestamp::from_second(59 + 90).expect("an instant");
        assert_eq!(step(&secret, "287082", too_late), None);
    }
}
