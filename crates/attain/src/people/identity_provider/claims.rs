//! Who a provider says somebody is.

use serde_json::{Map, Value};

use super::settings::Policy;
use crate::people::account::Email;

/// What was told of somebody, after its signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The provider.
    pub(super) issuer: String,
    /// Its identifier of them, which stays the same whatever they are called.
    pub(super) subject: String,
    pub(super) email: Option<Email>,
    /// Whether the provider vouches for the address.
    pub(super) is_verified: bool,
    pub(super) name: Option<String>,
    /// Their identifier in the roster.
    pub(super) person: Option<String>,
}

impl Told {
    /// Reads claims as the policy maps them. What is not a text says nothing.
    pub(super) fn read(issuer: &str, subject: &str, claims: &Map<String, Value>, policy: &Policy) -> Told {
        let text = |claim: &str| match claims.get(claim) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        // Some providers write true as a text.
        let is_vouched_for = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => Some(*verified),
            Some(Value::String(word)) => Some(word == "true"),
            _ => None,
        };
        // It vouches for the claim of that name, not for whatever another one holds.
        let is_vouched_for = is_vouched_for.filter(|verified| !verified || policy.email_claim == "email");
        Told {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            email: text(&policy.email_claim).and_then(|text| Email::read(&text).ok()),
            is_verified: is_vouched_for.unwrap_or(policy.unverified_email),
            name: text(&policy.name_claim),
            person: policy.person_claim.as_deref().and_then(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Policy {
        Policy {
            email_claim: "email".to_owned(),
            name_claim: "name".to_owned(),
            person_claim: Some("employee_number".to_owned()),
            create_accounts: true,
            unverified_email: false,
        }
    }

    fn told(claims: Value, policy: &Policy) -> Told {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        Told::read("https://login.example.com", "s-1", &claims, policy)
    }

    #[test]
    fn claims_are_read_as_they_are_mapped() {
        let claims =
            json!({"email": "Ada@Example.com", "email_verified": true, "name": "Ada", "employee_number": 17});
        let ada = told(claims, &policy());
        assert_eq!(ada.email.as_ref().map(Email::as_str), Some("ada@example.com"));
        assert_eq!(
            (ada.is_verified, ada.name.as_deref(), ada.person.as_deref()),
            (true, Some("Ada"), Some("17"))
        );
        let bare = told(json!({"email": ["a@example.com"], "name": ""}), &policy());
        assert_eq!((bare.email, bare.name, bare.person), (None, None, None));
    }

    #[test]
    fn an_address_is_believed_where_somebody_vouches_for_it() {
        let trusting = Policy { unverified_email: true, ..policy() };
        let verified = |claims: Value, policy: &Policy| told(claims, policy).is_verified;
        assert!(verified(json!({"email_verified": "true"}), &policy()));
        assert!(!verified(json!({}), &policy()));
        assert!(verified(json!({}), &trusting));
        for denied in [json!({"email_verified": false}), json!({"email_verified": "false"})] {
            assert!(!verified(denied.clone(), &policy()));
            assert!(!verified(denied, &trusting), "the provider says that it is not theirs");
        }
        let other = Policy { email_claim: "upn".to_owned(), ..policy() };
        assert!(!verified(json!({"email_verified": true, "upn": "x@example.com"}), &other));
    }
}
