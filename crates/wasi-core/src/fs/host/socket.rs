//! Sockets that the embedder opened: listeners and connections, over TCP or Unix sockets.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown};

use crate::errno::{Errno, Result};
use crate::fs::file::{File, Readiness, Socket};
use crate::fs::offset;
use crate::fs::stdio::stream_stat;
use crate::types::{FdFlags, FileType, Filestat, RiFlags, SdFlags};

/// A listening or connected stream socket. Preview1 has no call to make one.
///
/// The host's socket never blocks; the guest has its own flag for that.
pub struct StreamSocket {
    fd: OwnedFd,
    flags: FdFlags,
}

/// Writing to a closed connection must be an error, not a signal to the whole process
/// ([`MSG_NOSIGNAL`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/send.html)).
#[cfg(not(target_vendor = "apple"))]
const SEND: SendFlags = SendFlags::NOSIGNAL;
/// Here it is an option of the socket, set by [`StreamSocket::new`].
#[cfg(target_vendor = "apple")]
const SEND: SendFlags = SendFlags::empty();

impl StreamSocket {
    /// Takes over a `TcpListener`, `TcpStream`, `UnixListener` or `UnixStream`.
    ///
    /// The socket becomes non-blocking for everyone who shares it.
    pub fn new(socket: impl Into<OwnedFd>) -> io::Result<Self> {
        let fd = socket.into();
        rustix::io::ioctl_fionbio(&fd, true)?;
        #[cfg(target_vendor = "apple")]
        rustix::net::sockopt::set_socket_nosigpipe(&fd, true)?;
        Ok(Self { fd, flags: FdFlags::empty() })
    }
}

impl File for StreamSocket {
    fn filetype(&self) -> FileType {
        FileType::SocketStream
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(stream_stat(self.filetype()))
    }

    fn fdflags(&self) -> FdFlags {
        self.flags
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        if flags.intersects(FdFlags::NONBLOCK.complement()) {
            return Err(Errno::Notsup);
        }
        self.flags = flags;
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.recv(buffer, RiFlags::empty())
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        self.send(buffers)
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Host(self.fd.as_fd())
    }

    fn readable_bytes(&self) -> u64 {
        // A listener has connections, not bytes: some hosts refuse the question.
        rustix::io::ioctl_fionread(&self.fd).unwrap_or(0)
    }

    fn socket(&mut self) -> Option<&mut dyn Socket> {
        Some(self)
    }
}

impl Socket for StreamSocket {
    fn accept(&mut self, flags: FdFlags) -> Result<Box<dyn File>> {
        #[cfg(not(target_vendor = "apple"))]
        let fd = rustix::net::accept_with(&self.fd, rustix::net::SocketFlags::CLOEXEC)?;
        #[cfg(target_vendor = "apple")]
        let fd = {
            let fd = rustix::net::accept(&self.fd)?;
            rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
            fd
        };
        let mut connection = Self::new(fd)?;
        connection.set_fdflags(flags)?;
        Ok(Box::new(connection))
    }

    fn recv(&mut self, buffer: &mut [u8], flags: RiFlags) -> Result<usize> {
        let mut host = RecvFlags::empty();
        host.set(RecvFlags::PEEK, flags.contains(RiFlags::RECV_PEEK));
        host.set(RecvFlags::WAITALL, flags.contains(RiFlags::RECV_WAITALL));
        let (received, _) = rustix::net::recv(&self.fd, buffer, host)?;
        Ok(received)
    }

    fn send(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let buffers = offset::as_many_as_the_host_takes(buffers);
        Ok(rustix::net::sendmsg(&self.fd, buffers, &mut SendAncillaryBuffer::default(), SEND)?)
    }

    fn shutdown(&mut self, how: SdFlags) -> Result<()> {
        let how = match (how.contains(SdFlags::RD), how.contains(SdFlags::WR)) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            (false, true) => Shutdown::Write,
            (false, false) => return Err(Errno::Inval),
        };
        Ok(rustix::net::shutdown(&self.fd, how)?)
    }
}
