//! The error numbers of WASI preview1, and the conversion of host errors.

use std::io;

/// Defines [`Errno`] from one table: WASI's name, number, the host's error of the same meaning, and a text.
macro_rules! errnos {
    ($($name:ident = $number:literal $(/ $host:ident)?: $text:literal,)*) => {
        /// A WASI preview1 error number, as a guest sees it.
        ///
        /// Source: `errno` in the preview1 witx. Success (0) is not an error and has no variant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        #[repr(u16)]
        pub enum Errno {
            $(#[doc = concat!($text, ".")] #[error($text)] $name = $number,)*
        }

        impl Errno {
            /// Returns the name of the variant, such as `Noent`; WASI's own name is the same in lower case.
            pub fn name(self) -> &'static str {
                match self { $(Errno::$name => stringify!($name),)* }
            }

            /// Returns the error of this number, which [`raw`](Self::raw) returned. `None` for success and for a
            /// number without a meaning.
            pub fn from_raw(number: u16) -> Option<Self> {
                match number { $($number => Some(Errno::$name),)* _ => None }
            }
        }

        #[cfg(feature = "host")]
        impl From<rustix::io::Errno> for Errno {
            /// Returns the error of the same meaning, or [`Errno::Io`] if WASI has none.
            fn from(error: rustix::io::Errno) -> Self {
                match error {
                    $($(rustix::io::Errno::$host => Errno::$name,)?)*
                    _ => Errno::Io,
                }
            }
        }

        #[cfg(feature = "host")]
        impl From<Errno> for io::Error {
            /// Returns the error with the host's number of the same meaning. [`Errno::Notcapable`], for which
            /// no host has a number, is of the kind [`io::ErrorKind::PermissionDenied`].
            fn from(error: Errno) -> Self {
                match error {
                    $($(Errno::$name => rustix::io::Errno::$host.into(),)?)*
                    #[allow(unreachable_patterns, reason = "one row of the table has no number of the host")]
                    error => io::Error::new(io::ErrorKind::PermissionDenied, error),
                }
            }
        }
    };
}

errnos! {
    TooBig = 1 / TOOBIG: "argument list too long",
    Acces = 2 / ACCESS: "permission denied",
    Addrinuse = 3 / ADDRINUSE: "address in use",
    Addrnotavail = 4 / ADDRNOTAVAIL: "address not available",
    Afnosupport = 5 / AFNOSUPPORT: "address family not supported",
    Again = 6 / AGAIN: "resource unavailable, or operation would block",
    Already = 7 / ALREADY: "connection already in progress",
    Badf = 8 / BADF: "bad file descriptor",
    Badmsg = 9 / BADMSG: "bad message",
    Busy = 10 / BUSY: "device or resource busy",
    Canceled = 11 / CANCELED: "operation cancelled",
    Child = 12 / CHILD: "no child processes",
    Connaborted = 13 / CONNABORTED: "connection aborted",
    Connrefused = 14 / CONNREFUSED: "connection refused",
    Connreset = 15 / CONNRESET: "connection reset",
    Deadlk = 16 / DEADLK: "resource deadlock would occur",
    Destaddrreq = 17 / DESTADDRREQ: "destination address required",
    Dom = 18 / DOM: "argument out of the function's domain",
    Dquot = 19 / DQUOT: "disk quota exceeded",
    Exist = 20 / EXIST: "file exists",
    Fault = 21 / FAULT: "bad address",
    Fbig = 22 / FBIG: "file too large",
    Hostunreach = 23 / HOSTUNREACH: "host is unreachable",
    Idrm = 24 / IDRM: "identifier removed",
    Ilseq = 25 / ILSEQ: "illegal byte sequence",
    Inprogress = 26 / INPROGRESS: "operation in progress",
    Intr = 27 / INTR: "interrupted function",
    Inval = 28 / INVAL: "invalid argument",
    Io = 29 / IO: "input or output error",
    Isconn = 30 / ISCONN: "socket is connected",
    Isdir = 31 / ISDIR: "is a directory",
    Loop = 32 / LOOP: "too many levels of symbolic links",
    Mfile = 33 / MFILE: "file descriptor value too large",
    Mlink = 34 / MLINK: "too many links",
    Msgsize = 35 / MSGSIZE: "message too large",
    Multihop = 36 / MULTIHOP: "multihop attempted",
    Nametoolong = 37 / NAMETOOLONG: "file name too long",
    Netdown = 38 / NETDOWN: "network is down",
    Netreset = 39 / NETRESET: "connection aborted by network",
    Netunreach = 40 / NETUNREACH: "network unreachable",
    Nfile = 41 / NFILE: "too many files open in system",
    Nobufs = 42 / NOBUFS: "no buffer space available",
    Nodev = 43 / NODEV: "no such device",
    Noent = 44 / NOENT: "no such file or directory",
    Noexec = 45 / NOEXEC: "executable file format error",
    Nolck = 46 / NOLCK: "no locks available",
    Nolink = 47 / NOLINK: "link has been severed",
    Nomem = 48 / NOMEM: "not enough space",
    Nomsg = 49 / NOMSG: "no message of the desired type",
    Noprotoopt = 50 / NOPROTOOPT: "protocol not available",
    Nospc = 51 / NOSPC: "no space left on device",
    Nosys = 52 / NOSYS: "function not supported",
    Notconn = 53 / NOTCONN: "the socket is not connected",
    Notdir = 54 / NOTDIR: "not a directory",
    Notempty = 55 / NOTEMPTY: "directory not empty",
    Notrecoverable = 56 / NOTRECOVERABLE: "state not recoverable",
    Notsock = 57 / NOTSOCK: "not a socket",
    Notsup = 58 / NOTSUP: "not supported",
    Notty = 59 / NOTTY: "inappropriate I/O control operation",
    Nxio = 60 / NXIO: "no such device or address",
    Overflow = 61 / OVERFLOW: "value too large to be stored in data type",
    Ownerdead = 62 / OWNERDEAD: "previous owner died",
    Perm = 63 / PERM: "operation not permitted",
    Pipe = 64 / PIPE: "broken pipe",
    Proto = 65 / PROTO: "protocol error",
    Protonosupport = 66 / PROTONOSUPPORT: "protocol not supported",
    Prototype = 67 / PROTOTYPE: "protocol wrong type for socket",
    Range = 68 / RANGE: "result too large",
    Rofs = 69 / ROFS: "read-only file system",
    Spipe = 70 / SPIPE: "invalid seek",
    Srch = 71 / SRCH: "no such process",
    Stale = 72 / STALE: "stale file handle",
    Timedout = 73 / TIMEDOUT: "connection timed out",
    Txtbsy = 74 / TXTBSY: "text file busy",
    Xdev = 75 / XDEV: "cross-device link",
    Notcapable = 76: "capabilities insufficient",
}

