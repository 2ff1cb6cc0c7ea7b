//! What comes to a guest between two of its calls, recorded and replayed.

use wasi_core::{Stop, WasiCtx};

use crate::guest::Guest;
use crate::record::{SharedOutput, replaying};

/// Returns the recording of what `run` does to a guest.
fn recorded(run: impl FnOnce(&mut Guest)) -> Vec<u8> {
    let mut guest = Guest::new(WasiCtx::builder());
    let file = SharedOutput::default();
    guest.ctx.record(file.clone(), b"").unwrap();
    run(&mut guest);
    guest.ctx.finish_recording().unwrap();
    file.take()
}

fn yields(guest: &mut Guest) -> Result<i32, Stop> {
    guest.raw("sched_yield", &[])
}

#[test]
fn a_replay_is_stopped_where_no_call_is_left_before_the_stop() {
    for stop in [Stop::Deadline, Stop::Terminated, Stop::OutputLimit] {
        let recording = recorded(|guest| {
            yields(guest).unwrap();
            yields(guest).unwrap();
            guest.ctx.note_stop(stop);
            // The engine may say so again.
            guest.ctx.note_stop(stop);
        });
        let (mut guest, ..) = replaying(&recording);
        yields(&mut guest).unwrap();
        assert_eq!((guest.ctx.check_stop(), guest.ctx.recorded_stop()), (Ok(()), None));
        yields(&mut guest).unwrap();
        assert_eq!((guest.ctx.check_stop(), guest.ctx.recorded_stop()), (Err(stop), Some(stop)));
        assert_eq!(yields(&mut guest), Err(stop));
        assert_eq!(guest.ctx.divergence(), None);
    }
}

#[test]
fn a_stop_before_the_first_call_is_replayed() {
    let recording = recorded(|guest| guest.ctx.note_stop(Stop::Deadline));
    let (guest, ..) = replaying(&recording);
    assert_eq!(guest.ctx.check_stop(), Err(Stop::Deadline));
}

#[test]
fn a_stop_by_a_call_is_told_apart_from_one_of_now() {
    let recording = recorded(|guest| assert_eq!(guest.raw("proc_exit", &[3]), Err(Stop::Exit(3))));
    let (mut guest, ..) = replaying(&recording);
    assert_eq!(guest.ctx.recorded_stop(), None);
    assert_eq!(guest.raw("proc_exit", &[3]), Err(Stop::Exit(3)));
    assert_eq!(guest.ctx.recorded_stop(), Some(Stop::Exit(3)));
}

#[test]
fn an_interrupt_is_taken_once_and_at_its_own_place() {
    let recording = recorded(|guest| {
        yields(guest).unwrap();
        guest.ctx.note_interrupted(None);
        yields(guest).unwrap();
        guest.ctx.note_interrupted(Some(500));
        yields(guest).unwrap();
    });
    let (mut guest, ..) = replaying(&recording);
    assert!(!guest.ctx.replayed_interrupt(None));
    yields(&mut guest).unwrap();
    assert!(!guest.ctx.replayed_interrupt(Some(100)));
    assert!(guest.ctx.replayed_interrupt(None));
    assert!(!guest.ctx.replayed_interrupt(None));
    yields(&mut guest).unwrap();
    assert!(!guest.ctx.replayed_interrupt(None));
    assert!(!guest.ctx.replayed_interrupt(Some(499)));
    assert!(guest.ctx.replayed_interrupt(Some(500)));
    yields(&mut guest).unwrap();
    assert_eq!(guest.ctx.divergence(), None);
}

#[test]
fn an_interrupt_that_cannot_be_replayed_any_more_is_a_difference() {
    let recording = recorded(|guest| {
        guest.ctx.note_interrupted(Some(500));
        yields(guest).unwrap();
    });
    let (mut guest, ..) = replaying(&recording);
    assert!(!guest.ctx.replayed_interrupt(Some(501)));
    assert_eq!(guest.ctx.check_stop(), Err(Stop::Diverged));
    let difference = guest.ctx.divergence().unwrap();
    assert_eq!(difference, "an interrupt came after 500 units of fuel, and 501 are used now");

    let (mut guest, ..) = replaying(&recording);
    assert_eq!(yields(&mut guest), Err(Stop::Diverged));
    assert_eq!(guest.ctx.divergence().unwrap(), "an interrupt came before call 1, sched_yield()");

    let (mut guest, ..) = replaying(&recording);
    assert_eq!(guest.ctx.divergence().unwrap(), "it goes on with an interrupt, and the program has ended");
}
