"""Which table is proposed for a file that none recognises: by headings, required columns, and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvshu.intake.discovery import discover
from lvshu.intake.likely_table import likely_tables
from lvshu.intake.mapping import FileMapping
from lvshu.pipeline.inputs import input_contracts
from lvshu.web.uploads import proposal


@pytest.mark.parametrize(
    ("headings", "table"),
    [
        (["借据编号", "截止日", "本金余额"], "loan_balance"),
        (["借据号", "客户名", "期末余额(元)", "报告期"], "loan_balance"),
        (["loan no", "outstanding"], "loan_balance"),
        (["借据编号", "本金余额"], "loan_balance"),
        (["借据号", "主题", "目录", "标签代码", "决定", "复核人"], "label_decision"),
        (["项目", "原煤", "焦炭", "天然气", "电力"], "energy_balance_cell"),
        (["指标", "煤炭", "油品", "天然气"], "energy_balance_cell"),
        (["企业名称", "统一社会信用代码", "主营业务"], "enterprise"),
    ],
)
def test_headings_alone(headings: list[str], table: str) -> None:
    found = likely_tables([headings, ["x"] * len(headings)], (), input_contracts())
    assert found[0].table == table, found[:3]


@pytest.mark.parametrize(
    ("said", "above"),
    [(("佛山市能源平衡表",), []), (("book1", "Sheet1"), [["佛山市2023年能源平衡表"]])],
)
def test_names_of_the_file_and_lines_above(said: tuple[str, ...], above: list[list[str]]) -> None:
    rows = [*above, ["项目", "煤", "油", "气"]]
    found = likely_tables(rows, said, input_contracts())
    assert (found[0].table, found[0].layout) == ("energy_balance_cell", "energy_balance")


def test_what_a_person_maps_is_named() -> None:
    headings = [["甲", "乙", "丙"]]
    assert not likely_tables(headings, (), input_contracts())
    mapping = FileMapping(columns={"甲": "loan_id", "乙": "month", "丙": "outstanding_amount"})
    assert likely_tables(headings, (), input_contracts(), mapping)[0].table == "loan_balance"


def test_the_message_and_the_mapping_screen_propose_it(tmp_path: Path) -> None:
    loans, energy = tmp_path / "月末数据.csv", tmp_path / "佛山市能源平衡表.csv"
    loans.write_text("借据编号,截止日,本金余额\nL1,2023-04-30,100\n", encoding="utf-8")
    energy.write_text("项目,煤合计,油合计\n购入,1,2\n消费,1,2\n", encoding="utf-8")
    told = {one.where.file: one.what("zh") for one in discover(tmp_path, input_contracts()).problems}
    assert "最接近：贷款月末余额（loan_balance，认出1/" in told[loans.name]
    assert "最接近：能源平衡表单元格（energy_balance_cell，公布表的版式 energy_balance）" in told[energy.name]
    assert proposal(loans)["table"] == "loan_balance"
    assert proposal(energy)["table"] == ""