/// The result of most operations of this crate.
pub type Result<T, E = Errno> = std::result::Result<T, E>;

impl Errno {
    /// Returns the number that the guest gets.
    pub fn raw(self) -> u16 {
        self as u16
    }
}

#[cfg(not(feature = "host"))]
impl From<Errno> for io::Error {
    /// Returns an error that holds this one.
    fn from(error: Errno) -> Self {
        io::Error::other(error)
    }
}

impl From<io::Error> for Errno {
    /// Converts by the host's number if the error has one, else by its kind.
    ///
    /// For a path that would leave its directory, cap-std returns a permission error without a number, which
    /// is [`Errno::Perm`] here; `EACCES` of the host is [`Errno::Acces`].
    fn from(error: io::Error) -> Self {
        #[cfg(feature = "host")]
        if let Some(host) = rustix::io::Errno::from_io_error(&error) {
            return host.into();
        }
        #[cfg(not(feature = "host"))]
        if let Some(errno) = error.get_ref().and_then(|error| error.downcast_ref()) {
            return *errno;
        }
        match error.kind() {
            io::ErrorKind::PermissionDenied => Errno::Perm,
            io::ErrorKind::NotFound => Errno::Noent,
            io::ErrorKind::AlreadyExists => Errno::Exist,
            io::ErrorKind::InvalidInput => Errno::Inval,
            io::ErrorKind::InvalidData => Errno::Ilseq,
            io::ErrorKind::WouldBlock => Errno::Again,
            io::ErrorKind::Interrupted => Errno::Intr,
            io::ErrorKind::BrokenPipe => Errno::Pipe,
            io::ErrorKind::NotADirectory => Errno::Notdir,
            io::ErrorKind::IsADirectory => Errno::Isdir,
            io::ErrorKind::DirectoryNotEmpty => Errno::Notempty,
            io::ErrorKind::ReadOnlyFilesystem => Errno::Rofs,
            io::ErrorKind::StorageFull => Errno::Nospc,
            io::ErrorKind::Unsupported => Errno::Notsup,
            io::ErrorKind::OutOfMemory => Errno::Nomem,
            _ => Errno::Io,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_witx() {
        assert_eq!(Errno::TooBig.raw(), 1);
        assert_eq!(Errno::Badf.raw(), 8);
        assert_eq!(Errno::Intr.raw(), 27);
        assert_eq!(Errno::Noent.raw(), 44);
        assert_eq!(Errno::Notcapable.raw(), 76);
        assert_eq!([0, 44, 77].map(Errno::from_raw), [None, Some(Errno::Noent), None]);
    }

    #[cfg(feature = "host")]
    #[test]
    fn host_numbers_keep_their_meaning() {
        let from_host = |errno: rustix::io::Errno| Errno::from(io::Error::from(errno));
        assert_eq!(from_host(rustix::io::Errno::NOENT), Errno::Noent);
        assert_eq!(from_host(rustix::io::Errno::ACCESS), Errno::Acces);
        assert_eq!(from_host(rustix::io::Errno::NOTEMPTY), Errno::Notempty);
    }

    #[cfg(feature = "host")]
    #[test]
    fn an_error_for_the_host_has_the_hosts_number() {
        let number = |errno: Errno| io::Error::from(errno).raw_os_error();
        assert_eq!(number(Errno::Noent), Some(rustix::io::Errno::NOENT.raw_os_error()));
        assert_eq!(number(Errno::Nospc), Some(rustix::io::Errno::NOSPC.raw_os_error()));
        assert_eq!(io::Error::from(Errno::Notcapable).kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn an_escape_that_cap_std_refused_is_perm() {
        let escape = io::Error::new(io::ErrorKind::PermissionDenied, "a path led outside of the filesystem");
        assert_eq!(Errno::from(escape), Errno::Perm);
    }
}
