//! The one permission check. Every page, command and endpoint that shows numbers asks here how
//! far its actor may see; what is not granted is denied.

use attain_metrics::Reach;
use attain_records::Actor;

/// How far an actor may see. Until people can sign in, the owner of the machine sees everything
/// and nobody else anything.
pub(crate) fn reach(actor: &Actor) -> Reach {
    if actor.is_local_owner() { Reach::Everything } else { Reach::Nothing }
}

/// Whether an actor may change which facts hold.
pub(crate) fn may_change_facts(actor: &Actor) -> bool {
    actor.is_local_owner()
}

/// Whether an actor may change what metrics mean.
pub(crate) fn may_define(actor: &Actor) -> bool {
    actor.is_local_owner()
}

/// Whether an actor may bring data in and see how it is read.
pub(crate) fn may_import(actor: &Actor) -> bool {
    actor.is_local_owner()
}

/// Whether an actor may see what is wrong with the facts, and rows of whomever they are.
pub(crate) fn may_see_quality(actor: &Actor) -> bool {
    actor.is_local_owner()
}
