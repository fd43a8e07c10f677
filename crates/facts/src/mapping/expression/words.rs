//! An expression in words, for people who do not write any: `round(number("price") * "pieces", 2)` is
//! "`price` × `pieces`, rounded to 2 places".

use super::syntax::{Kind, Node, parse};
use super::{Comparison, Operation};

/// How a part holds together, the loosest first: what is looser than its place needs stands in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Phrase,
    Or,
    And,
    Statement,
    Sum,
    Product,
    Word,
}

/// Words and how they hold together.
type Part = (Bond, String);

/// What a text says in words, with what `column` calls each column. A text that is no expression is
/// shown as it is.
pub(crate) fn in_words(text: &str, column: &dyn Fn(&str) -> String) -> String {
    match parse(text) {
        Ok(node) => Speaker { column }.part(&node).1,
        Err(_) => format!("`{text}`"),
    }
}

/// What has to hold for a condition not to, in words: rows are left out then.
pub(crate) fn denied_in_words(text: &str, column: &dyn Fn(&str) -> String) -> String {
    match parse(text) {
        Ok(node) => Speaker { column }.part(&denied(node)).1,
        Err(_) => format!("not `{text}`"),
    }
}

/// The opposite of a condition, said of its parts.
fn denied(node: Node) -> Node {
    let Node { at, kind } = node;
    let deny = |part: Box<Node>| Box::new(denied(*part));
    let kind = match kind {
        Kind::Not(of) => return *of,
        Kind::And(left, right) => Kind::Or(deny(left), deny(right)),
        Kind::Or(left, right) => Kind::And(deny(left), deny(right)),
        other => Kind::Not(Box::new(Node { at, kind: other })),
    };
    Node { at, kind }
}

struct Speaker<'c> {
    column: &'c dyn Fn(&str) -> String,
}

