//! What there is only so much of, shared out: bounds for each and for all, and turns in a fair order.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Why somebody gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// They have as much as one may have.
    Theirs,
    /// Everything is taken.
    All,
}

struct Taken<K> {
    all: usize,
    each: HashMap<K, usize>,
}

/// An amount, of which nobody gets more than a part.
pub struct Shares<K> {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken<K>>,
}

impl<K: Eq + Hash + Clone> Shares<K> {
    pub fn new(most: usize, most_each: usize) -> Arc<Self> {
        Arc::new(Self { most, most_each, taken: Mutex::new(Taken { all: 0, each: HashMap::new() }) })
    }

    /// Takes an amount, until the share is dropped.
    ///
    /// # Errors
    /// There is not so much left, for them or for anybody.
    pub fn take(self: &Arc<Self>, whose: &K, amount: usize) -> Result<Share<K>, Full> {
        let mut share = Share { of: self.clone(), whose: whose.clone(), amount: 0 };
        share.grow(amount)?;
        Ok(share)
    }

    /// How much is taken.
    pub fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody has; dropped, it is given back.
pub struct Share<K: Eq + Hash + Clone> {
    of: Arc<Shares<K>>,
    whose: K,
    amount: usize,
}

impl<K: Eq + Hash + Clone> Share<K> {
    /// Takes more.
    ///
    /// # Errors
    /// There is not so much left; what was taken before stays.
    pub fn grow(&mut self, amount: usize) -> Result<(), Full> {
        let mut taken = self.of.lock();
        if taken.all.saturating_add(amount) > self.of.most {
            return Err(Full::All);
        }
        if taken.each.get(&self.whose).copied().unwrap_or(0).saturating_add(amount) > self.of.most_each {
            return Err(Full::Theirs);
        }
        taken.all += amount;
        *taken.each.entry(self.whose.clone()).or_default() += amount;
        self.amount += amount;
        Ok(())
    }
}

impl<K: Eq + Hash + Clone> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = self.of.lock();
        taken.all = taken.all.saturating_sub(self.amount);
        if let Some(each) = taken.each.get_mut(&self.whose) {
            *each = each.saturating_sub(self.amount);
            if *each == 0 {
                taken.each.remove(&self.whose);
            }
        }
    }
}

/// How much may go on, and how much may wait.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub at_once: usize,
    pub at_once_each: usize,
    /// Those who have a turn are counted too.
    pub waiting: usize,
    pub waiting_each: usize,
}

type Lane<K> = (K, VecDeque<oneshot::Sender<Turn<K>>>);

struct Line<K: Eq + Hash + Clone> {
    running: usize,
    each: HashMap<K, usize>,
    /// Who waits: one lane for each, and who was served last stands at the end.
    lanes: VecDeque<Lane<K>>,
}

impl<K: Eq + Hash + Clone> Line<K> {
    /// The next who may go on; who gave up meanwhile is passed over.
    fn next(&mut self, bounds: Bounds) -> Option<(K, oneshot::Sender<Turn<K>>)> {
        if self.running >= bounds.at_once {
            return None;
        }
        for (_, lane) in &mut self.lanes {
            lane.retain(|waiting| !waiting.is_closed());
        }
        self.lanes.retain(|(_, lane)| !lane.is_empty());
        let each = &self.each;
        let may = |(whose, _): &Lane<K>| each.get(whose).copied().unwrap_or(0) < bounds.at_once_each;
        let place = self.lanes.iter().position(may)?;
        let (whose, mut lane) = self.lanes.remove(place)?;
        let next = lane.pop_front()?;
        if !lane.is_empty() {
            self.lanes.push_back((whose.clone(), lane));
        }
        self.running += 1;
        *self.each.entry(whose.clone()).or_default() += 1;
        Some((whose, next))
    }
}

/// Turns: so many at once, tenants one after the other, and within a tenant who came first.
pub struct Turns<K: Eq + Hash + Clone> {
    bounds: Bounds,
    places: Arc<Shares<K>>,
    line: Mutex<Line<K>>,
}

impl<K: Eq + Hash + Clone> Turns<K> {
    pub fn new(bounds: Bounds) -> Arc<Self> {
        let line = Line { running: 0, each: HashMap::new(), lanes: VecDeque::new() };
        Arc::new(Self { bounds, places: Shares::new(bounds.waiting, bounds.waiting_each), line: Mutex::new(line) })
    }

    /// Waits for a turn. Who stops waiting stands in nobody's way.
    ///
    /// # Errors
    /// Too many wait already.
    pub async fn turn(self: &Arc<Self>, whose: &K) -> Result<Turn<K>, Full> {
        let place = self.places.take(whose, 1)?;
        let (give, given) = oneshot::channel();
        {
            let mut line = self.lock();
            match line.lanes.iter_mut().find(|(of, _)| of == whose) {
                Some((_, lane)) => lane.push_back(give),
                None => line.lanes.push_back((whose.clone(), VecDeque::from([give]))),
            }
        }
        self.go_on();
        let mut turn = given.await.map_err(|_| Full::All)?;
        turn.place = Some(place);
        Ok(turn)
    }

    /// How many have a turn or wait for one.
    pub fn waiting(&self) -> usize {
        self.places.taken()
    }

