//! SQL Server's `hierarchyid` in hexadecimal: a path in a tree, packed into bits.
//!
//! Each step of a path is a prefix that says which numbers it can be, their bits with fixed bits
//! between them, and a last bit that says whether the step ends here (Microsoft, MS-SSCLRT 2.1.1).

/// The forms of a step with its least number: `x` stands for a bit of the number.
const STEPS: [(&str, u64); 7] = [
    ("01xx", 0),
    ("100xx", 4),
    ("101xxx", 8),
    ("110xx0x1xxx", 16),
    ("1110xxx0xxx0x1xxx", 80),
    ("11110xxxxx0xxx0x1xxx", 1_104),
    ("111110xxxxxxxxxxxxxxxxxxx0xxxxxx0xxx0x1xxx", 5_200),
];

/// The path, such as `/1/3/`; the root is `/`. `None` if the text is no such path.
pub(super) fn path(hexadecimal: &str) -> Option<String> {
    let digits = hexadecimal.strip_prefix("0x").or(hexadecimal.strip_prefix("0X")).unwrap_or(hexadecimal);
    let mut bits = Vec::with_capacity(4 * digits.len());
    for digit in digits.chars() {
        let value = digit.to_digit(16)?;
        bits.extend((0..4).rev().map(|place| (value >> place) & 1 == 1));
    }
    let mut path = "/".to_owned();
    let mut rest = bits.as_slice();
    while rest.contains(&true) {
        let (number, behind) = step(rest)?;
        path.push_str(&format!("{number}/"));
        rest = behind;
    }
    Some(path)
}

/// The first step and what follows it. Steps between two others, which end with a zero bit, do not
/// occur in exports that were not rearranged, and are refused.
fn step(bits: &[bool]) -> Option<(u64, &[bool])> {
    let fits = |form: &str| {
        form.len() < bits.len()
            && form.bytes().zip(bits).all(|(wanted, bit)| wanted == b'x' || (wanted == b'1') == *bit)
    };
    let (form, least) = STEPS.into_iter().find(|(form, _)| fits(form))?;
    let number = form.bytes().zip(bits).filter(|(place, _)| *place == b'x');
    let number = number.fold(0, |number, (_, bit)| (number << 1) | u64::from(*bit));
    bits[form.len()].then(|| (least + number, &bits[form.len() + 1..]))
}

/// The path without its last step; `None` for the root, which has no parent.
pub(super) fn parent(path: &str, separator: &str) -> Option<String> {
    let closed = path.ends_with(separator);
    let trimmed = path.strip_suffix(separator).unwrap_or(path);
    if trimmed.is_empty() {
        return None;
    }
    let (parent, _) = trimmed.rsplit_once(separator)?;
    match closed {
        true => Some(format!("{parent}{separator}")),
        false => Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_sql_server_writes_them() {
        for (written, expected) in [
            ("", "/"),
            ("58", "/1/"),
            ("0x5AC0", "/1/1/"),
            ("5AD6", "/1/1/1/"),
            ("9560", "/6/1/"),
            ("AA", "/10/"),
        ] {
            assert_eq!(path(written).as_deref(), Some(expected), "{written}");
        }
        for wrong in ["5G", "FF", "01"] {
            assert_eq!(path(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_parent_is_the_path_without_its_last_step() {
        assert_eq!(parent("/6/1/", "/").as_deref(), Some("/6/"));
        assert_eq!(parent("/6/", "/").as_deref(), Some("/"));
        assert_eq!(parent("/", "/"), None);
        assert_eq!(parent("EMEA > DACH > Anna", " > ").as_deref(), Some("EMEA > DACH"));
        assert_eq!(parent("EMEA", " > "), None);
    }
}
