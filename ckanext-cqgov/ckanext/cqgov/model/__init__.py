"""Database rows of cqgov and their named queries; no rules."""
