//! The two spellings of a receipt: the bytes that are signed and the file people read. Both write
//! members in the order of their names and every value as text, so that nothing depends on how a
//! program writes numbers.

use serde_json::Value;

/// RFC 8785: no white space, members by name. Names are ASCII, so that their order by bytes is the
/// order by UTF-16 units the standard asks for.
pub(super) fn compact(value: &Value) -> String {
    match value {
        Value::Object(members) => joined('{', members_of(members), '}'),
        Value::Array(items) => joined('[', items.iter().map(compact), ']'),
        text => text.to_string(),
    }
}

fn members_of(members: &serde_json::Map<String, Value>) -> impl Iterator<Item = String> {
    sorted(members).into_iter().map(|(name, value)| format!("{}:{}", quoted(name), compact(value)))
}

fn joined(open: char, parts: impl Iterator<Item = String>, close: char) -> String {
    format!("{open}{}{close}", parts.collect::<Vec<_>>().join(","))
}

/// The same with two spaces for each level and a line for each value; ends with a line feed.
pub(super) fn pretty(value: &Value) -> String {
    let mut text = String::new();
    push_pretty(&mut text, value, 0);
    text.push('\n');
    text
}

fn push_pretty(text: &mut String, value: &Value, level: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            push_block(text, level, ['{', '}'], sorted(members), |text, (name, value)| {
                text.push_str(&quoted(name));
                text.push_str(": ");
                push_pretty(text, value, level + 1);
            });
        }
        Value::Array(items) if !items.is_empty() => {
            push_block(text, level, ['[', ']'], items, |text, item| push_pretty(text, item, level + 1));
        }
        other => text.push_str(&other.to_string()),
    }
}

fn push_block<T>(
    text: &mut String,
    level: usize,
    [open, close]: [char; 2],
    parts: impl IntoIterator<Item = T>,
    push: impl Fn(&mut String, T),
) {
    text.push(open);
    for (position, part) in parts.into_iter().enumerate() {
        text.push_str(if position == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(level + 1));
        push(text, part);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(level));
    text.push(close);
}

fn sorted(members: &serde_json::Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| *name);
    members
}

/// JSON text with the shortest escapes, as RFC 8785 has it.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_stand_in_the_order_of_their_names_and_text_is_escaped_no_more_than_needed() {
        let value = json!({ "b": ["2", "1"], "a": { "z": "Zoë \"/\\\n\u{1f}", "y": "1" } });
        let text = "{\"a\":{\"y\":\"1\",\"z\":\"Zoë \\\"/\\\\\\n\\u001f\"},\"b\":[\"2\",\"1\"]}";
        assert_eq!(compact(&value), text);
    }

    #[test]
    fn the_file_has_a_line_for_each_value() {
        let text = "{\n  \"a\": {\n    \"y\": \"1\"\n  },\n  \"b\": [\n    \"2\",\n    \"1\"\n  ]\n}\n";
        assert_eq!(pretty(&json!({ "b": ["2", "1"], "a": { "y": "1" } })), text);
    }
}
