"""SDMX messages by pysdmx, with Chinese names beside the English ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pandas
from lxml import etree
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset
from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataType,
    Role,
    Schema,
)
from pysdmx.model.dataflow import DataStructureDefinition
from pysdmx.model.message import Header
from pysdmx.util import ItemReference

from lvshu.publish.sdmx.structure import TIME, WHOLE, Part, TableStructure
from lvshu.publish.texts import Text

VERSION = "1.0"
KINDS = {
    "time": DataType.PERIOD, "text": DataType.STRING, "decimal": DataType.DECIMAL, "double": DataType.DOUBLE,
    "integer": DataType.BIG_INTEGER, "boolean": DataType.BOOLEAN,
}  # fmt: skip
ROLES = {"dimension": Role.DIMENSION, "measure": Role.MEASURE, "attribute": Role.ATTRIBUTE}
Columns = Mapping[str, Sequence[str | None]]
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
MESSAGE, SPECIFIC = f"{SCHEMAS}/message", f"{SCHEMAS}/data/structurespecific"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
COMMON = "{http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def _name(text: Text) -> str:
    """Return an English name with typographic apostrophes: pysdmx 1.21 turns straight ones into quotation marks."""
    return _legal(text.en.replace("'", "’"))


def _list_id(structure: TableStructure, part: Part) -> str:
    return f"CL_{structure.id}_{part.id}"


def _component(
    structure: TableStructure, part: Part, agency: str, lists: Mapping[str, Codelist]
) -> Component:
    concept = ItemReference("Concept", agency, f"CS_{structure.id}", VERSION, part.id)
    own = lists.get(part.id)
    urn = (
        f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={agency}:{own.id}({VERSION})"
        if own is not None
        else None
    )
    level = ("D" if part.id in WHOLE else "O") if part.role == "attribute" else None
    return Component(
        part.id, part.is_required, ROLES[part.role], concept, KINDS[part.kind], local_codes=own, local_enum_ref=urn,
        attachment_level=level,
    )  # fmt: skip


def _codelists(structure: TableStructure, agency: str) -> dict[str, Codelist]:
    found = {}
    for part in structure.parts:
        if part.codes is not None:
            items = [Code(code, name=_name(name)) for code, name in part.codes.items()]
            name = _name(part.name)
            found[part.id] = Codelist(
                _list_id(structure, part), agency=agency, version=VERSION, name=name, items=items
            )
    return found


def structure_message(structure: TableStructure, agency: str) -> str:
    """Return the structure message (SDMX-ML 3.0): code lists, concepts, data structure and dataflow.

    Source: SDMX 3.0, SDMX-ML schemas, SDMXStructure.
    """
    lists = _codelists(structure, agency)
    concepts = [Concept(part.id, name=_name(part.name), dtype=KINDS[part.kind]) for part in structure.parts]
    scheme = ConceptScheme(
        f"CS_{structure.id}", agency=agency, version=VERSION, name=_name(structure.name), items=concepts
    )
    components = Components([_component(structure, part, agency, lists) for part in structure.parts])
    definition = DataStructureDefinition(
        structure.id, agency=agency, version=VERSION, name=_name(structure.name), description=_name(structure.meaning),
        components=components,
    )  # fmt: skip
    flow = Dataflow(
        structure.id, agency=agency, version=VERSION, name=_name(structure.name), description=_name(structure.meaning),
        structure=definition,
    )  # fmt: skip
    text = write_sdmx(
        [*lists.values(), scheme, definition, flow], Format.STRUCTURE_SDMX_ML_3_0, header=_header(agency)
    )
    return _with_chinese(str(text), structure)


def _header(agency: str) -> Header:
    return Header(sender=agency.replace(".", "_"))  # type: ignore[arg-type]  # it makes an organisation of it


def _with_chinese(text: str, structure: TableStructure) -> str:
    """Return the message with a Chinese name after every English one; pysdmx knows one language alone."""
    names: dict[tuple[str, str], Text] = {}
    for part in structure.parts:
        names["Concept", part.id] = part.name
        names["Codelist", _list_id(structure, part)] = part.name
        for code, name in (part.codes or {}).items():
            names[f"Code {_list_id(structure, part)}", code] = name
    for kind in ("ConceptScheme", "DataStructure", "Dataflow"):
        names[kind, structure.id] = names[kind, f"CS_{structure.id}"] = structure.name
    root = etree.fromstring(text.encode("utf-8"))
    for name in list(root.iter(f"{COMMON}Name")):
        owner = name.getparent()
        kind = etree.QName(owner).localname
        key = f"Code {owner.getparent().get('id')}" if kind == "Code" else kind
        found = names.get((key, owner.get("id")))
        if found is not None and found.zh != found.en:
            chinese = etree.Element(f"{COMMON}Name", {LANGUAGE: "zh"})
            chinese.text, chinese.tail = _legal(found.zh), name.tail
            name.addnext(chinese)
    return DECLARATION + str(etree.tostring(root, encoding="unicode", pretty_print=True))


def csv_message(structure: TableStructure, agency: str, columns: Columns, shared: Mapping[str, str]) -> str:
    """Return the data as SDMX-CSV 2.0. Figures go in as texts, so that no decimal becomes a binary number on its way.

    Source: SDMX 3.0, SDMX-CSV 2.0 field guide.
    """
    parts = [
        Component(
            part.id, part.is_required, ROLES[part.role],
            ItemReference("Concept", agency, f"CS_{structure.id}", VERSION, part.id),
            DataType.PERIOD if part.id == TIME else DataType.STRING,
            attachment_level=("D" if part.id in WHOLE else "O") if part.role == "attribute" else None,
        )
        for part in structure.parts
    ]  # fmt: skip
    schema = Schema("datastructure", agency, structure.id, Components(parts), VERSION)
    frame = pandas.DataFrame(dict(columns), dtype=object)
    dataset = PandasDataset(structure=schema, data=frame, attributes=dict(shared))
    return str(write_sdmx(dataset, Format.DATA_SDMX_CSV_2_0_0))


def xml_message(structure: TableStructure, agency: str, columns: Columns, shared: Mapping[str, str]) -> str:
    """Return the data as SDMX-ML 3.0, structure-specific, all dimensions at the observation.

    Written here, since pysdmx 1.21 does not keep quotes and backslashes in attributes.

    Source: SDMX 3.0, SDMX-ML, StructureSpecificData.
    """
    urn = f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={agency}:{structure.id}({VERSION})"
    own = f"{urn}:ObsLevelDim:AllDimensions"
    names = {"mes": MESSAGE, "ss": SPECIFIC, "com": COMMON[1:-1], "xsi": INSTANCE, "ns1": own}
    root = etree.Element(f"{{{MESSAGE}}}StructureSpecificData", nsmap=names)
    header = etree.SubElement(root, f"{{{MESSAGE}}}Header")
    prepared = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name, text in (("ID", str(uuid4())), ("Test", "false"), ("Prepared", prepared)):
        etree.SubElement(header, f"{{{MESSAGE}}}{name}").text = text
    etree.SubElement(header, f"{{{MESSAGE}}}Sender", id=agency.replace(".", "_"))
    used = etree.SubElement(
        header, f"{{{MESSAGE}}}Structure", structureID=structure.id, namespace=urn,
        dimensionAtObservation="AllDimensions",
    )  # fmt: skip
    etree.SubElement(used, f"{COMMON}Structure").text = urn
    told = {name: _legal(text) for name, text in shared.items()}
    data = etree.SubElement(root, f"{{{MESSAGE}}}DataSet", told)
    data.set(f"{{{SPECIFIC}}}structureRef", structure.id)
    data.set(f"{{{INSTANCE}}}type", "ns1:DataSetType")
    data.set("action", "Information")
    for row in zip(*columns.values(), strict=True):
        cells = {name: _legal(text) for name, text in zip(columns, row, strict=True) if text is not None}
        etree.SubElement(data, "Obs", cells)
    return DECLARATION + str(etree.tostring(root, encoding="unicode", pretty_print=True))


def _legal(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return ILLEGAL.sub("\ufffd", text)
