"""What makes a password too weak: short, the username, or one that everybody tries first.

There is no composition rule and no expiry: both make people choose worse passwords (NIST SP
800-63B, 3.1.1.2). The list is short and our own; its entries are recognised beneath capitals,
look-alike characters and digits added at either end.
"""

from __future__ import annotations

import re

MIN_LENGTH = 10
MAX_LENGTH = 1024
_COMMON = frozenset(
    """
    password passwd passphrase passcode letmein login welcome changeme default secret master
    administrator admin root superuser user guest test testing demo example temp hello
    qwerty qwertyuiop asdfghjkl zxcvbnm qazwsx qazwsxedc asdfgh zxcvbn
    abc abcdef abcdefg abcdefgh abcdefghij abcabc iloveyou sunshine princess dragon monkey
    football baseball superman batman shadow trustno freedom whatever starwars computer
    woaini woaininini wodemima mima woaizhongguo zhongguo beijing shanghai guangzhou shenzhen
    taobao jingdong weixin alibaba tencent baidu huawei aini wangwei zhangwei liwei
    shichangjianguan jianguan jubao lianhechuzhi chuzhi zhifa gongshang
    """.split()
)
_LOOKALIKE = str.maketrans("@$!013457", "asioleast")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1234567890qwertyuiop")
_ENDS = re.compile(r"\A[\W\d_]+|[\W\d_]+\Z")  # all but letters
_REPEATED = re.compile(r"(.{1,12})\1+(.{0,11})")


class WeakPassword(ValueError):
    """The message is English; ``said`` is what a page shows."""

    def __init__(self, english: str, said: str) -> None:
        super().__init__(english)
        self.said = said


def check(password: str, username: str) -> None:
    """Raises WeakPassword, saying which rule was broken."""
    if len(password) < MIN_LENGTH:
        raise WeakPassword(
            f"a password needs at least {MIN_LENGTH} characters", f"密码至少 {MIN_LENGTH} 位。"
        )
    if len(password) > MAX_LENGTH:
        raise WeakPassword("the password is too long", f"密码至多 {MAX_LENGTH} 位。")
    folded = password.casefold()
    name = username.casefold()
    if folded in (name, name[::-1]) or (len(name) >= 4 and name in folded and _rest(folded, name)):
        raise WeakPassword("the password is made of the username", "密码不能由用户名变化而来。")
    if _common(folded):
        raise WeakPassword("the password is too common", "这个密码太常见，容易被猜到，请换一个。")


def _rest(folded: str, name: str) -> bool:
    """Whether little is left beside the name."""
    return len(folded.replace(name, "")) < MIN_LENGTH // 2 + 1


def _common(folded: str) -> bool:
    core = _ENDS.sub("", folded)
    if not core:  # a telephone number, a birthday, 1234567890
        return True
    if any(_base(_alnum(guess)) in _COMMON for guess in (core, core.translate(_LOOKALIKE))):
        return True
    bare = _alnum(folded)
    return len(set(bare)) < 4 or any(bare in row for row in _ROWS)


def _alnum(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _base(text: str) -> str:
    """`abcabcab` is `abc`."""
    found = _REPEATED.fullmatch(text)
    return found[1] if found and found[1].startswith(found[2]) else text
