"""Benches: figures as ratios within one run, JSON out. No assertion on time in any test."""
