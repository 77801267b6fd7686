"""Whatever a file holds, reading ends with an instance or with findings, never with another error."""

import random
import shutil
from pathlib import Path

import pytest

from optimizer.instance.findings import InstanceError
from optimizer.instance.instance import Instance, read

BYTES = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b'"',
    b"\n",
    b",",
    b"=1+1",
    b"\xe5",
    b"{",
    b"]",
    b": ",
    b"- ",
    b"!!python/object:os.system",
    b"*a",
    b"&a ",
    b"nan",
    b"-1e999",
    b"all",
    b"\r",
    "甘".encode(),
    "甘".encode("gb18030"),
    b"%",
    b"1" * 400,
    b"@2026",
    b"~",
    b"[" * 50,
    b"\t",
]


def torn(data: bytes, dice: random.Random) -> bytes:
    """``data`` with a few pieces cut out, repeated or put in."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        until = min(len(data), at + dice.choice([0, 0, 1, 3, 20]))
        data = data[:at] + dice.choice([*BYTES, data[at:until] * 2]) + data[until:]
    return data


def reads_or_tells(path: Path) -> bool:
    try:
        read(path)
    except InstanceError as error:
        assert error.findings
        for finding in error.findings:
            assert finding.file and finding.problem and finding.mend
            assert finding.sentence().isprintable() or "\n" not in finding.sentence()
        return False
    return True


@pytest.mark.parametrize("seed", range(8))
def test_torn_folders(folder: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    files = sorted(folder.iterdir())
    for n in range(15):
        copy = tmp_path / f"copy{n}"
        shutil.copytree(folder, copy)
        for file in dice.sample(files, 2):
            (copy / file.name).write_bytes(torn(file.read_bytes(), dice))
        reads_or_tells(copy)


@pytest.mark.parametrize("seed", range(3))
def test_torn_workbooks(two: Instance, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    two.to_workbook(tmp_path / "a.xlsx")
    data = (tmp_path / "a.xlsx").read_bytes()
    for _ in range(15):
        (tmp_path / "b.xlsx").write_bytes(torn(data, dice))
        reads_or_tells(tmp_path / "b.xlsx")
