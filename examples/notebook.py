"""A marimo notebook that asks the book and its page for the same figures, and fails where they differ.

    pip install marimo
    lvshu serve sample-city --no-open &
    LVSHU_FOLDER=sample-city marimo edit examples/notebook.py     # or: python examples/notebook.py
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import os
    import sys
    from pathlib import Path

    import marimo as mo

    sys.path.insert(0, str(Path(__file__).parent))
    import page_figures

    folder = Path(os.environ.get("LVSHU_FOLDER", "sample-city"))
    address = os.environ.get("LVSHU_ADDRESS", "http://127.0.0.1:8765")
    return address, folder, mo, page_figures


@app.cell
def _(address, folder, mo, page_figures):
    headlines = page_figures.headlines(folder, page_figures.page(address, "/home.json"))
    wrong_headlines = page_figures.differing(headlines)
    assert not wrong_headlines, f"the page differs from the book: {wrong_headlines}"
    mo.md(f"**{len(headlines)} headlines** are the same in the notebook and on the page.")
    return (headlines,)


@app.cell
def _(address, folder, mo, page_figures):
    sectors = page_figures.sectors(folder, page_figures.page(address, "/sectors.json"))
    wrong_sectors = page_figures.differing(sectors)
    assert not wrong_sectors, f"the page differs from the book: {wrong_sectors}"
    mo.md(f"**{len(sectors)} figures of sectors** are the same, to the last digit.")
    return (sectors,)


@app.cell
def _(headlines, mo, sectors):
    mo.ui.table([{name: str(cell) for name, cell in row.items()} for row in (*headlines, *sectors)])
    return


if __name__ == "__main__":
    app.run()
