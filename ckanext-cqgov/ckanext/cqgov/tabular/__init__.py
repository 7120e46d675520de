"""Tables as departments really hand them in: GBK exports, lines above the header, notes below the rows, empty marks.

``read_table`` reads the bytes of a CSV, TSV, XLSX, XLS or ODS file; it loses no cell and says what it set aside.
"""

from ckanext.cqgov.tabular.encoding import decoded
from ckanext.cqgov.tabular.errors import UnreadableTable
from ckanext.cqgov.tabular.reader import Column, Table, read_table

__all__ = ["Column", "Table", "UnreadableTable", "decoded", "read_table"]
