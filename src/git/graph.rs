//! The commits of a repository and how they hang together, read once. Every question about many branches is answered from here: to ask
//! Git for a merge base per branch takes seconds where one walk takes milliseconds.

use std::collections::HashMap;

use super::id::Id;

/// A commit's place in a graph.
pub(crate) type Node = usize;

/// Commits, children before parents.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    ids: Vec<Id>,
    times: Vec<i64>,
    parents: Vec<Vec<Node>>,
    nodes: HashMap<Id, Node>,
}

/// Some of the commits of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set(Vec<bool>);

/// How far two branches are apart, in commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Distance {
    pub(crate) ahead: usize,
    pub(crate) behind: usize,
}

/// A commit as it was read: id, parents, the committer's time.
pub(super) type Link = (Id, Vec<Id>, i64);

impl Graph {
    /// Of commits in any order. Parents that are not among them, as at the end of a shallow clone, are left out.
    pub(super) fn of(links: &[Link]) -> Self {
        let order = topological(links);
        let nodes = order.iter().enumerate().map(|(node, index)| (links[*index].0, node)).collect();
        let mut graph = Self { nodes, ..Self::default() };
        for index in &order {
            let (id, parents, time) = &links[*index];
            let there = parents.iter().filter_map(|parent| graph.nodes.get(parent).copied()).collect();
            graph.ids.push(*id);
            graph.times.push(*time);
            graph.parents.push(there);
        }
        graph
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn node(&self, id: Id) -> Option<Node> {
        self.nodes.get(&id).copied()
    }

    pub(crate) fn id(&self, node: Node) -> Id {
        self.ids[node]
    }

    /// When it was committed, in seconds since 1970.
    pub(crate) fn time(&self, node: Node) -> i64 {
        self.times[node]
    }

    pub(crate) fn parents(&self, node: Node) -> &[Node] {
        &self.parents[node]
    }

    /// `tips` and all that they come from.
    pub(crate) fn ancestors(&self, tips: impl IntoIterator<Item = Node>) -> Set {
        let mut set = Set(vec![false; self.len()]);
        let mut first = self.len();
        for tip in tips {
            set.0[tip] = true;
            first = first.min(tip);
        }
        // Children come before parents: one pass reaches everything.
        for node in first..self.len() {
            if set.0[node] {
                for parent in &self.parents[node] {
                    set.0[*parent] = true;
                }
            }
        }
        set
    }

    /// The line from `tip` along first parents, newest first: what happened on the branch itself.
    pub(crate) fn first_parents(&self, tip: Node) -> impl Iterator<Item = Node> + '_ {
        std::iter::successors(Some(tip), |node| self.parents[*node].first().copied())
    }

    /// How far each of `tips` is from `base`.
    pub(crate) fn distances(&self, base: Node, tips: &[Node]) -> Vec<Distance> {
        let ours = self.ancestors([base]);
        // 64 tips share a pass: each is a bit that runs down the graph.
        tips.chunks(64).flat_map(|tips| self.distances_of_some(&ours, tips)).collect()
    }

    fn distances_of_some(&self, ours: &Set, tips: &[Node]) -> Vec<Distance> {
        let all = u64::MAX >> (64 - tips.len());
        let mut seen = vec![0_u64; self.len()];
        for (bit, tip) in tips.iter().enumerate() {
            seen[*tip] |= 1 << bit;
        }
        let mut distances = vec![Distance::default(); tips.len()];
        let mut behind_all = 0;
        for node in 0..self.len() {
            let bits = seen[node];
            for parent in &self.parents[node] {
                seen[*parent] |= bits;
            }
            match (ours.0[node], bits) {
                (true, 0) => behind_all += 1,
                (true, bits) => each_bit(!bits & all, |bit| distances[bit].behind += 1),
                (false, bits) => each_bit(bits, |bit| distances[bit].ahead += 1),
            }
        }
        for distance in &mut distances {
            distance.behind += behind_all;
        }
        distances
    }
}

impl Set {
    pub(crate) fn contains(&self, node: Node) -> bool {
        self.0[node]
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.0.iter().enumerate().filter(|(_, is_in)| **is_in).map(|(node, _)| node)
    }
}

