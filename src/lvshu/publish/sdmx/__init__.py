"""Tables of a book as SDMX 3.0: structures (SDMX-ML 3.0) and data (SDMX-CSV 2.0, SDMX-ML 3.0).

pysdmx writes the messages: of the libraries for Python it alone writes SDMX-CSV 2.0 and SDMX-ML 3.0 whole (sdmx1
reads them and writes 2.1). It is the extra `sdmx`.
"""
