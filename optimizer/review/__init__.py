"""Pairing recommendations for a review committee: prices of deviations, stability, decisions and their log."""
