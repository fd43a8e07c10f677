//! The one permission check. Every page, command and endpoint asks here what its actor may do and
//! how far they may see; what is not granted is denied, and looks as if it were not there.
//!
//! [`role`] has the roles, [`matrix`] what each may do to which objects, [`standing`] whom that is
//! about today, and [`Viewer`] is the one who asks. The owner of the machine, who could read the data
//! directory itself, may do everything: on the command line, and in the browser for as long as nobody
//! has an account.

pub(crate) mod matrix;
pub(crate) mod role;
pub(crate) mod standing;
mod viewer;

pub(crate) use matrix::{Act, Object};
pub(crate) use viewer::{SignedIn, ViewedAs, Viewer};
