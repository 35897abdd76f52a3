"""Why a value of an address or a form was refused, in both languages: pydantic's kinds of fault in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REASONS: dict[str, tuple[str, str]] = {
    "missing": ("缺少这一项", "it is missing"),
    "less_than_equal": ("不得大于 {le}", "it may be {le} at most"),
    "greater_than_equal": ("不得小于 {ge}", "it must be {ge} at least"),
    "less_than": ("必须小于 {lt}", "it must be below {lt}"),
    "greater_than": ("必须大于 {gt}", "it must be above {gt}"),
    "int_parsing": ("须是整数", "it must be a whole number"),
    "int_from_float": ("须是整数", "it must be a whole number"),
    "float_parsing": ("须是数字", "it must be a number"),
    "decimal_parsing": ("须是数字", "it must be a number"),
    "finite_number": ("须是有限的数", "it must be a finite number"),
    "bool_parsing": ("须是 true 或 false", "it must be true or false"),
    "literal_error": ("可用的是 {expected}", "it may be {expected}"),
    "enum": ("可用的是 {expected}", "it may be {expected}"),
    "string_too_long": ("最多 {max_length} 个字符", "it may have {max_length} characters at most"),
    "string_too_short": ("至少 {min_length} 个字符", "it must have {min_length} characters at least"),
    "string_pattern_mismatch": ("写法不对", "it is not written as it should be"),
    "extra_forbidden": ("没有这一项", "there is no such thing to set"),
}


def reason_of(fault: Mapping[str, Any]) -> dict[str, str]:
    """Return why a value was refused, in zh and en.

    Args:
        fault: one of the faults that pydantic lists: "type", "msg" and "ctx". A kind without words of ours keeps
            pydantic's own, which are English.
    """
    own = str(fault["msg"])[:200]
    zh, en = _REASONS.get(str(fault["type"]), (own, own))
    context = dict(fault.get("ctx") or {})
    if "expected" in context:
        listed = str(context["expected"]).replace(" or ", ", ").split(", ")
        zh, en = zh.replace("{expected}", "、".join(listed)), en.replace("{expected}", ", ".join(listed))
    for name, given in context.items():
        value = f"{given:g}" if isinstance(given, float) else given
        zh, en = zh.replace("{" + name + "}", str(value)), en.replace("{" + name + "}", str(value))
    return {"zh": zh[:200], "en": en[:200]}
