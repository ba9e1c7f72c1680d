"""Published debunks: ClaimReview within the content policy, searches limited."""

from __future__ import annotations

import base64
import hashlib
import json
import re


def test_the_claim_review_is_allowed_by_its_hash_and_ends_no_script(client, debunk):
    answer = client.get(f"/public/debunks/{debunk.id}")
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.S)
    assert len(blocks) == 1 and answer.text.count("<script") == 1
    review = json.loads(blocks[0])
    assert review["@type"] == "ClaimReview" and review["claimReviewed"] == debunk.claim
    digest = base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"'sha256-{digest}'" in policy and "unsafe" not in policy
    alone = client.get(f"/public/debunks/{debunk.id}.json")
    assert alone.mimetype == "application/ld+json" and json.loads(alone.data) == review


def test_one_address_cannot_search_without_end(client):
    seen = [client.get("/public/debunks?q=x").status_code for _ in range(60)]
    assert seen[0] == 200 and 429 in seen
    assert client.get("/public/debunks").status_code == 200
