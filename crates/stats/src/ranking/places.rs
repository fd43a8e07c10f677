//! The places on the scale at which a peer set is looked at. Everybody has 2,000 nodes, equally probable
//! quantiles (domain 7.8); places are nodes of all of them, in the middle every k-th of each of k
//! subjects, toward the ends every one. What is known at the places is known at the nodes between them by
//! straight lines, so that it is computed once for all and not once for each.

use super::Posterior;

/// How many nodes everybody has (domain 19, `rank_nodes`).
const NODES: usize = 2000;
/// How many nodes at either end are places for everybody: far apart, straight lines would be off. Of many
/// subjects fewer are, for their nodes stand closer together.
const ENDS: usize = 20;

fn ends(subjects: usize) -> usize {
    (500 / subjects.max(1)).clamp(1, ENDS)
}

/// Places in rising order, with what they mean for each subject.
pub(super) struct Places {
    count: usize,
    subjects: Vec<Subject>,
}

struct Subject {
    /// The probability below each place.
    below: Vec<f64>,
    /// The share of the nodes that each place stands for; together one.
    weights: Vec<f64>,
}

impl Places {
    pub(super) fn of(peers: &[Posterior]) -> Places {
        let nodes: Vec<Vec<f64>> = peers.iter().map(nodes).collect();
        let ends = ends(peers.len());
        let is_place = |subject: usize, node: usize| {
            node % peers.len() == subject || !(ends..NODES - ends).contains(&node)
        };
        let mut places: Vec<f64> = nodes
            .iter()
            .enumerate()
            .flat_map(|(subject, nodes)| {
                (0..NODES).filter(move |node| is_place(subject, *node)).map(|node| nodes[node])
            })
            .collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let subject = |(posterior, nodes): (&Posterior, Vec<f64>)| Subject {
            below: places.iter().map(|place| posterior.cdf(*place)).collect(),
            weights: weights(&places, &nodes),
        };
        Places { count: places.len(), subjects: peers.iter().zip(nodes).map(subject).collect() }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The probability that a subject lies below a place.
    pub(super) fn below(&self, subject: usize, place: usize) -> f64 {
        self.subjects[subject].below[place]
    }

    /// How much of a subject a place stands for.
    pub(super) fn weight(&self, subject: usize, place: usize) -> f64 {
        self.subjects[subject].weights[place]
    }
}

/// The quantiles at `(m − ½)/2000`, each looked for where the slope at the one before says.
fn nodes(posterior: &Posterior) -> Vec<f64> {
    let mut guess = posterior.mean();
    let quantile = |node: usize| {
        let at = posterior.quantile_from((node as f64 + 0.5) / NODES as f64, guess);
        guess = at + 1.0 / (NODES as f64 * posterior.density(at));
        at
    };
    (0..NODES).map(quantile).collect()
}

/// Shares each node between the places on either side of it. Nodes and places are in rising order, and
/// the first and last node of everybody are places.
fn weights(places: &[f64], nodes: &[f64]) -> Vec<f64> {
    let mut weights = vec![0.0; places.len()];
    let mut place = 0;
    for node in nodes {
        while place + 1 < places.len() && places[place + 1] <= *node {
            place += 1;
        }
        let beyond = *node - places[place];
        if beyond > 0.0 && place + 1 < places.len() {
            let part = beyond / (places[place + 1] - places[place]);
            weights[place + 1] += part / NODES as f64;
            weights[place] += (1.0 - part) / NODES as f64;
        } else {
            weights[place] += 1.0 / NODES as f64;
        }
    }
    weights
}
