"""Folders of packages, and images that have them imported."""

from __future__ import annotations

from pathlib import Path

import pytest

import python_wasm as pw


@pytest.fixture
def site(tmp_path: Path) -> Path:
    package = tmp_path / "site" / "greeting"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("loaded = ['greeting']\n")
    (package / "late.py").write_text("from . import loaded\nloaded.append('late')\n")
    return package.parent


def test_packages_are_imported_from_a_site(site: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHON_WASM_CACHE", str(tmp_path / "cache"))
    with pw.Sandbox(sites=[site]) as sb:
        assert sb.exec("import greeting, sys; greeting.loaded, sys.path[-1]").value == (["greeting"], "/site")
        with pytest.raises(pw.PythonError, match="not permitted"):
            sb.exec("open('/site/greeting/__init__.py', 'a')")
    # Compiled once, for all.
    assert [*(tmp_path / "cache").rglob("*")]


def test_an_image_has_what_it_needs(site: Path, tmp_path: Path) -> None:
    path = tmp_path / "tools.image"
    pw.Image.prepare("import greeting; x = 1", sites=[site]).save(path)
    (site / "greeting" / "late.py").unlink()
    image = pw.Image.load(path)
    assert image.size == path.stat().st_size
    assert repr(image) == f"<Image of {image.size} bytes>"
    for engine in pw.ENGINES:
        with pw.Sandbox(image=image, engine=engine) as sb:  # type: ignore[arg-type]
            assert sb.eval("'greeting' in __import__('sys').modules and 'x' not in globals()")
            assert sb.exec("import greeting.late; greeting.loaded").value == ["greeting", "late"]
            saved = tmp_path / "saved"
            sb.snapshot().save(saved)
        with pw.Sandbox.resume(saved, image=image) as sb:
            assert sb.eval("greeting.loaded") == ["greeting", "late"]


def test_what_is_wrong_is_said(site: Path, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="sequence of folders"):
        pw.Sandbox(sites=site)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes an Image"):
        pw.Sandbox(image=str(site))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Image.prepare"):
        pw.Image()
    with pytest.raises((OSError, ValueError), match="none"):
        pw.Sandbox(sites=[tmp_path / "none"])
    with pytest.raises(FileNotFoundError):
        pw.Image.load(tmp_path / "none")
    (tmp_path / "text").write_text("text")
    with pytest.raises(pw.SnapshotError, match="not an image"):
        pw.Image.load(tmp_path / "text")
    with pytest.raises(pw.PythonError, match="ZeroDivisionError"):
        pw.Image.prepare("1 / 0")
    with pytest.raises(pw.Timeout):
        pw.Image.prepare("while True: pass", timeout=0.5)
    with pytest.raises(pw.SnapshotError, match="/tmp/notes"):
        pw.Image.prepare("import sys; sys.notes = open('/tmp/notes', 'w')")
