"""The list of names in a file: what it finds, and that a broken one lets nobody pass."""

import os

import pytest

from server.core.refusals import Unavailable
from server.kyc.name_list import NameList
from server.kyc.screening_port import Screened

HEAD = "id,schema,name,aliases,birth_date,countries,sanctions,dataset\n"
ROWS = (
    "NK-1,Person,Nguyễn Văn Đức,Duc Nguyen;Нгуен Ван Дук,1990-05-17;1991,vn,Fraud,un_list\n"
    "NK-2,Person,Ivan Petrov,,1970,ru,,un_list\n"
    "NK-3,Company,Anna Berg,,,,,un_list\n"
    "NK-4,Person,Maria del Carmen Lopez,,,es,,\n"
)


async def run_here(work):
    return work()


def make_list(path, text=HEAD + ROWS):
    path.write_text(text, encoding="utf-8")
    return NameList(path, run_here)


def person(name, born="1990-05-17"):
    return Screened(name, born, "VN")


async def find(names, name, born="1990-05-17"):
    (found,) = await names.screen([person(name, born)])
    return [each.entry_id for each in found]


@pytest.mark.parametrize(
    "said",
    ["Nguyễn Văn Đức", "NGUYEN VAN DUC", "Duc Van Nguyen", "Nguyen Duc", "Nguyễn-Văn ĐỨC",
     "Nguyen Vanduc", "Нгуен Ван Дук"],
)  # fmt: skip
async def test_name_is_found_whatever_its_marks_case_order_and_script(tmp_path, said):
    assert await find(make_list(tmp_path / "list.csv"), said) == ["NK-1"]


async def test_longer_and_shorter_names_are_found(tmp_path):
    names = make_list(tmp_path / "list.csv")
    assert await find(names, "Maria Lopez") == ["NK-4"]
    assert await find(names, "Ivan Sergeevich Petrov", "1971-02-02") == ["NK-2"]


@pytest.mark.parametrize("said", ["Nguyễn Văn Nam", "Petrov", "Anna Berg", "Ivan Petrova", "丁"])
async def test_other_names_are_not_found(tmp_path, said):
    assert await find(make_list(tmp_path / "list.csv"), said, "1970-01-01") == []


async def test_birth_year_more_than_one_off_is_somebody_else(tmp_path):
    names = make_list(tmp_path / "list.csv")
    found = [await find(names, "Ivan Petrov", f"{year}-06-01") for year in (1968, 1969, 1971, 1972)]
    assert found == [[], ["NK-2"], ["NK-2"], []]


async def test_changed_file_is_read_again_and_has_another_version(tmp_path):
    path = tmp_path / "list.csv"
    names = make_list(path)
    before = await names.read_version()
    assert await names.read_version() == before
    path.write_text(HEAD + "NK-9,Person,Pham Thi Hoa,,,,,\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert await names.read_version() != before
    assert await find(names, "Phạm Thị Hoa") == ["NK-9"]
    assert await find(names, "Ivan Petrov", "1970-01-01") == []


@pytest.mark.parametrize(
    "content",
    [b"", b"id,name\n", b"name\nIvan\n", HEAD.encode(), b"\xff\xfe\x00", b'id,name\n1,"open\n',
     b"id,schema,name\n1,Vessel,Ivan Petrov\n"],
)  # fmt: skip
async def test_broken_or_empty_file_is_no_answer(tmp_path, content):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    names = NameList(path, run_here)
    with pytest.raises(Unavailable):
        await names.read_version()
    with pytest.raises(Unavailable):
        await names.screen([person("Ivan Petrov")])


async def test_missing_file_is_no_answer(tmp_path):
    with pytest.raises(Unavailable):
        await NameList(tmp_path / "none.csv", run_here).read_version()
