//! The keyboard: the modes of the terminal on stdin, its keys one by one, and dropping them.

use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::stdin;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

/// The modes in which each key is read by itself, Ctrl-C included. Dropped, the terminal is as it was.
pub(crate) struct KeyModes {
    pub(crate) before: Termios,
}

impl KeyModes {
    pub(crate) fn set() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ISIG | LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Drain, &modes)?;
        Ok(Self { before })
    }
}

impl Drop for KeyModes {
    fn drop(&mut self) {
        // A terminal that has hung up has no modes left to restore.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.before);
    }
}

/// One key, or all the bytes of its escape sequence; empty at the end of the input.
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

/// Drops what has been typed and pasted, until nothing has come for a moment.
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
        // Also what is no whole line yet, of which poll() tells nothing.
        tcflush(input, QueueSelector::IFlush)?;
        if is_over {
            return Ok(());
        }
    }
}
