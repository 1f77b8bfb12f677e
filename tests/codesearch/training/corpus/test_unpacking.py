"""Archives are unpacked as they are meant, and nothing in a hostile one leads out of the folder."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from codesearch.training.corpus.unpacking import LARGEST_FILE, top_folder, unpack, unpack_tar_stream
from tests.codesearch.training.corpus.examples import tar_of

if TYPE_CHECKING:
    from pathlib import Path


def _files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def _zip_of(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return packed.getvalue()


def _link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def _debian_package(data: bytes) -> bytes:
    """Return an `ar` archive of three members, the second of an odd size."""
    archive = b"!<arch>\n"
    for name, content in ((b"debian-binary", b"2.0\n"), (b"control.tar.xz", b"odd"), (b"data.tar.gz", data)):
        archive += b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (name, 0, 0, 0, 0o644, len(content))
        archive += content + b"\n" * (len(content) % 2)
    return archive


def test_wheel_without_its_metadata(tmp_path: Path) -> None:
    """The packages of a wheel are unpacked, its metadata folder is not."""
    (tmp_path / "one.whl").write_bytes(_zip_of({"one/a.py": "a", "one-1.dist-info/METADATA": "m"}))
    assert unpack(tmp_path / "one.whl", tmp_path / "into") == 1
    assert _files(tmp_path / "into") == {"one/a.py"}


@pytest.mark.parametrize("name", ["../out.py", "/etc/out.py", "a/../../out.py", "..\\out.py", "C:\\out.py", "a/.git/x"])
def test_paths_that_lead_out_are_left_out(tmp_path: Path, name: str) -> None:
    """In a tar and in a zip: only the honest file arrives, and none lies beside the folder."""
    for kind, content in (
        ("tar", tar_of({name: "bad", "ok.py": "good"})),
        ("zip", _zip_of({name: "bad", "ok.py": ""})),
    ):
        (tmp_path / f"a.{kind}").write_bytes(content)
        assert unpack(tmp_path / f"a.{kind}", tmp_path / kind) == 1
        assert _files(tmp_path / kind) == {"ok.py"}
    assert _files(tmp_path) == {"a.tar", "a.zip", "tar/ok.py", "zip/ok.py"}


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    """A link is not followed, neither by itself nor as the folder of a later member."""
    outside = tmp_path / "outside"
    outside.mkdir()
    extra = [
        _link("gate", str(outside)),
        _link("hard", "ok.py", tarfile.LNKTYPE),
        _link("pipe", "", tarfile.FIFOTYPE),
    ]
    (tmp_path / "a.tgz").write_bytes(tar_of({"gate/in.py": "x", "ok.py": "y"}, extra))
    unpack(tmp_path / "a.tgz", tmp_path / "into")
    assert _files(tmp_path / "into") == {"gate/in.py", "ok.py"}
    assert list(outside.iterdir()) == []


def test_large_files_stay_in_the_archive(tmp_path: Path) -> None:
    """A file that the indexer would not read is not written."""
    (tmp_path / "a.tgz").write_bytes(tar_of({"big.py": "x" * (LARGEST_FILE + 1), "ok.py": "y"}))
    assert unpack(tmp_path / "a.tgz", tmp_path / "into") == 1


def test_debian_package(tmp_path: Path) -> None:
    """The data of a binary package, without its documentation, where it would be in a repository."""
    data = tar_of(
        {
            "./usr/share/doc/one/copyright": "c",
            "./usr/share/gocode/src/example.org/one/b.go": "g",
            "./usr/lib/ruby/vendor_ruby/two/c.rb": "r",
            "./usr/share/rubygems-integration/all/gems/three-3.0/lib/d.rb": "r",
        }
    )
    (tmp_path / "one.deb").write_bytes(_debian_package(data))
    unpack(tmp_path / "one.deb", tmp_path / "into")
    assert _files(tmp_path / "into") == {"one/b.go", "two/c.rb", "lib/d.rb"}


def test_name_twice_keeps_the_first(tmp_path: Path) -> None:
    """An archive that names a file again, or takes a file for a folder, loses what comes later."""
    (tmp_path / "a.tgz").write_bytes(tar_of({"one": "first", "./one": "second", "one/two": "third"}))
    unpack(tmp_path / "a.tgz", tmp_path / "into")
    assert (tmp_path / "into" / "one").read_text() == "first"


WHOLE = tar_of({"a": "b" * 9000})


@pytest.mark.parametrize(
    "content", [b"", b"no archive at all", b"!<arch>\nshort", WHOLE[:-40], WHOLE[:40] + b"\xff" * 40 + WHOLE[80:]]
)
def test_broken_archive_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    """Whatever is wrong with the bytes, it is one kind of error."""
    (tmp_path / "a.tgz").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.tgz"):
        unpack(tmp_path / "a.tgz", tmp_path / "into")


def test_tar_from_a_pipe(tmp_path: Path) -> None:
    """An uncompressed stream is unpacked without a file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("top/a.py")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    unpack_tar_stream(io.BytesIO(packed.getvalue()), tmp_path)
    assert top_folder(tmp_path) == tmp_path / "top"
