//! Logical expressions: `0&1`, `(0|1)>5,2`, `2=0`. Kept as a row of operations in the order in which they are carried out, so that
//! judging one cannot go deep.
//!
//! As clamscan has them: `&` and `|` bind alike. What stands in no brackets is taken from the right (`0&1|2` is `0&(1|2)`); in brackets the
//! last sign is the outermost (`(0|1&2)` is `(0|1)&2`).

use super::{LineError, malformed, unsupported};
use serde::{Deserialize, Serialize};

const MAX_OPERATIONS: usize = 1024;
const MAX_DEPTH: usize = 64;
/// The highest number of matches that an expression may ask about; more are not counted.
pub const MAX_COUNT: u32 = 1 << 14;
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
        let mut parser = Parser { text: text.trim().as_bytes(), at: 0, operations: 0 };
        let (operations, _) = parser.row(0)?;
        if parser.at != parser.text.len() {
            return Err(malformed(format!(
                "logical expression: {:?} is left over",
                &text[parser.at.min(text.len())..]
            )));
        }
        Ok(Expression(operations))
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
        for (n, operation) in self.0.iter().enumerate() {
            let next = match *operation {
                Operation::Push(at) => {
                    let count = matches(at)?;
                    Known { holds: count > 0, matches: count, distinct: if count > 0 { bit(at) } else { 0 } }
                }
                Operation::And | Operation::Or => {
                    let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else { return Ok(false) };
                    let both = *operation == Operation::And;
                    let holds = if both { left.holds && right.holds } else { left.holds || right.holds };
                    let matches = left.matches.saturating_add(right.matches);
                    Known { holds, matches, distinct: left.distinct | right.distinct }.or_nothing()
                }
                Operation::Count { compare, matches, distinct } => {
                    let Some(part) = stack.pop() else { return Ok(false) };
                    let matches = u64::from(matches);
                    let compares = match compare {
                        Compare::Equal => part.matches == matches,
                        Compare::More => part.matches > matches,
                        Compare::Less => part.matches < matches,
                    };
                    let holds = compares && part.distinct.count_ones() >= distinct;
                    // One that must be there so often counts as one, were it never; which of several were there is not told on.
                    let distinct = self.counted_alone(n).map_or(0, bit);
                    Known { holds, matches: part.matches, distinct }.or_nothing()
                }
            };
            stack.push(next);
        }
        Ok(stack.pop().is_some_and(|known| known.holds))
    }

    /// The sub-signature whose matches operation `n` counts, if it is one and not several together.
    fn counted_alone(&self, n: usize) -> Option<u8> {
        match n.checked_sub(1).map(|before| self.0[before]) {
            Some(Operation::Push(at)) => Some(at),
            _ => None,
        }
    }

    /// Sub-signatures of which at least one must have matched where the expression holds; None: it can hold without any.
    /// `cost(i)`: what it takes to look for i, None if it cannot be looked for.
    pub fn cover(&self, cost: &dyn Fn(u8) -> Option<u64>) -> Option<Vec<u8>> {
        let mut stack: Vec<Part> = Vec::new();
        for (n, operation) in self.0.iter().enumerate() {
            let next = match *operation {
                Operation::Push(at) => {
                    let one: Cover = cost(at).map(|cost| (cost, vec![at]));
                    Part { holds: one.clone(), any: one, idle: false }
                }
                Operation::And | Operation::Or => {
                    let (right, left) = (stack.pop()?, stack.pop()?);
                    let holds = if *operation == Operation::And {
                        match (left.holds, right.holds) {
                            (Some(left), Some(right)) => Some(if left.0 <= right.0 { left } else { right }),
                            (one, other) => one.or(other),
                        }
                    } else {
                        union(left.holds, right.holds)
                    };
                    Part { holds, any: union(left.any, right.any), idle: left.idle || right.idle }
                }
                Operation::Count { compare, matches, distinct } => {
                    let part = stack.pop()?;
                    let needs_one = match compare {
                        Compare::More => true,
                        Compare::Equal => matches > 0 || distinct > 0 && !part.idle,
                        Compare::Less => distinct > 0 && !part.idle,
                    };
                    let idle = part.idle || self.counted_alone(n).is_some() && !needs_one;
                    Part { holds: part.any.clone().filter(|_| needs_one), any: part.any, idle }
                }
            };
            stack.push(next);
        }
        stack.pop()?.holds.map(|(_, mut cover)| {
            cover.sort_unstable();
            cover.dedup();
            cover
        })
    }
}

/// What it takes to look for some sub-signatures, and which.
type Cover = Option<(u64, Vec<u8>)>;

/// Part of an expression: what covers that it holds, and that anything within it matched at all.
struct Part {
    holds: Cover,
    any: Cover,
    /// A sub-signature within counts as one without a match.
    idle: bool,
}

impl Known {
    /// What does not hold counts for nothing further out.
    fn or_nothing(self) -> Known {
        if self.holds { self } else { Known { holds: false, matches: 0, distinct: 0 } }
    }
}

fn bit(at: u8) -> u64 {
    1 << (at & 63)
}

