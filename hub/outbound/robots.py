"""Notifications to people: group robots of DingTalk and WeCom, and mail.

Formats as the makers document them: DingTalk's custom robot with a signed address
(`timestamp` in ms and `sign` = base64 HMAC-SHA256 of "timestamp\\nsecret" under the secret),
WeCom's group robot (markdown of at most 4,096 bytes). Both answer 200 with `errcode` 0.

Apprise would not do: its plugins call `requests` at the makers' own addresses, so neither the
guarded client nor a relay inside the house can be put under them.
"""

from __future__ import annotations

import base64
import hmac
import json
import smtplib
import time
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import quote_plus

from hub.outbound import client

_WECOM_BYTES = 4096
_SMTP_SECONDS = 15


class NotSent(Exception):
    """The channel did not accept the message; the text says why."""


@dataclass(frozen=True)
class Notification:
    """One message: a title and lines of plain text."""

    title: str
    lines: tuple[str, ...]


def dingtalk(url: str, secret: str, notification: Notification) -> None:
    """Send to a DingTalk group. Raises NotSent."""
    stamp = str(int(time.time() * 1000))
    if secret:
        mac = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), "sha256")
        url += f"&timestamp={stamp}&sign={quote_plus(base64.b64encode(mac))}"
    text = "\n\n".join((f"### {notification.title}", *(f"- {line}" for line in notification.lines)))
    _robot(url, {"msgtype": "markdown", "markdown": {"title": notification.title, "text": text}})


def wecom(url: str, notification: Notification) -> None:
    """Send to a WeCom group. Raises NotSent."""
    text = "\n".join((f"**{notification.title}**", *(f"> {line}" for line in notification.lines)))
    cut = text.encode()[:_WECOM_BYTES].decode("utf-8", "ignore")
    _robot(url, {"msgtype": "markdown", "markdown": {"content": cut}})


def _robot(url: str, body: dict[str, object]) -> None:
    raw = json.dumps(body, ensure_ascii=False).encode()
    try:
        parts, port = client.plain_url(url)
        # The address comes from the hub's own settings, so it may be in a private network.
        reply = client.post(
            url, raw, {"Content-Type": "application/json"}, frozenset({f"{parts.hostname}:{port}"})
        )
    except Exception as error:  # http.client and urllib3 have their own exception hierarchies
        raise NotSent(f"{type(error).__name__}: {error}"[:300]) from error
    try:
        code = json.loads(reply.body).get("errcode")
    except (ValueError, AttributeError):
        code = None
    if reply.status != 200 or code != 0:
        raise NotSent(f"{reply.status} {reply.body[:300]}")


def mail(server: str, sender: str, to: str, notification: Notification) -> None:
    """Send a mail through `server` (host:port). Raises NotSent."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = notification.title, sender, to
    message.set_content("\n".join(notification.lines))
    host, _, port = server.partition(":")
    try:
        with smtplib.SMTP(host, int(port or 25), timeout=_SMTP_SECONDS) as smtp:
            if smtp.has_extn("starttls"):
                smtp.starttls()
            smtp.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}"[:300]) from error