fn each_bit(mut bits: u64, mut act: impl FnMut(usize)) {
    while bits != 0 {
        act(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// Children before parents; among those that are free to come, the newest.
fn topological(links: &[Link]) -> Vec<usize> {
    let index: HashMap<Id, usize> = links.iter().enumerate().map(|(index, (id, ..))| (*id, index)).collect();
    let parents = |at: usize| links[at].1.iter().filter_map(|parent| index.get(parent).copied());
    let mut children = vec![0_usize; links.len()];
    (0..links.len()).flat_map(parents).for_each(|parent| children[parent] += 1);
    let mut free: std::collections::BinaryHeap<(i64, usize)> =
        (0..links.len()).filter(|at| children[*at] == 0).map(|at| (links[at].2, at)).collect();
    let mut order = Vec::with_capacity(links.len());
    while let Some((_, at)) = free.pop() {
        order.push(at);
        for parent in parents(at) {
            children[parent] -= 1;
            if children[parent] == 0 {
                free.push((links[parent].2, parent));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn id(number: usize) -> Id {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
        Id::of(&bytes).unwrap()
    }

    /// A graph of numbered commits, each with the parents that are given.
    fn graph(parents: &[Vec<usize>]) -> Graph {
        Graph::of(
            &parents
                .iter()
                .enumerate()
                .map(|(at, parents)| (id(at), parents.iter().map(|at| id(*at)).collect(), i64::from(at % 3 == 0)))
                .collect::<Vec<Link>>(),
        )
    }

    fn slowly(parents: &[Vec<usize>], tip: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([tip]);
        let mut left = vec![tip];
        while let Some(at) = left.pop() {
            left.extend(parents[at].iter().filter(|parent| seen.insert(**parent)));
        }
        seen
    }

    /// Every commit has parents among those before it.
    fn any_graph() -> impl Strategy<Value = Vec<Vec<usize>>> {
        let parents = prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..3), 1..90);
        parents.prop_map(|list| {
            list.into_iter()
                .enumerate()
                .map(|(at, parents)| {
                    let parents: BTreeSet<usize> =
                        parents.into_iter().filter(|_| at > 0).map(|parent| parent.index(at)).collect();
                    parents.into_iter().collect()
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_two_histories(parents in any_graph(), base in any::<prop::sample::Index>()) {
            let graph = graph(&parents);
            let base = base.index(parents.len());
            let ours = slowly(&parents, base);
            let tips: Vec<Node> = (0..parents.len()).map(|at| graph.node(id(at)).unwrap()).collect();
            let distances = graph.distances(graph.node(id(base)).unwrap(), &tips);
            for (at, distance) in distances.into_iter().enumerate() {
                let theirs = slowly(&parents, at);
                prop_assert_eq!(distance.ahead, theirs.difference(&ours).count());
                prop_assert_eq!(distance.behind, ours.difference(&theirs).count());
            }
        }

        #[test]
        fn children_come_before_parents(parents in any_graph()) {
            let graph = graph(&parents);
            prop_assert_eq!(graph.len(), parents.len());
            for node in 0..graph.len() {
                prop_assert!(graph.parents(node).iter().all(|parent| *parent > node));
                let names: BTreeSet<Id> = graph.ancestors([node]).nodes().map(|node| graph.id(node)).collect();
                let at = (0..parents.len()).find(|at| id(*at) == graph.id(node)).unwrap();
                prop_assert_eq!(names, slowly(&parents, at).into_iter().map(id).collect());
            }
        }
    }

    #[test]
    fn parents_that_are_not_there_are_left_out() {
        let graph = Graph::of(&[(id(1), vec![id(0)], 0), (id(2), vec![id(1)], 0)]);
        let (old, new) = (graph.node(id(1)).unwrap(), graph.node(id(2)).unwrap());
        assert_eq!((graph.parents(old), graph.parents(new)), (&[][..], &[old][..]));
        assert_eq!(graph.first_parents(new).collect::<Vec<_>>(), [new, old]);
    }
}
