"""Enforcement 联合惩戒: propose, approve by another, an order for every platform; stay, change,
overturn, revoke.

Everything a decision sets in motion is written in the decision's own transaction: orders,
deliveries, the deny-list, what the reporting platforms are told, and the audit entry.
"""