impl Speaker<'_> {
    /// A part as a place needs it that holds so much together.
    fn within(&self, node: &Node, place: Bond) -> String {
        match self.part(node) {
            (bond, words) if bond < place => format!("({words})"),
            (_, words) => words,
        }
    }

    fn part(&self, node: &Node) -> Part {
        match &node.kind {
            Kind::Column(name) => (Bond::Word, (self.column)(name)),
            Kind::Text(text) => (Bond::Word, quoted(text)),
            Kind::Number(number) => (Bond::Word, number.to_string()),
            Kind::Truth(truth) => (Bond::Word, if *truth { "yes" } else { "no" }.to_owned()),
            Kind::Blank => (Bond::Word, "blank".to_owned()),
            Kind::Date(day) => (Bond::Word, day.clone()),
            Kind::Call(name, arguments) => self.call(name, arguments),
            Kind::Negative(of) => (Bond::Product, format!("−{}", self.within(of, Bond::Word))),
            Kind::Arithmetic(operation, left, right) => self.arithmetic(*operation, left, right),
            Kind::Concatenate(left, right) => self.joined(&[left, right]),
            Kind::Not(of) => self.negated(of),
            Kind::And(left, right) => (Bond::And, self.both(left, "and", right, Bond::And)),
            Kind::Or(left, right) => (Bond::Or, self.both(left, "or", right, Bond::Or)),
            Kind::Case(of, branches, otherwise) => {
                (Bond::Phrase, self.case(of.as_deref(), branches, otherwise.as_deref()))
            }
            statement => (Bond::Statement, self.statement(statement, false)),
        }
    }

    fn both(&self, left: &Node, word: &str, right: &Node, bond: Bond) -> String {
        format!("{} {word} {}", self.within(left, bond), self.within(right, bond))
    }

    fn arithmetic(&self, operation: Operation, left: &Node, right: &Node) -> Part {
        let (bond, sign) = match operation {
            Operation::Add => (Bond::Sum, "+"),
            Operation::Subtract => (Bond::Sum, "−"),
            Operation::Multiply => (Bond::Product, "×"),
            Operation::Divide => (Bond::Product, "÷"),
            Operation::Remainder => (Bond::Product, "modulo"),
        };
        // What is taken away or divided by does not move over to the left.
        let right_place = match (operation, bond) {
            (Operation::Add | Operation::Multiply, bond) => bond,
            (_, Bond::Sum) => Bond::Product,
            _ => Bond::Word,
        };
        (bond, format!("{} {sign} {}", self.within(left, bond), self.within(right, right_place)))
    }

    /// Texts put together; spaces between them go without saying.
    fn joined(&self, parts: &[&Node]) -> Part {
        let mut all = Vec::new();
        parts.iter().for_each(|part| flattened(part, &mut all));
        all.retain(|part| !matches!(&part.kind, Kind::Text(text) if text.trim().is_empty()));
        let words: Vec<String> = all.iter().map(|part| self.within(part, Bond::Word)).collect();
        match words.as_slice() {
            [only] => (Bond::Word, only.clone()),
            words => (Bond::Sum, words.join(" & ")),
        }
    }

    fn negated(&self, of: &Node) -> Part {
        match &of.kind {
            statement @ (Kind::IsBlank(_)
            | Kind::Compare(..)
            | Kind::OneOf(..)
            | Kind::Between(..)
            | Kind::Like(..)) => (Bond::Statement, self.statement(statement, true)),
            _ => (Bond::Statement, format!("not {}", self.within(of, Bond::Word))),
        }
    }

    /// What is said of a value.
    fn statement(&self, kind: &Kind, is_negated: bool) -> String {
        let of = |node: &Node| self.within(node, Bond::Sum);
        let is = if is_negated { "is not" } else { "is" };
        match kind {
            Kind::IsBlank(value) => format!("{} {is} blank", of(value)),
            Kind::Compare(comparison, left, right) => {
                format!("{} {} {}", of(left), compared(*comparison, is_negated), of(right))
            }
            Kind::OneOf(value, list) => {
                let list: Vec<String> = list.iter().map(of).collect();
                format!("{} {is} one of {}", of(value), list.join(", "))
            }
            Kind::Between(value, low, high) => {
                format!("{} {is} between {} and {}", of(value), of(low), of(high))
            }
            Kind::Like(value, pattern) => format!("{} {is} like {}", of(value), quoted(pattern)),
            // Everything else is no statement.
            _ => String::new(),
        }
    }

    fn case(&self, of: Option<&Node>, branches: &[(Node, Node)], otherwise: Option<&Node>) -> String {
        let branch = |(condition, result): &(Node, Node)| {
            let condition = match of {
                Some(of) => {
                    format!("{} is {}", self.within(of, Bond::Sum), self.within(condition, Bond::Sum))
                }
                None => self.within(condition, Bond::Or),
            };
            format!("{} if {condition}", self.within(result, Bond::Sum))
        };
        let branches: Vec<String> = branches.iter().map(branch).collect();
        let otherwise = otherwise.map_or("blank".to_owned(), |node| self.within(node, Bond::Sum));
        format!("{}; otherwise {otherwise}", branches.join("; "))
    }

    fn call(&self, name: &str, arguments: &[Node]) -> Part {
        let words: Vec<String> = arguments.iter().map(|node| self.within(node, Bond::Sum)).collect();
        match (name, arguments) {
            ("date", [of]) if matches!(&of.kind, Kind::Call(inner, _) if inner != "date") => {
                (Bond::Word, format!("the day of {}", words[0]))
            }
            // How something is read is no news.
            ("number" | "date" | "instant" | "boolean" | "text", [of, ..]) => self.part(of),
            ("from_unix" | "from_unix_ms", [of]) => self.part(of),
            ("round", [of]) => (Bond::Phrase, format!("{}, rounded", self.part(of).1)),
            ("round", [of, places]) => {
                let noun = if matches!(&places.kind, Kind::Number(n) if *n == 1.into()) {
                    "place"
                } else {
                    "places"
                };
                (Bond::Phrase, format!("{}, rounded to {} {noun}", self.part(of).1, words[1]))
            }
            ("coalesce", [_, ..]) => (Bond::Phrase, format!("{} where that is blank", words.join(", or "))),
            ("concat", parts) => self.joined(&parts.iter().collect::<Vec<_>>()),
            ("date_part", [part, day]) => {
                (Bond::Word, format!("the {} of {}", plain(part), self.within(day, Bond::Sum)))
            }
            ("date_trunc", [part, day]) => (
                Bond::Word,
                format!("the first day of the {} of {}", plain(part), self.within(day, Bond::Sum)),
            ),
            _ => said(name, &words),
        }
    }
}

/// What a function does with its arguments.
fn said(name: &str, words: &[String]) -> Part {
    let phrase = match (name, words) {
        ("nullif", [a, b]) => format!("{a} unless it is {b}"),
        ("abs", [a]) => format!("{a} without its sign"),
        ("ceil", [a]) => format!("{a} rounded up"),
        ("floor", [a]) => format!("{a} rounded down"),
        ("add_days", [day, days]) => format!("{days} days after {day}"),
        ("add_months", [day, months]) => format!("{months} months after {day}"),
        ("days_between", [from, to]) => format!("the days from {from} to {to}"),
        ("contains", [a, b]) => return (Bond::Statement, format!("{a} contains {b}")),
        ("starts_with", [a, b]) => return (Bond::Statement, format!("{a} begins with {b}")),
        ("ends_with", [a, b]) => return (Bond::Statement, format!("{a} ends with {b}")),
        ("left", [a, count]) => format!("the first {count} characters of {a}"),
        ("right", [a, count]) => format!("the last {count} characters of {a}"),
        ("length", [a]) => format!("the number of characters of {a}"),
        ("lower", [a]) => format!("{a} in lower case"),
        ("upper", [a]) => format!("{a} in capitals"),
        ("replace", [a, from, to]) => format!("{a} with {to} in place of {from}"),
        ("split_part", [a, mark, number]) => format!("part {number} of {a} split at {mark}"),
        ("greatest", words) => format!("the greatest of {}", words.join(", ")),
        ("least", words) => format!("the least of {}", words.join(", ")),
        (name, words) => format!("{} of {}", name.replace('_', " "), words.join(", ")),
    };
    (Bond::Phrase, phrase)
}

