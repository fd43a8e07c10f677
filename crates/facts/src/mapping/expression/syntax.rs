//! The tree of an expression, before its parts have types.

use rust_decimal::Decimal;

use super::token::{Token, Word, tokens};
use super::{Comparison, Operation, Wrong};

/// Longer than any expression people write, and short enough to be read at once.
const LONGEST_TEXT: usize = 4_000;
/// Brackets and calls within each other.
const DEEPEST: usize = 60;
/// Words that no column is called without quotation marks.
const RESERVED: [&str; 16] = [
    "and", "between", "blank", "case", "else", "end", "false", "in", "is", "like", "not", "null", "or",
    "then", "true", "when",
];

/// A part of an expression and where it starts.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Column(String),
    Text(String),
    Number(Decimal),
    Truth(bool),
    Blank,
    /// `date '2024-11-23'`.
    Date(String),
    Call(String, Vec<Node>),
    Negative(Box<Node>),
    Arithmetic(Operation, Box<Node>, Box<Node>),
    Concatenate(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    IsBlank(Box<Node>),
    OneOf(Box<Node>, Vec<Node>),
    Between(Box<Node>, Box<Node>, Box<Node>),
    Like(Box<Node>, String),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    /// What is compared with each condition, if anything; conditions and results; otherwise.
    Case(Option<Box<Node>>, Vec<(Node, Node)>, Option<Box<Node>>),
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Node, Wrong> {
    if text.len() > LONGEST_TEXT {
        return Err(Wrong::new(0, format!("longer than {LONGEST_TEXT} characters")));
    }
    let end = text.chars().count();
    let mut parser = Parser { tokens: tokens(text)?, position: 0, end, depth: 0 };
    let node = parser.expression()?;
    match parser.peek() {
        None => Ok(node),
        Some(token) => Err(Wrong::new(token.at, format!("{} is one too many", written(token)))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    position: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    fn expression(&mut self) -> Result<Node, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::new(self.at(), "too many brackets within each other"));
        }
        let mut left = self.conjunction()?;
        while self.takes_name("or") {
            let right = self.conjunction()?;
            left = Node { at: left.at, kind: Kind::Or(Box::new(left), Box::new(right)) };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Node, Wrong> {
        let mut left = self.negation()?;
        while self.takes_name("and") {
            let right = self.negation()?;
            left = Node { at: left.at, kind: Kind::And(Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Node, Wrong> {
        let at = self.at();
        let mut negations = 0;
        while self.takes_name("not") {
            negations += 1;
        }
        let node = self.predicate()?;
        Ok(if negations % 2 == 1 { Node { at, kind: Kind::Not(Box::new(node)) } } else { node })
    }

    fn predicate(&mut self) -> Result<Node, Wrong> {
        let left = self.sum()?;
        let at = left.at;
        if let Some(comparison) = self.comparison() {
            let right = self.sum()?;
            return Ok(Node { at, kind: Kind::Compare(comparison, Box::new(left), Box::new(right)) });
        }
        if self.takes_name("is") {
            let negated = self.takes_name("not");
            if !self.takes_name("null") && !self.takes_name("blank") {
                return Err(self.expected("`blank` or `not blank`"));
            }
            return Ok(negate(negated, Node { at, kind: Kind::IsBlank(Box::new(left)) }));
        }
        let negated = self.takes_name("not");
        let kind = if self.takes_name("in") {
            self.needs("(")?;
            Kind::OneOf(Box::new(left), self.list()?)
        } else if self.takes_name("between") {
            let low = self.sum()?;
            if !self.takes_name("and") {
                return Err(self.expected("`and` with the upper bound"));
            }
            Kind::Between(Box::new(left), Box::new(low), Box::new(self.sum()?))
        } else if self.takes_name("like") {
            match self.next().map(|token| token.word) {
                Some(Word::Text(pattern)) => Kind::Like(Box::new(left), pattern),
                _ => return Err(self.expected_before("a pattern such as 'A%'")),
            }
        } else if negated {
            return Err(self.expected("`in`, `between` or `like`"));
        } else {
            return Ok(left);
        };
        Ok(negate(negated, Node { at, kind }))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let Some(Token { word: Word::Mark(mark), .. }) = self.peek() else { return None };
        let comparison = match *mark {
            "=" => Comparison::Equal,
            "!=" | "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Greater,
            ">=" => Comparison::AtLeast,
            _ => return None,
        };
        self.position += 1;
        Some(comparison)
    }

    fn sum(&mut self) -> Result<Node, Wrong> {
        let mut left = self.product()?;
        loop {
            let operation = if self.takes("+") {
                Some(Operation::Add)
            } else if self.takes("-") {
                Some(Operation::Subtract)
            } else if self.takes("||") {
                None
            } else {
                return Ok(left);
            };
            let (at, left_box, right) = (left.at, Box::new(left), Box::new(self.product()?));
            let kind = match operation {
                Some(operation) => Kind::Arithmetic(operation, left_box, right),
                None => Kind::Concatenate(left_box, right),
            };
            left = Node { at, kind };
        }
    }

    fn product(&mut self) -> Result<Node, Wrong> {
        let mut left = self.signed()?;
        loop {
            let operation = if self.takes("*") {
                Operation::Multiply
            } else if self.takes("/") {
                Operation::Divide
            } else if self.takes("%") {
                Operation::Remainder
            } else {
                return Ok(left);
            };
            let right = self.signed()?;
            left = Node { at: left.at, kind: Kind::Arithmetic(operation, Box::new(left), Box::new(right)) };
        }
    }

    fn signed(&mut self) -> Result<Node, Wrong> {
        let at = self.at();
        let mut signs = 0;
        while self.takes("-") {
            signs += 1;
        }
        let node = self.primary()?;
        Ok(if signs % 2 == 1 { Node { at, kind: Kind::Negative(Box::new(node)) } } else { node })
    }

    fn primary(&mut self) -> Result<Node, Wrong> {
        let Some(token) = self.next() else { return Err(self.expected("a column, a value or a function")) };
        let at = token.at;
        let kind = match token.word {
            Word::Text(text) => Kind::Text(text),
            Word::Number(number) => Kind::Number(number),
            Word::Quoted(name) => Kind::Column(self.path(name)?),
            Word::Mark("(") => {
                let inner = self.expression()?;
                self.needs(")")?;
                return Ok(inner);
            }
            Word::Name(name) if name.eq_ignore_ascii_case("case") => self.case()?,
            Word::Name(name) => self.named(name)?,
            Word::Mark(_) => return Err(self.expected_before("a column, a value or a function")),
        };
        Ok(Node { at, kind })
    }

    /// What a name without marks around it means.
    fn named(&mut self, name: String) -> Result<Kind, Wrong> {
        if self.takes("(") {
            return Ok(Kind::Call(name.to_lowercase(), self.list()?));
        }
        match name.to_lowercase().as_str() {
            "true" => return Ok(Kind::Truth(true)),
            "false" => return Ok(Kind::Truth(false)),
            "null" | "blank" => return Ok(Kind::Blank),
            "date" => {
                if let Some(Token { word: Word::Text(text), .. }) = self.peek() {
                    let day = Kind::Date(text.clone());
                    self.position += 1;
                    return Ok(day);
                }
            }
            reserved if RESERVED.contains(&reserved) => {
                return Err(self.expected_before("a column, a value or a function"));
            }
            _ => {}
        }
        Ok(Kind::Column(self.path(name)?))
    }

    /// A name with what stands behind its points.
    fn path(&mut self, mut name: String) -> Result<String, Wrong> {
        while self.takes(".") {
            match self.next().map(|token| token.word) {
                Some(Word::Name(part) | Word::Quoted(part)) => {
                    name.push('.');
                    name.push_str(&part);
                }
                _ => return Err(self.expected_before("the name of a column")),
            }
        }
        Ok(name)
    }

    fn case(&mut self) -> Result<Kind, Wrong> {
        let of = match self.is_name("when") {
            true => None,
            false => Some(Box::new(self.expression()?)),
        };
        let mut branches = Vec::new();
        while self.takes_name("when") {
            let condition = self.expression()?;
            if !self.takes_name("then") {
                return Err(self.expected("`then` with the result"));
            }
            branches.push((condition, self.expression()?));
        }
        if branches.is_empty() {
            return Err(self.expected("`when`"));
        }
        let otherwise = if self.takes_name("else") { Some(Box::new(self.expression()?)) } else { None };
        if !self.takes_name("end") {
            return Err(self.expected("`when`, `else` or the `end` of the case"));
        }
        Ok(Kind::Case(of, branches, otherwise))
    }

    /// Expressions up to the closing bracket.
    fn list(&mut self) -> Result<Vec<Node>, Wrong> {
        let mut nodes = Vec::new();
        if self.takes(")") {
            return Ok(nodes);
        }
        loop {
            nodes.push(self.expression()?);
            if self.takes(")") {
                return Ok(nodes);
            }
            self.needs(",")?;
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.position)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.position).cloned();
        self.position += 1;
        token
    }

    fn at(&self) -> usize {
        self.peek().map_or(self.end, |token| token.at)
    }

    fn takes(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token { word: Word::Mark(found), .. }) if *found == mark);
        self.position += usize::from(found);
        found
    }

    fn needs(&mut self, mark: &'static str) -> Result<(), Wrong> {
        if self.takes(mark) { Ok(()) } else { Err(self.expected(&format!("`{mark}`"))) }
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Token { word: Word::Name(found), .. }) if found.eq_ignore_ascii_case(name))
    }

    fn takes_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.position += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> Wrong {
        let found = self.peek().map_or_else(|| "the end".to_owned(), written);
        Wrong::new(self.at(), format!("{what} is expected here, not {found}"))
    }

    /// What is expected in place of the word just taken.
    fn expected_before(&mut self, what: &str) -> Wrong {
        self.position -= 1;
        self.expected(what)
    }
}

fn negate(negated: bool, node: Node) -> Node {
    if negated { Node { at: node.at, kind: Kind::Not(Box::new(node)) } } else { node }
}

/// A word for messages.
fn written(token: &Token) -> String {
    match &token.word {
        Word::Name(name) => format!("`{name}`"),
        Word::Quoted(name) => format!("`\"{name}\"`"),
        Word::Text(text) => format!("`'{text}'`"),
        Word::Number(number) => format!("`{number}`"),
        Word::Mark(mark) => format!("`{mark}`"),
    }
}
