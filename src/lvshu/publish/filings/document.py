"""A filing as a Word document, in one language: a bank edits it before it files it.

python-docx is imported only here, and only when a document is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell

from lvshu.publish.filings.model import Filing, FilingSection, FilingTable
from lvshu.publish.filings.words import word
from lvshu.publish.texts import Text, code_label

FONTS = {
    "Normal": ("Times New Roman", "仿宋", 11),
    "Title": ("Arial", "黑体", 20),
    "Heading 1": ("Arial", "黑体", 15),
    "Heading 2": ("Arial", "黑体", 12.5),
    "Heading 3": ("Arial", "黑体", 11),
}
HEAD_FILL = "E4EEE8"
PAGE = 25.7  # cm between the margins of a landscape A4 page
WIDE = 8  # columns above which a table is set in small type
_GREY, _RED = RGBColor(0x59, 0x59, 0x59), RGBColor(0xB0, 0x00, 0x20)


def write_document(filing: Filing, path: Path, language: str) -> Path:
    """Write a filing as a .docx file and return its path.

    Args:
        filing: the report.
        path: the file to write.
        language: zh or en.

    Raises:
        OSError: the file cannot be written.
    """
    _Writer(filing, language).write(path)
    return path


class _Writer:
    """Writes one document from top to bottom."""

    def __init__(self, filing: Filing, language: str) -> None:
        self.filing = filing
        self.language = language
        self.document: DocumentType = Document()
        self.tables = 0

    def write(self, path: Path) -> None:
        self._page()
        self._front()
        for section in self.filing.sections:
            self._section(section)
        self._gaps()
        self._methods()
        self._packs()
        self.document.save(str(path))

    def _t(self, text: Text) -> str:
        return text.of(self.language)

    def _w(self, key: str, **values: object) -> str:
        return word(key, **values).of(self.language)

    def _page(self) -> None:
        filing = self.filing
        for name, (latin, asian, size) in FONTS.items():
            style: Any = self.document.styles[name]
            style.font.name, style.font.size = latin, Pt(size)
            style.font.color.rgb = RGBColor(0, 0, 0)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
                fonts.attrib.pop(qn(attribute), None)
            fonts.set(qn("w:eastAsia"), asian)
        page = self.document.sections[0]
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = Cm(29.7), Cm(21.0)
        page.left_margin = page.right_margin = Cm(2)
        head = page.header.paragraphs[0]
        head.text = f"{self._t(filing.institution_name)}  {self._t(filing.title)}  {filing.year}"
        if filing.synthetic:
            run = head.add_run("    " + self._w("synthetic"))
            run.bold, run.font.color.rgb = True, _RED
        _page_number(page.footer.paragraphs[0])
        properties = self.document.core_properties
        properties.title = self._t(filing.title)
        properties.author = f"lvshu {filing.version}".strip()
        properties.comments = self._t(filing.citation)
        properties.language = "zh-CN" if self.language == "zh" else "en-GB"

    def _front(self) -> None:
        filing = self.filing
        self.document.add_paragraph(self._t(filing.title), style="Title")
        name = f"{self._t(filing.institution_name)}  {self._w('year', year=filing.year)}"
        self.document.add_paragraph(name).runs[0].bold = True
        if filing.synthetic:
            run = self.document.add_paragraph().add_run(self._w("synthetic"))
            run.bold, run.font.color.rgb, run.font.size = True, _RED, Pt(14)
        state = self._t(code_label("completeness", filing.completeness))
        self._soft(self._w("draft"))
        self._soft(self._w("outline", document=filing.document, state=state))
        self._soft(self._t(filing.note))
        self._soft(self._w("run", run=filing.run, version=filing.version, date=filing.made_on))
        self._soft(self._w("legend"))

    def _soft(self, text: str) -> None:
        if text:
            run = self.document.add_paragraph().add_run(text)
            run.font.size, run.font.color.rgb = Pt(9), _GREY

    def _section(self, section: FilingSection) -> None:
        self.document.add_heading(f"{section.number}  {self._t(section.title)}", level=min(section.level, 3))
        for text in section.texts:
            self.document.add_paragraph(self._t(text))
        if section.figures:
            heads = [self._w(key) for key in ("figure", "value", "interval", "method", "trace")]
            rows = [
                [
                    self._t(line.name), line.shown[self.language].value, self._t(line.interval),
                    self._t(line.method_name), line.explain,
                ]
                for line in section.figures
            ]  # fmt: skip
            self._grid(heads, rows, widths=(5, 3.6, 6.6, 3.2, 7.3))
        for table in section.tables:
            self._table(table)
        for gap in section.gaps:
            if gap.reason == "text":
                self._soft(self._w("to_write", provide=self._t(gap.provide)))
        others = [gap for gap in section.gaps if gap.reason != "text"]
        for gap in others[:3]:
            self._soft(self._w("gap_here", why=self._t(gap.why), provide=self._t(gap.provide)))
        if len(others) > 3:
            self._soft(f"… {len(others) - 3} → {self._w('gaps')}")

    def _table(self, table: FilingTable) -> None:
        self.tables += 1
        caption = self.document.add_paragraph(f"{self._w('table')} {self.tables}  {self._t(table.title)}")
        caption.runs[0].bold = True
        caption.paragraph_format.keep_with_next = True
        heads = [
            self._t(column.label) + (f"\n({self._t(column.unit_text)})" if column.unit_text else "")
            for column in table.table.columns
        ]
        rows = [[self._t(cell) for cell in row] for row in table.table.shown()]
        right = [place for place, column in enumerate(table.table.columns) if column.kind == "number"]
        weights = [3.0 if column.kind == "text" else 1.7 for column in table.table.columns]
        widths = [PAGE * weight / sum(weights) for weight in weights]
        self._grid(heads, rows, right=right, bold=table.table.totals, widths=widths)
        self._soft(self._t(table.table.note))

    def _grid(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        right: Sequence[int] = (),
        bold: frozenset[int] = frozenset(),
        widths: Sequence[float] = (),
    ) -> None:
        """Add a table with a repeated head row."""
        size = Pt(7.5) if len(heads) > WIDE else Pt(9)
        table: Table = self.document.add_table(rows=1 + len(rows), cols=len(heads), style="Table Grid")
        table.autofit = False
        shares = widths or [PAGE / len(heads)] * len(heads)
        for column, width in enumerate(shares):
            table.columns[column].width = Cm(width)
        lines = table._tbl.tr_lst
        for place, (line, row) in enumerate(zip(lines, [heads, *rows], strict=True)):
            for column, (place_of, text) in enumerate(zip(line.tc_lst, row, strict=True)):
                place_of.width = Cm(shares[column])
                if place == 0:
                    _shade(place_of)
                paragraph = _Cell(place_of, table).paragraphs[0]
                run = paragraph.add_run(text)
                run.font.size = size
                run.bold = place == 0 or place - 1 in bold
                paragraph.paragraph_format.space_after = Pt(0)
                if column in right and place:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _mark(line, "w:cantSplit")
        _mark(lines[0], "w:tblHeader")
        self.document.add_paragraph().paragraph_format.space_after = Pt(2)

    def _gaps(self) -> None:
        self.document.add_heading(self._w("gaps"), level=1)
        if not self.filing.gaps:
            self.document.add_paragraph(self._w("no_gaps"))
            return
        heads = [self._w(key) for key in ("item", "missing", "requirement", "why", "provide")]
        rows = [
            [gap.item, self._t(gap.name), self._t(gap.requirement), self._t(gap.why), self._t(gap.provide)]
            for gap in self.filing.gaps
        ]
        self._grid(heads, rows, widths=(2.6, 5, 2, 8, 8))

    def _methods(self) -> None:
        self.document.add_heading(self._w("methods"), level=1)
        for card in self.filing.methods:
            name = card["name"]
            self.document.add_heading(f"{self._t(name)} ({card['id']})", level=2)  # type: ignore[arg-type]
            rows = [
                [self._w(key), self._t(card[key])]  # type: ignore[arg-type]
                for key in ("formula", "clause", "source", "limits")
                if card[key]
            ]
            self._grid([self._w("item"), ""], rows, widths=(3, 22.7))

    def _packs(self) -> None:
        self.document.add_heading(self._w("packs"), level=1)
        heads = [self._w(key) for key in ("pack", "document", "state")] + ["SHA-256"]
        rows = [
            [f"{self._t(pack['name'])} ({pack['pack']})", self._t(pack["document"]),  # type: ignore[arg-type]
             self._t(pack["completeness"]), str(pack["sha256"])]  # type: ignore[arg-type]
            for pack in self.filing.packs
        ]  # fmt: skip
        self._grid(heads, rows)
        self._soft(self._t(self.filing.citation))


def _shade(cell: Any) -> None:
    fill = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", HEAD_FILL)):
        fill.set(qn(name), value)
    cell.get_or_add_tcPr().append(fill)


def _mark(row: Any, name: str) -> None:
    mark = OxmlElement(name)
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)
