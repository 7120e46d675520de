"""Import and export of catalogues: readers, mapping, set-based writer, report."""
