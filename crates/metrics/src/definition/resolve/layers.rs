//! Layers: definition files one over the other, and how far each counts.

/// A definition file, and how far it counts.
#[derive(Clone, Copy)]
pub(in crate::definition) struct Layer<'f> {
    pub(in crate::definition) file: &'f str,
    pub(in crate::definition) text: &'f str,
    pub(in crate::definition) extent: Extent,
}

/// What of a file counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::definition) enum Extent {
    /// All of it; its names must be new.
    Shipped,
    /// All of it: a company's own, which may define metrics anew.
    Everything,
    /// A company's own, of which only what nothing else defines counts.
    OnlyWhatIsNew,
}

impl Layer<'_> {
    /// Whether both are one file: two changes may have the same name.
    pub(super) fn is(&self, other: Layer<'_>) -> bool {
        std::ptr::eq(self.text, other.text)
    }

    /// The file's name without folder and ending.
    pub(super) fn section(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or(self.file);
        name.split('.').next().unwrap_or(name)
    }
}
