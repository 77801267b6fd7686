"""Multi-criteria allocation of transfers, partnerships and projects."""
