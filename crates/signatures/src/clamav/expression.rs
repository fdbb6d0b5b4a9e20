//! Logical expressions: `0&1`, `(0|1)>5,2`, `2=0`. Kept as a row of operations in the order in which they are carried out, so that
//! neither reading nor judging one can go deep.

use super::{LineError, malformed};
use serde::{Deserialize, Serialize};

const MAX_OPERATIONS: usize = 1024;
const MAX_DEPTH: usize = 64;
/// Sub-signatures a logical signature can have.
pub const MAX_SUBSIGNATURES: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Pushes what is known of a sub-signature.
    Push(u8),
    /// Takes two, pushes both together.
    And,
    Or,
    /// Takes one, pushes whether its number of matches compares so.
    Count {
        compare: Compare,
        matches: u32,
        distinct: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compare {
    Equal,
    More,
    Less,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expression(pub Vec<Operation>);

/// What a part of an expression came to: whether it holds, matches in all, and which sub-signatures matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub holds: bool,
    pub matches: u64,
    pub distinct: u64,
}

impl Expression {
    pub fn parse(text: &str) -> Result<Expression, LineError> {
        let mut parser = Parser { text: text.trim().as_bytes(), at: 0, out: Vec::new() };
        parser.any_of(0)?;
        if parser.at != parser.text.len() {
            return Err(malformed(format!(
                "logical expression: {:?} is left over",
                &text[parser.at.min(text.len())..]
            )));
        }
        Ok(Expression(parser.out))
    }

    /// The highest sub-signature that is spoken of.
    pub fn highest(&self) -> u8 {
        self.0.iter().filter_map(|op| if let Operation::Push(at) = op { Some(*at) } else { None }).max().unwrap_or(0)
    }

    pub fn mentions(&self) -> impl Iterator<Item = u8> {
        self.0.iter().filter_map(|op| if let Operation::Push(at) = op { Some(*at) } else { None })
    }

    /// `matches(i)`: how often sub-signature i matched. An expression that cannot be carried out holds not.
    pub fn judge<E>(&self, mut matches: impl FnMut(u8) -> Result<u64, E>) -> Result<bool, E> {
        let mut stack: Vec<Known> = Vec::with_capacity(16);
        for operation in &self.0 {
            let next = match *operation {
                Operation::Push(at) => {
                    let count = matches(at)?;
                    let distinct = if count > 0 { 1 << (at & 63) } else { 0 };
                    Known { holds: count > 0, matches: count, distinct }
                }
                Operation::And | Operation::Or => {
                    let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else { return Ok(false) };
                    let both = *operation == Operation::And;
                    Known {
                        holds: if both { left.holds && right.holds } else { left.holds || right.holds },
                        matches: left.matches.saturating_add(right.matches),
                        distinct: left.distinct | right.distinct,
                    }
                }
                Operation::Count { compare, matches, distinct } => {
                    let Some(part) = stack.pop() else { return Ok(false) };
                    let enough = part.distinct.count_ones() >= distinct;
                    let matches = u64::from(matches);
                    let holds = match compare {
                        Compare::Equal => part.matches == matches && (enough || matches == 0),
                        Compare::More => part.matches > matches && enough,
                        Compare::Less => part.matches < matches && enough,
                    };
                    Known { holds, ..part }
                }
            };
            stack.push(next);
        }
        Ok(stack.pop().is_some_and(|known| known.holds))
    }

    /// Sub-signatures of which at least one must have matched where the expression holds; None: it can hold without any.
    /// `cost(i)`: what it takes to look for i, None if it cannot be looked for.
    pub fn cover(&self, cost: &dyn Fn(u8) -> Option<u64>) -> Option<Vec<u8>> {
        type Cover = Option<(u64, Vec<u8>)>;
        // Beside the cover: what covers "any match at all within this part".
        let mut stack: Vec<(Cover, Cover)> = Vec::new();
        for operation in &self.0 {
            let next = match *operation {
                Operation::Push(at) => {
                    let one: Cover = cost(at).map(|cost| (cost, vec![at]));
                    (one.clone(), one)
                }
                Operation::And | Operation::Or => {
                    let ((right, right_any), (left, left_any)) = (stack.pop()?, stack.pop()?);
                    let together = if *operation == Operation::And {
                        match (left, right) {
                            (Some(left), Some(right)) => Some(if left.0 <= right.0 { left } else { right }),
                            (one, other) => one.or(other),
                        }
                    } else {
                        union(left, right)
                    };
                    (together, union(left_any, right_any))
                }
                Operation::Count { compare, matches, distinct } => {
                    let (_, any) = stack.pop()?;
                    let needs_one = match compare {
                        Compare::More => true,
                        Compare::Equal => matches > 0,
                        Compare::Less => distinct > 0,
                    };
                    (any.clone().filter(|_| needs_one), any)
                }
            };
            stack.push(next);
        }
        stack.pop()?.0.map(|(_, mut cover)| {
            cover.sort_unstable();
            cover.dedup();
            cover
        })
    }
}

fn union(left: Option<(u64, Vec<u8>)>, right: Option<(u64, Vec<u8>)>) -> Option<(u64, Vec<u8>)> {
    let ((left_cost, mut left), (right_cost, right)) = (left?, right?);
    left.extend(right);
    Some((left_cost.saturating_add(right_cost), left))
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    out: Vec<Operation>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn emit(&mut self, operation: Operation) -> Result<(), LineError> {
        if self.out.len() == MAX_OPERATIONS {
            return Err(malformed("a logical expression of more than 1024 operations"));
        }
        self.out.push(operation);
        Ok(())
    }

    /// Parts joined by `|` or `&`, from left to right as ClamAV takes them; `&` binds closer.
    fn any_of(&mut self, depth: usize) -> Result<(), LineError> {
        self.all_of(depth)?;
        while self.peek() == Some(b'|') {
            self.at += 1;
            self.all_of(depth)?;
            self.emit(Operation::Or)?;
        }
        Ok(())
    }

    fn all_of(&mut self, depth: usize) -> Result<(), LineError> {
        self.part(depth)?;
        while self.peek() == Some(b'&') {
            self.at += 1;
            self.part(depth)?;
            self.emit(Operation::And)?;
        }
        Ok(())
    }

    fn part(&mut self, depth: usize) -> Result<(), LineError> {
        if depth > MAX_DEPTH {
            return Err(malformed("a logical expression nested deeper than 64"));
        }
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                self.any_of(depth + 1)?;
                if self.peek() != Some(b')') {
                    return Err(malformed("a bracket of the logical expression is not closed"));
                }
                self.at += 1;
            }
            Some(b'0'..=b'9') => {
                let at = self.number()?;
                let at = u8::try_from(at).ok().filter(|at| usize::from(*at) < MAX_SUBSIGNATURES);
                self.emit(Operation::Push(at.ok_or_else(|| malformed("a sub-signature past the 64th"))?))?;
            }
            _ => return Err(malformed("a part of the logical expression is missing")),
        }
        while let Some(sign @ (b'=' | b'<' | b'>')) = self.peek() {
            self.at += 1;
            let compare = match sign {
                b'=' => Compare::Equal,
                b'<' => Compare::Less,
                _ => Compare::More,
            };
            let matches = self.number()?;
            let distinct = if self.peek() == Some(b',') {
                self.at += 1;
                self.number()?
            } else {
                0
            };
            self.emit(Operation::Count { compare, matches, distinct })?;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<u32, LineError> {
        let digits = self.text[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let text = std::str::from_utf8(&self.text[self.at..self.at + digits]).unwrap_or_default();
        self.at += digits;
        text.parse().map_err(|_| malformed("a number of the logical expression is missing or too large"))
    }
}
