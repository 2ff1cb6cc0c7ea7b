# Files in /tmp: open modes, os, pathlib, shutil, tempfile, glob, text and binary layers, errors.
import filecmp
import glob
import io
import os
import pathlib
import shutil
import stat
import tempfile
root = pathlib.Path(tempfile.mkdtemp())
print(root.parent, root.is_dir(), list(root.iterdir()))
file = root / "größe 🐍.txt"
print(file.write_text("line one\nzwei\n", encoding="utf-8"), file.read_bytes(), file.stat().st_size, file.suffix, file.stem)
with open(file, "r+", encoding="utf-8", newline="") as f:
    f.seek(0, io.SEEK_END)
    f.write("drei\r\n")
    f.seek(0)
    print(f.readlines(), f.tell(), f.encoding, f.fileno() > 2)
with open(file, "ab", buffering=0) as f:
    print(f.write(b"\xff"), f.tell())
try:
    file.read_text(encoding="utf-8")
except UnicodeDecodeError as error:
    print(error.reason)
try:
    open(file, "x")
except FileExistsError as error:
    print(error.strerror)
for operation in [lambda: open(root), lambda: os.rmdir(file), lambda: os.listdir(root / "none"), lambda: os.mkdir(root), lambda: os.remove(root / "none"), lambda: open(file / "x")]:
    try:
        operation()
    except OSError as error:
        print(type(error).__name__, error.errno is not None)
(root / "a/b/c").mkdir(parents=True)
for name in ["a/1.txt", "a/b/2.txt", "a/b/c/3.py"]:
    (root / name).write_text(name)
print(sorted(p.relative_to(root).as_posix() for p in root.rglob("*.txt")), sorted(os.path.relpath(p, root) for p in glob.glob(f"{root}/**/*.py", recursive=True)))
print([(os.path.relpath(d, root), sorted(ds), sorted(fs)) for d, ds, fs in os.walk(root)])
shutil.copytree(root / "a", root / "copy")
shutil.move(root / "copy/b", root / "moved")
print(sorted(os.listdir(root)), filecmp.cmp(root / "a/1.txt", root / "copy/1.txt"))
os.symlink("a/1.txt", root / "link")
print(os.readlink(root / "link"), (root / "link").read_text(), (root / "link").is_symlink(), stat.S_ISLNK(os.lstat(root / "link").st_mode), os.path.realpath(root / "link") == str(root / "a/1.txt"))
os.link(root / "a/1.txt", root / "hard")
print(os.stat(root / "hard").st_nlink, os.path.samefile(root / "hard", root / "a/1.txt"))
os.utime(root / "hard", (1e9, 1.5e9))
print(os.stat(root / "hard").st_mtime, os.path.getmtime(root / "a/1.txt"))
os.rename(root / "hard", root / "renamed")
os.replace(root / "renamed", root / "a/1.txt")
with os.scandir(root / "a") as entries:
    print(sorted((e.name, e.is_dir(), e.inode() > 0) for e in entries))
fd = os.open(root / "low", os.O_CREAT | os.O_RDWR)
print(os.write(fd, b"0123456789"), os.lseek(fd, 2, os.SEEK_SET), os.read(fd, 3), os.pread(fd, 2, 8), os.ftruncate(fd, 4), os.fstat(fd).st_size)
os.close(fd)
with tempfile.TemporaryFile() as t, tempfile.NamedTemporaryFile(suffix=".x") as n:
    t.write(b"x" * 100000)
    print(t.tell(), n.name.startswith("/tmp/"), os.path.exists(n.name))
with tempfile.TemporaryDirectory() as d:
    os.chdir(d)
    print(os.getcwd() == d, pathlib.Path("rel").absolute() == pathlib.Path(d, "rel"))
    os.chdir("/")
print(os.path.exists(d), os.path.join("a", "/b", "c"), os.path.splitext("x.tar.gz"), os.path.normpath("a/../b//c/."), os.path.commonpath(["/a/b", "/a/c"]))
shutil.rmtree(root)
print(root.exists(), os.access("/tmp", os.W_OK), os.path.isfile("/dev/null"))