fn compared(comparison: Comparison, is_negated: bool) -> &'static str {
    match (comparison, is_negated) {
        (Comparison::Equal, false) | (Comparison::NotEqual, true) => "is",
        (Comparison::NotEqual, false) | (Comparison::Equal, true) => "is not",
        (Comparison::Less, false) => "is below",
        (Comparison::AtMost, false) => "is at most",
        (Comparison::Greater, false) => "is above",
        (Comparison::AtLeast, false) => "is at least",
        (Comparison::Less, true) => "is not below",
        (Comparison::AtMost, true) => "is not at most",
        (Comparison::Greater, true) => "is not above",
        (Comparison::AtLeast, true) => "is not at least",
    }
}

/// The parts that are put together, however deep.
fn flattened<'n>(node: &'n Node, all: &mut Vec<&'n Node>) {
    match &node.kind {
        Kind::Concatenate(left, right) => {
            flattened(left, all);
            flattened(right, all);
        }
        Kind::Call(name, arguments) if name == "concat" => {
            arguments.iter().for_each(|argument| flattened(argument, all));
        }
        _ => all.push(node),
    }
}

/// The name of a part of a date.
fn plain(node: &Node) -> &str {
    if let Kind::Text(text) = &node.kind { text } else { "part" }
}

fn quoted(text: &str) -> String {
    format!("“{text}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        in_words(text, &|name| format!("`{name}`"))
    }

    #[test]
    fn expressions_read_like_sentences() {
        for (text, said) in [
            (
                r#"round(number("price") * number("pieces") * (1 - coalesce(number("discount"), 0)), 6)"#,
                "`price` × `pieces` × (1 − (`discount`, or 0 where that is blank)), rounded to 6 places",
            ),
            (r#"concat("first", ' ', "last")"#, "`first` & `last`"),
            (r#"a || '-' || b || c"#, "`a` & “-” & `b` & `c`"),
            (
                "case when number(n) < 0 then 'credit' else 'one_off' end",
                "“credit” if `n` is below 0; otherwise “one_off”",
            ),
            (
                "case kind when 'a' then x when 'b' then y end",
                "`x` if `kind` is “a”; `y` if `kind` is “b”; otherwise blank",
            ),
            ("case when boss is not blank then id end", "`id` if `boss` is not blank; otherwise blank"),
            ("coalesce(nullif(number(a), 0), number(b))", "(`a` unless it is 0), or `b` where that is blank"),
            (
                "stage in ('Won', 'Lost') and not (a is blank or b <> 2)",
                "`stage` is one of “Won”, “Lost” and not (`a` is blank or `b` is not 2)",
            ),
            ("not name like 'Total%'", "`name` is not like “Total%”"),
            ("a - (b - c) / (d * e)", "`a` − (`b` − `c`) ÷ (`d` × `e`)"),
            ("date(instant(closed, '%d.%m.%Y %H:%M'))", "the day of `closed`"),
            ("left(id, 15)", "the first 15 characters of `id`"),
            ("date_part('year', day)", "the year of `day`"),
            ("-(a + 1)", "−(`a` + 1)"),
            ("hierarchyid(node)", "hierarchyid of `node`"),
        ] {
            assert_eq!(words(text), said, "{text}");
        }
    }

    #[test]
    fn a_condition_is_told_by_what_it_leaves_out() {
        let denied = |text: &str| denied_in_words(text, &|name| format!("`{name}`"));
        for (text, said) in [
            (r#""amount" is not blank"#, "`amount` is blank"),
            (
                r#"a is not blank or not (starts_with(b, 'Total') or b in ('x', 'y'))"#,
                "`a` is blank and (`b` begins with “Total” or `b` is one of “x”, “y”)",
            ),
            ("a = 'x' and number(b) > 0", "`a` is not “x” or `b` is not above 0"),
            ("contains(a, 'x')", "not (`a` contains “x”)"),
        ] {
            assert_eq!(denied(text), said, "{text}");
        }
        assert_eq!(denied("a +"), "not `a +`");
    }

    #[test]
    fn what_is_no_expression_is_shown_as_it_is() {
        assert_eq!(words("a +"), "`a +`");
    }
}