    fn go_on(self: &Arc<Self>) {
        loop {
            let Some((whose, next)) = self.lock().next(self.bounds) else { return };
            // Who gave up just now hands it back, and the next one is asked.
            drop(next.send(Turn { of: self.clone(), whose, place: None }));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Line<K>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody's turn; dropped, it is the next one's.
pub struct Turn<K: Eq + Hash + Clone> {
    of: Arc<Turns<K>>,
    whose: K,
    place: Option<Share<K>>,
}

impl<K: Eq + Hash + Clone> Drop for Turn<K> {
    fn drop(&mut self) {
        self.place = None;
        {
            let mut line = self.of.lock();
            line.running = line.running.saturating_sub(1);
            if let Some(each) = line.each.get_mut(&self.whose) {
                *each = each.saturating_sub(1);
                if *each == 0 {
                    line.each.remove(&self.whose);
                }
            }
        }
        self.of.go_on();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Turn<char>, Full>> + 'a>>;

    /// Somebody who has begun to wait, or has their turn.
    fn poll(waiting: &mut Waiting<'_>) -> Poll<Result<Turn<char>, Full>> {
        waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    fn bounds(at_once: usize, at_once_each: usize) -> Bounds {
        Bounds { at_once, at_once_each, waiting: 8, waiting_each: 5 }
    }

    /// The order in which those who wait get their turn, each giving it back at once.
    fn served<'a>(mut held: Option<Turn<char>>, mut waiting: Vec<(&'a str, Waiting<'a>)>) -> Vec<&'a str> {
        let mut order = Vec::new();
        while !waiting.is_empty() {
            held = None;
            let place = waiting.iter_mut().position(|(_, one)| match poll(one) {
                Poll::Ready(turn) => {
                    held = turn.ok();
                    true
                }
                Poll::Pending => false,
            });
            let Some(place) = place else { break };
            order.push(waiting.remove(place).0);
        }
        drop(held);
        order
    }

    fn waits<'a>(turns: &'a Arc<Turns<char>>, whose: &'static char, name: &'a str) -> (&'a str, Waiting<'a>) {
        let mut one: Waiting<'a> = Box::pin(turns.turn(whose));
        assert!(poll(&mut one).is_pending());
        (name, one)
    }

    #[test]
    fn tenants_take_turns_however_many_of_one_wait() {
        let turns = Turns::new(bounds(1, 1));
        let mut first: Waiting<'_> = Box::pin(turns.turn(&'a'));
        let Poll::Ready(Ok(held)) = poll(&mut first) else { unreachable!("nobody was before") };
        let waiting = vec![
            waits(&turns, &'a', "a2"),
            waits(&turns, &'a', "a3"),
            waits(&turns, &'a', "a4"),
            waits(&turns, &'b', "b1"),
            waits(&turns, &'c', "c1"),
            waits(&turns, &'b', "b2"),
        ];
        assert_eq!(served(Some(held), waiting), ["a2", "b1", "c1", "a3", "b2", "a4"]);
        assert_eq!(turns.waiting(), 0);
    }

    #[test]
    fn who_stops_waiting_stands_in_nobodys_way() {
        let turns = Turns::new(bounds(1, 1));
        let mut first: Waiting<'_> = Box::pin(turns.turn(&'a'));
        let Poll::Ready(Ok(held)) = poll(&mut first) else { unreachable!("nobody was before") };
        let mut waiting = vec![waits(&turns, &'b', "b1"), waits(&turns, &'b', "b2"), waits(&turns, &'c', "c1")];
        drop(waiting.remove(0));
        assert_eq!(turns.waiting(), 3);
        // This one gives up between being given its turn and taking it.
        let given = waiting.remove(0);
        drop(held);
        drop(given);
        assert_eq!(served(None, waiting), ["c1"]);
        assert_eq!(turns.waiting(), 0);
    }

    #[test]
    fn one_tenant_does_not_have_all_that_goes_on_at_once() {
        let turns = Turns::new(bounds(3, 2));
        let mut held = Vec::new();
        for whose in ["a", "a", "b"] {
            let mut one: Waiting<'_> = Box::pin(turns.turn(if whose == "a" { &'a' } else { &'b' }));
            let Poll::Ready(Ok(turn)) = poll(&mut one) else { unreachable!("{whose} may") };
            held.push(turn);
        }
        drop(held.pop());
        let third = waits(&turns, &'a', "a3");
        let mut other: Waiting<'_> = Box::pin(turns.turn(&'b'));
        assert!(poll(&mut other).is_ready());
        drop(held);
        assert_eq!(served(None, vec![third]), ["a3"]);
    }

    #[test]
    fn what_does_not_fit_is_refused_at_once() {
        let turns = Turns::new(bounds(1, 1));
        let mut first: Waiting<'_> = Box::pin(turns.turn(&'a'));
        let Poll::Ready(Ok(held)) = poll(&mut first) else { unreachable!("nobody was before") };
        let mut waiting: Vec<_> = (0..4).map(|_| waits(&turns, &'a', "a")).collect();
        let mut refused: Waiting<'_> = Box::pin(turns.turn(&'a'));
        assert!(matches!(poll(&mut refused), Poll::Ready(Err(Full::Theirs))));
        waiting.extend((0..3).map(|_| waits(&turns, &'b', "b")));
        let mut refused: Waiting<'_> = Box::pin(turns.turn(&'c'));
        assert!(matches!(poll(&mut refused), Poll::Ready(Err(Full::All))));
        assert_eq!(served(Some(held), waiting).len(), 7);
        let mut again: Waiting<'_> = Box::pin(turns.turn(&'c'));
        assert!(poll(&mut again).is_ready());
    }

    #[test]
    fn shares_are_given_back() {
        let shares = Shares::new(10, 6);
        let mut one = shares.take(&'a', 4).ok();
        assert_eq!(one.as_mut().map(|share| share.grow(3)), Some(Err(Full::Theirs)));
        assert_eq!(one.as_mut().map(|share| share.grow(2)), Some(Ok(())));
        assert_eq!(shares.take(&'b', 5).err(), Some(Full::All));
        drop(one);
        assert_eq!(shares.taken(), 0);
        assert!(shares.take(&'b', 5).is_ok());
    }
}