fn union(left: Cover, right: Cover) -> Cover {
    let ((left_cost, mut left), (right_cost, right)) = (left?, right?);
    left.extend(right);
    Some((left_cost.saturating_add(right_cost), left))
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    operations: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn counted(&mut self, operation: Operation) -> Result<Operation, LineError> {
        self.operations += 1;
        if self.operations > MAX_OPERATIONS {
            return Err(malformed("a logical expression of more than 1024 operations"));
        }
        Ok(operation)
    }

    /// Parts joined by `|` and `&`; whether there are several.
    fn row(&mut self, depth: usize) -> Result<(Vec<Operation>, bool), LineError> {
        let mut parts = vec![self.part(depth)?];
        let mut signs = Vec::new();
        while let Some(sign @ (b'|' | b'&')) = self.peek() {
            self.at += 1;
            signs.push(self.counted(if sign == b'|' { Operation::Or } else { Operation::And })?);
            parts.push(self.part(depth)?);
        }
        let several = parts.len() > 1;
        // In brackets the last sign joins what is before it with what is behind; else each joins with all that follows.
        let last = if depth > 0 && several { signs.pop().zip(parts.pop()) } else { None };
        let mut all = parts.concat();
        all.extend(signs.into_iter().rev());
        if let Some((sign, part)) = last {
            all.extend(part);
            all.push(sign);
        }
        Ok((all, several))
    }

    fn part(&mut self, depth: usize) -> Result<Vec<Operation>, LineError> {
        if depth > MAX_DEPTH {
            return Err(malformed("a logical expression nested deeper than 64"));
        }
        let (mut all, several) = match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let inside = self.row(depth + 1)?;
                if self.peek() != Some(b')') {
                    return Err(malformed("a bracket of the logical expression is not closed"));
                }
                self.at += 1;
                inside
            }
            Some(b'0'..=b'9') => {
                let at = self.number()?;
                let at = u8::try_from(at).ok().filter(|at| usize::from(*at) < MAX_SUBSIGNATURES);
                let at = at.ok_or_else(|| malformed("a sub-signature past the 64th"))?;
                (vec![self.counted(Operation::Push(at))?], false)
            }
            _ => return Err(malformed("a part of the logical expression is missing")),
        };
        while let Some(sign @ (b'=' | b'<' | b'>')) = self.peek() {
            self.at += 1;
            let compare = match sign {
                b'=' => Compare::Equal,
                b'<' => Compare::Less,
                _ => Compare::More,
            };
            let matches = self.number()?;
            if matches >= MAX_COUNT {
                return Err(unsupported(format!("a count of {matches}; no more than {MAX_COUNT} matches are counted")));
            }
            let mut distinct = 0;
            if self.peek() == Some(b',') {
                self.at += 1;
                distinct = self.number()?;
            }
            // How many different ones there must be is asked of several alone.
            let distinct = if several { distinct } else { 0 };
            all.push(self.counted(Operation::Count { compare, matches, distinct })?);
        }
        Ok(all)
    }

    fn number(&mut self) -> Result<u32, LineError> {
        let digits = self.text[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let text = std::str::from_utf8(&self.text[self.at..self.at + digits]).unwrap_or_default();
        self.at += digits;
        text.parse().map_err(|_| malformed("a number of the logical expression is missing or too large"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `counts`: how often each sub-signature matched.
    fn holds(text: &str, counts: &[u64]) -> bool {
        let judged = Expression::parse(text).unwrap().judge(|at| Ok::<_, ()>(counts[usize::from(at)]));
        judged.unwrap()
    }

    #[test]
    fn signs_bind_as_clamscan_has_them() {
        let check = |text: &str, counts: &[u64], expected: bool| assert_eq!(holds(text, counts), expected, "{text}");
        check("0&1|2", &[0, 0, 1], false);
        check("0&1|2", &[1, 0, 1], true);
        check("0|1&2", &[1, 0, 0], true);
        check("(0|1&2)", &[1, 0, 0], false);
        check("(0|1&2)", &[1, 0, 1], true);
        check("(0&1|2)", &[0, 0, 1], true);
        check("(0&1|2&3)", &[1, 0, 1, 0], false);
        check("(0&1|2&3)", &[1, 0, 1, 1], true);
        check("((0|1&2))", &[1, 0, 0], false);
    }

    #[test]
    fn counts_are_of_what_holds() {
        let check = |text: &str, counts: &[u64], expected: bool| assert_eq!(holds(text, counts), expected, "{text}");
        check("(0&1)=0&2", &[3, 0, 1], true);
        check("(0>5|1)=1", &[3, 1], true);
        check("(0>2|1)=4", &[3, 1], true);
        check("0>1,2", &[2], true);
        check("(0|1)>1,2", &[2, 0], false);
        check("(0|1)>1,2", &[1, 1], true);
        // A count of none that holds is one of those that are there.
        check("(0=0|1)>0,2", &[0, 1], true);
        check("((0|1)>0|2)>0,2", &[1, 1, 1], false);
        check("(0|1)=0,1", &[0, 0], false);
    }

    #[test]
    fn what_covers_an_expression_matches_wherever_it_holds() {
        for text in [
            "(0=0|1)<5,1",
            "(0=0|1)>0,1",
            "0&1=0",
            "(0|1)>1,2",
            "(0&1)=0&2",
            "0<3",
            "(0|1&2)",
            "0&1|2",
            "(0<2|1|2)=1,1",
        ] {
            let expression = Expression::parse(text).unwrap();
            let cover = expression.cover(&|_| Some(1));
            for counts in (0..27).map(|n| [n % 3, n / 3 % 3, n / 9]) {
                let covered = cover.as_ref().is_none_or(|cover| cover.iter().any(|at| counts[usize::from(*at)] > 0));
                assert!(
                    covered || !holds(text, &counts),
                    "{text} holds for {counts:?}, which {cover:?} does not cover"
                );
            }
        }
    }
}
