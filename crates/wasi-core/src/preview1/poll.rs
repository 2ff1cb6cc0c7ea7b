//! `poll_oneoff`, which waits for moments and descriptors.

use std::time::Duration;

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::Readiness;
use crate::layout::{Condition, EVENT_SIZE, Event, SUBSCRIPTION_SIZE, Subscription};
use crate::memory::{GuestMemory, Pointer};
use crate::stop::Failure;
use crate::sys::{Instant, PollFlags, Source};
use crate::table::Descriptor;
use crate::types::{ClockId, Fd, Timestamp};

/// Waits until one of the `count` subscriptions at `input` has an event, and writes all events to `output`.
/// Returns their number.
///
/// [`Errno::Inval`] for no subscription, too many, or an unknown kind; [`Errno::Intr`] when an interrupt
/// ends the wait. An error of one subscription is in its event; if all are in error, the call fails with
/// the first one.
/// See [POSIX `poll`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/poll.html).
pub(super) fn poll_oneoff(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    input: Pointer,
    output: Pointer,
    count: u32,
) -> Result<u32, Failure> {
    if count == 0 || count > ctx.limits.subscriptions {
        return Err(Errno::Inval.into());
    }
    mem.region(input, count.saturating_mul(SUBSCRIPTION_SIZE))?;
    mem.region(output, count.saturating_mul(EVENT_SIZE))?;
    let subscriptions = (0..count)
        .map(|index| Subscription::read(mem, input + index * SUBSCRIPTION_SIZE))
        .collect::<Result<Vec<_>>>()?;
    let events = wait(ctx, &subscriptions)?;
    for (index, event) in (0..).zip(&events) {
        mem.write(output + index * EVENT_SIZE, &event.to_bytes())?;
    }
    Ok(events.len() as u32)
}

/// What one subscription waits for.
enum Plan {
    /// Nothing: this is its event.
    Event(Event),
    /// This many nanoseconds.
    Delay(Timestamp),
    /// A descriptor of the host.
    Host(Fd, PollFlags),
}

/// Waits until at least one subscription has an event, and returns all events.
fn wait(ctx: &mut WasiCtx, subscriptions: &[Subscription]) -> Result<Vec<Event>, Failure> {
    let plans: Vec<Plan> = subscriptions.iter().map(|subscription| plan(ctx, subscription)).collect();
    refuse_the_hopeless(&plans)?;
    let settled = plans.iter().any(|plan| matches!(plan, Plan::Event(_)));
    let hosts = plans.iter().any(|plan| matches!(plan, Plan::Host(..)));
    let delays = plans.iter().filter_map(|plan| match plan {
        Plan::Delay(delay) => Some(*delay),
        _ => None,
    });
    let delay = if settled { Some(0) } else { delays.min() };

    let (ready, passed) = match delay {
        Some(delay) if !hosts && (delay == 0 || ctx.clock.skip(delay)) => (Vec::new(), delay),
        delay => {
            let began = Instant::now();
            // A sleep that leaves the range of the host's clock never ends.
            let until = delay.and_then(|delay| began.checked_add(Duration::from_nanos(delay)));
            let ready = ctx.run.watch.wait(&host_descriptors(ctx, &plans)?, until)?;
            (ready, Timestamp::try_from(began.elapsed().as_nanos()).unwrap_or(Timestamp::MAX))
        }
    };

    let mut ready = ready.into_iter();
    let mut events = Vec::new();
    for (subscription, plan) in subscriptions.iter().zip(plans) {
        match plan {
            Plan::Event(event) => events.push(event),
            Plan::Delay(delay) if delay <= passed => events.push(event(subscription, Ok(0), false)),
            Plan::Delay(_) => {}
            Plan::Host(fd, _) => {
                let flags = ready.next().unwrap_or(PollFlags::empty());
                if !flags.is_empty() {
                    let bytes = readable_bytes(ctx, fd);
                    events.push(event(subscription, Ok(bytes), flags.contains(PollFlags::HUP)));
                }
            }
        }
    }
    Ok(events)
}

/// Fails with the first error if all subscriptions are in error, as wasmtime does (RATIONALE.md, "Why is a
/// poll of nothing but bad descriptors an error?"). Otherwise an error is reported in its event, which libc
/// turns into `POLLNVAL`.
fn refuse_the_hopeless(plans: &[Plan]) -> Result<()> {
    let error = |plan: &Plan| match plan {
        Plan::Event(event) => event.error,
        Plan::Delay(_) | Plan::Host(..) => None,
    };
    let first = plans.first().and_then(error);
    if plans.iter().all(|plan| error(plan).is_some()) { first.map_or(Ok(()), Err) } else { Ok(()) }
}

fn plan(ctx: &WasiCtx, subscription: &Subscription) -> Plan {
    let outcome = subscription.condition.and_then(|condition| match condition {
        Condition::Clock { id: ClockId::ProcessCputime | ClockId::ThreadCputime, .. } => Err(Errno::Notsup),
        Condition::Clock { timeout, absolute: false, .. } => Ok(Plan::Delay(timeout)),
        Condition::Clock { id, timeout, absolute: true } => {
            Ok(Plan::Delay(timeout.saturating_sub(ctx.clock.now(id)?)))
        }
        Condition::FdRead(fd) => plan_file(ctx, subscription, fd, PollFlags::IN),
        Condition::FdWrite(fd) => plan_file(ctx, subscription, fd, PollFlags::OUT),
    });
    outcome.unwrap_or_else(|errno| Plan::Event(event(subscription, Err(errno), false)))
}

fn plan_file(ctx: &WasiCtx, subscription: &Subscription, fd: Fd, flags: PollFlags) -> Result<Plan> {
    let Descriptor::File(open) = ctx.table.get(fd)? else {
        return Err(Errno::Badf);
    };
    Ok(match open.file.readiness() {
        Readiness::Host(_) => Plan::Host(fd, flags),
        Readiness::Always => Plan::Event(event(subscription, Ok(open.file.readable_bytes()), false)),
    })
}

/// Returns the host's descriptors in the order of their plans.
fn host_descriptors<'a>(ctx: &'a WasiCtx, plans: &[Plan]) -> Result<Vec<(Source<'a>, PollFlags)>> {
    let mut hosts = Vec::new();
    for plan in plans {
        if let Plan::Host(fd, flags) = plan
            && let Descriptor::File(open) = ctx.table.get(*fd)?
            && let Readiness::Host(host) = open.file.readiness()
        {
            hosts.push((host, *flags));
        }
    }
    Ok(hosts)
}

fn readable_bytes(ctx: &WasiCtx, fd: Fd) -> u64 {
    match ctx.table.get(fd) {
        Ok(Descriptor::File(open)) => open.file.readable_bytes(),
        _ => 0,
    }
}

fn event(subscription: &Subscription, outcome: Result<u64>, hangup: bool) -> Event {
    Event {
        userdata: subscription.userdata,
        error: outcome.err(),
        tag: subscription.tag,
        nbytes: outcome.unwrap_or(0),
        hangup,
    }
}
