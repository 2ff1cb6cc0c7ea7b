//! Fetches source distributions from PyPI.

use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _};
use crate::fingerprint::verify;
use crate::workshop::Workshop;

/// Fetches a project's source distribution, checks its sha256, and unpacks it into the workshop. Returns the folder
/// `name-version`.
///
/// pip has no command for that: `pip download` runs what it has fetched, to learn of its needs. So pip's own finder
/// looks for the file, in the index that pip is configured for.
pub(crate) fn sdist(
    shop: &mut Workshop<'_>,
    name: &str,
    version: &str,
    sha256: &str,
) -> Result<PathBuf, Error> {
    let file = shop.work().join("sdist.tar.gz");
    let mut download = shop.fetching("python3");
    download.args(["-c", DOWNLOAD, name, version]).arg(&file);
    shop.run(&mut download)
        .map_err(|error| error.fetching(&format!("the source of {name} {version} from PyPI")))?;
    verify(&file, sha256)?;
    let mut unpack = shop.command("python3");
    // Python 3.12 warns that later ones will look more closely at what they unpack.
    unpack.args(["-W", "ignore", "-m", "tarfile", "-e"]).arg(&file).arg(".");
    shop.run(&mut unpack)?;
    let folder = shop.work().join(format!("{name}-{version}"));
    std::fs::metadata(&folder).on("find", Path::new(&folder)).map(|_| folder)
}

const DOWNLOAD: &str = "
import sys
from pip._internal.commands import create_command
from pip._internal.exceptions import PipError

name, version, path = sys.argv[1:]
command = create_command('download')
options, _ = command.parse_args(['--no-binary=:all:', '--no-cache-dir', name])
try:
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session, ignore_requires_python=True)
        links = [found.link for found in finder.find_all_candidates(name) if str(found.version) == version]
        if not links:
            sys.exit(f'pip finds no source of {name} {version}')
        # Compressed once more on its way it would have another sum.
        answer = session.get(links[0].url_without_fragment, headers={'Accept-Encoding': 'identity'}, stream=True)
        answer.raise_for_status()
        with open(path, 'wb') as file:
            for piece in answer.iter_content(1 << 16):
                file.write(piece)
except (OSError, PipError) as error:
    sys.exit(str(error))
";
