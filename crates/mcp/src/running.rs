//! A guest on a thread of its own, while the client waits, or does not want it any more.

use std::time::Duration;

use python_wasm::InterruptHandle;
use rmcp::Peer;
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

/// When a guest that goes on after a cancellation is interrupted again, and then ended for good. Also for an
/// interrupt that came before the guest began.
const AGAIN: Duration = Duration::from_millis(500);

/// How long what is printed is collected before the client is told.
const PAUSE: Duration = Duration::from_millis(50);

/// The most characters of one notice.
const NOTICE: usize = 4096;

/// Does work with a guest. When the request is cancelled, the guest is interrupted.
pub(crate) async fn run<T: Send + 'static>(
    interrupt: InterruptHandle,
    cancelled: &CancellationToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    let mut work = spawn_blocking(work);
    tokio::select! {
        done = &mut work => return done,
        () = cancelled.cancelled() => {}
    }
    for attempt in 0.. {
        if attempt < 2 {
            interrupt.interrupt();
        } else {
            interrupt.terminate();
        }
        if let Ok(done) = tokio::time::timeout(AGAIN, &mut work).await {
            return done;
        }
    }
    work.await
}

/// Tells the client what is printed, until all has been told.
pub(crate) async fn tell(
    peer: Peer<RoleServer>,
    token: ProgressToken,
    mut printed: UnboundedReceiver<Vec<u8>>,
) {
    let mut waiting = Vec::new();
    let mut told = 0.0;
    while let Some(bytes) = printed.recv().await {
        waiting.extend_from_slice(&bytes);
        while let Ok(bytes) = printed.try_recv() {
            waiting.extend_from_slice(&bytes);
        }
        for piece in pieces(&take_text(&mut waiting)) {
            #[expect(clippy::cast_precision_loss, reason = "a limit on output is far below")]
            let length = piece.len() as f64;
            told += length;
            let notice = ProgressNotificationParam::new(token.clone(), told).with_message(piece);
            if peer.notify_progress(notice).await.is_err() {
                // The client has gone.
                return;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Takes the text that is complete: the last letter may have come in part.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let complete = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let rest = bytes.split_off(complete);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}

fn pieces(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(NOTICE).map_or(rest.len(), |(at, _)| at);
        let (piece, left) = rest.split_at(end);
        rest = left;
        (!piece.is_empty()).then(|| piece.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_when_its_letters_are_complete() {
        let mut bytes = b"caf\xc3".to_vec();
        assert_eq!((take_text(&mut bytes).as_str(), bytes.as_slice()), ("caf", &b"\xc3"[..]));
        bytes.push(0xa9);
        assert_eq!((take_text(&mut bytes).as_str(), bytes.len()), ("\u{e9}", 0));
        bytes.extend(b"\xff.");
        assert_eq!(take_text(&mut bytes), "\u{fffd}.");
    }

    #[test]
    fn a_long_text_is_told_in_pieces() {
        let text = "\u{e9}".repeat(NOTICE + 1);
        let pieces: Vec<String> = pieces(&text).collect();
        assert_eq!(pieces.iter().map(|piece| piece.chars().count()).collect::<Vec<_>>(), [NOTICE, 1]);
        assert_eq!(pieces.concat(), text);
    }
}
