"""The ledger at work: what is recorded besides the acts themselves, its checkpoints, its verification and its export."""

from ckanext.cqgov.ledger.recording import read, refused

__all__ = ["read", "refused"]
