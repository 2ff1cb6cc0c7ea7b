//! The keyboard: the modes of the terminal on stdin, reading single keys, and dropping typed input.

use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::stdin;
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr,
};

/// The byte that Ctrl-C sends.
pub(crate) const INTERRUPT: u8 = 3;

/// Other modes of the terminal on stdin. Dropping the guard sets the modes that were there before.
pub(crate) struct Modes {
    before: Termios,
}

impl Modes {
    /// Sets the modes for reading each key by itself, Ctrl-C included.
    pub(crate) fn key_by_key() -> io::Result<Self> {
        Self::set(|modes| modes.local_modes.remove(LocalModes::ISIG | LocalModes::ICANON | LocalModes::ECHO))
    }

    /// Sets the modes for reading one line. Ctrl-C ends the line instead of raising a signal, which a
    /// blocked read might never hear of. A `secret` line is not echoed.
    pub(crate) fn line_by_line(secret: bool) -> io::Result<Self> {
        Self::set(|modes| {
            modes.local_modes.remove(LocalModes::ISIG);
            modes.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
            if secret {
                modes.local_modes.remove(LocalModes::ECHO);
            }
        })
    }

    fn set(change: impl FnOnce(&mut Termios)) -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut modes = before.clone();
        change(&mut modes);
        tcsetattr(stdin(), OptionalActions::Drain, &modes)?;
        Ok(Self { before })
    }

    /// The modes before these.
    pub(crate) fn before(&self) -> &Termios {
        &self.before
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        // A terminal that has hung up has no modes left to restore.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.before);
    }
}

/// Reads one key with all the bytes of its escape sequence. Empty at the end of the input.
pub(crate) fn read_key() -> io::Result<Vec<u8>> {
    let mut bytes = [0; 8];
    loop {
        match rustix::io::read(stdin(), &mut bytes) {
            Ok(count) => return Ok(bytes[..count].to_vec()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Drops what was typed and pasted until no input has arrived for 50 ms.
pub(crate) fn drop_typed_ahead() -> io::Result<()> {
    const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    loop {
        let input = stdin();
        let mut waiting = [PollFd::new(&input, PollFlags::IN)];
        let is_over = match poll(&mut waiting, Some(&MOMENT)) {
            Ok(0) => true,
            Ok(_) => waiting[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
            Err(Errno::INTR) => false,
            Err(error) => return Err(error.into()),
        };
        // poll() does not tell of unfinished lines; this drops them, too.
        tcflush(input, QueueSelector::IFlush)?;
        if is_over {
            return Ok(());
        }
    }
}
