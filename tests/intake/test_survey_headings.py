"""Headings of a bureau's survey files: the usual Chinese names of weight, stratum and sampling unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lvshu.contract import load
from tests.intake.conftest import Place, codes

PERSON = "0" * 64
HEAD = "人员标识,月份,{stratum},{cluster},{weight},就业,就业形式,主业为平台工作,副业为平台工作,周工时,区,年龄,性别"
ROW = f"{PERSON},2025-11,s1,c1,12.5,是,platform,是,否,40,310115,30,female"


@pytest.mark.parametrize(
    ("stratum", "cluster", "weight"),
    [("层", "群", "权数"), ("抽样层", "PSU", "权重"), ("分层", "调查小区", "样本权重"),
     ("层号", "初级抽样单元", "抽样权重"),
     ("抽样层号", "群号", "最终权重")],
)  # fmt: skip
def test_usual_names_of_the_design_are_known(place: Place, stratum: str, cluster: str, weight: str) -> None:
    place.contracts = {"labour_survey": load("labour_survey")}
    head = HEAD.format(stratum=stratum, cluster=cluster, weight=weight)
    place.put("labour_survey.csv", f"{head}\n{ROW}\n")
    report = place.load()
    assert codes(report, "error") == []
    assert place.rows("stratum, cluster, weight", "labour_survey") == [("s1", "c1", Decimal("12.5"))]


@pytest.mark.parametrize("weight", ["权重", "样本权重", "抽样权数"])
def test_the_weight_of_the_business_survey_has_its_usual_names(place: Place, weight: str) -> None:
    place.contracts = {"business_survey": load("business_survey")}
    head = f"统一社会信用代码,年份,分层,全数调查,{weight},增加值（万元）,营业收入（万元）,行业代码,区"
    place.put("business_survey.csv", f"{head}\n91310000MA1FL00030,2025,s1,否,5,3,9,,310115\n")
    assert codes(place.load(), "error") == []
    assert place.rows("stratum, weight", "business_survey") == [("s1", Decimal("5"))]
