//! The lines of an answer, and whom each is about.

use super::{Asker, Question, Reach};
use crate::groups::Groups;
use crate::subject::{Dimension, Member};

impl Asker {
    /// The lines of an answer: members of the organisation, whether or not anything happened, and
    /// combinations found in the rows; by name, unassigned last.
    pub(super) fn lines(&self, question: &Question, groups: &mut Groups, reach: &Reach) -> Vec<usize> {
        if question.by.is_empty() {
            return vec![0];
        }
        let mut shown: Vec<bool> = (0..groups.lines()).map(|line| groups.has_rows(line)).collect();
        if let ([dimension], true) = (question.by.as_slice(), reach.includes(&question.subject))
            && let Some(level) = dimension.level()
        {
            for period in &question.periods {
                for member in self.organisation.members(level, &question.subject, period) {
                    let line = groups.line([Some(member.id.as_str())].into_iter());
                    shown.resize(groups.lines(), false);
                    shown[line] = true;
                }
            }
        }
        let mut lines: Vec<usize> = (0..shown.len()).filter(|line| shown[*line]).collect();
        for (position, dimension) in question.by.iter().enumerate().rev() {
            lines = by_rank(&lines, &self.ranks(dimension, position, groups), |line| {
                groups.members(line)[position]
            });
        }
        lines
    }

    /// The place of each member of a dimension among all that were met.
    fn ranks(&self, dimension: &Dimension, position: usize, groups: &Groups) -> Vec<usize> {
        let members: Vec<Option<Member>> =
            groups.names(position).map(|id| id.map(|id| self.named(dimension, id))).collect();
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|number| (members[*number].is_none(), &members[*number]));
        let mut ranks = vec![0; members.len()];
        for (rank, number) in order.into_iter().enumerate() {
            ranks[number] = rank;
        }
        ranks
    }

    pub(super) fn named(&self, dimension: &Dimension, id: &str) -> Member {
        dimension
            .level()
            .and_then(|level| self.organisation.member(level, id))
            .unwrap_or_else(|| Member { name: id.to_owned(), id: id.to_owned() })
    }
}

/// Lines by the rank of a member, those of the same rank in the order they have.
fn by_rank(lines: &[usize], ranks: &[usize], member: impl Fn(usize) -> u32) -> Vec<usize> {
    let rank = |line: usize| ranks[member(line) as usize];
    let mut starts = vec![0; ranks.len() + 1];
    for line in lines {
        starts[rank(*line) + 1] += 1;
    }
    for position in 1..starts.len() {
        starts[position] += starts[position - 1];
    }
    let mut sorted = vec![0; lines.len()];
    for line in lines {
        let place = &mut starts[rank(*line)];
        sorted[*place] = *line;
        *place += 1;
    }
    sorted
}
