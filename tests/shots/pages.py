"""Every page that a person sees: who opens it, where, and what it is for.

A test compares the list with the routes, so a new page cannot be left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Cases and other things of the full hub by name, for the paths below.
Places = dict[str, Any]


@dataclass(frozen=True)
class View:
    """One page. `role` is the login, "" for the public; `act` is done before the picture."""

    name: str
    role: str
    path: str
    said: str
    act: Callable[[Page, Places], None] | None = None
    widths: tuple[int, ...] = (1280, 390)
    status: int = 200  # that the browser may complain about
    scenes: tuple[str, ...] = ("full",)


def _keys(page: Page, _: Places) -> None:
    page.keyboard.press("?")


def _ticked(page: Page, _: Places) -> None:
    for key in "jxjx":
        page.keyboard.press(key)


def _unfold(page: Page, _: Places) -> None:
    page.evaluate("document.querySelectorAll('.left details').forEach(d => { d.open = true })")


def _open(selector: str) -> Callable[[Page, Places], None]:
    def act(page: Page, _: Places) -> None:
        page.locator(selector).first.evaluate("d => { d.open = true }")

    return act


def _wrong_login(page: Page, _: Places) -> None:
    page.fill("#username", "clerk")
    page.fill("#password", "nonsense")
    page.click("#form-login button")
    page.wait_for_selector("[role=alert]")


def _upload(name: str) -> Callable[[Page, Places], None]:
    def act(page: Page, places: Places) -> None:
        page.set_input_files("#form-import [type=file]", places[name])
        with page.expect_navigation():
            page.click("#form-import button")
        if name == "sheet":
            page.wait_for_selector("#form-take")

    return act


def _new_key(page: Page, places: Places) -> None:
    form = page.locator("form[action$='/platform/keys']").first
    for select in form.locator("select").all():
        select.select_option(index=0)
    form.locator("[name=password]").fill(places["password"])
    with page.expect_navigation():
        form.locator("button").click()


def _stale(page: Page, _: Places) -> None:
    """As if a colleague had changed the case while this page stood open."""
    page.evaluate("document.querySelector('#form-propose [name=version]').value = '0'")
    with page.expect_navigation():
        page.click("#form-propose > .btn")


def _expired(page: Page, _: Places) -> None:
    page.context.clear_cookies()
    with page.expect_navigation():
        page.click("#form-propose > .btn")


def _printed(page: Page, _: Places) -> None:
    page.emulate_media(media="print")


def _too_often(page: Page, _: Places) -> None:
    """Searches until the hub has enough, then one more that is photographed."""
    for n in range(60):
        page.request.get(page.url + str(n))
    page.reload()


def _broken(page: Page, _: Places) -> None:
    """A table is gone while the page is asked for."""
    from tests.shots.filled import sql

    sql("ALTER TABLE price_baseline RENAME TO lost")
    page.reload()
    sql("ALTER TABLE lost RENAME TO price_baseline")


ALL = ("full", "empty")
BUSY = ("full", "crowded")
EVERY = (*ALL, "crowded")
VIEWS = (
    View("login", "", "/login", "登录"),
    View("login-sso", "", "/login", "登录，接入统一身份认证时", scenes=("empty",)),
    View("login-failed", "", "/login", "用户名或密码不对", _wrong_login, status=401),
    View("queue", "clerk", "/queue", "案件队列：一行一件，按优先级排列", scenes=EVERY),
    View("queue-keys", "clerk", "/queue", "快捷键表", _keys),
    View("queue-ticked", "clerk", "/queue", "键盘勾选两件，批量处理", _ticked),
    View("queue-search", "handler", "/queue?q=口罩", "全文搜索，命中处标出", scenes=BUSY),
    View("queue-nothing", "handler", "/queue?q=查无此物", "没有符合条件的案件"),
    View("queue-parked", "clerk", "/queue?state=parked", "暂缓的案件", scenes=ALL),
    View("queue-dismissed", "clerk", "/queue?state=dismissed", "不予受理的案件"),
    View("queue-all", "auditor", "/queue?state=all", "全部案件，审计员只读"),
    View("queue-last", "clerk", "/queue?state=all&page=200", "翻到第 200 页", scenes=("crowded",)),
    View("case-rumor", "clerk", "/cases/{rumor}", "谣言案件：各平台表述与中心表述对照"),
    View("case-taken", "handler", "/cases/{taken}", "已领取的违法案件，拟处理建议"),
    View("case-unfolded", "handler", "/cases/{rumor}", "同上，全部展开", _unfold),
    View("case-long", "handler", "/cases/{long}", "超长文字、从右至左的店名"),
    View("case-proposed", "approver", "/cases/{proposed}", "待审批：逐平台预览指令"),
    View("case-executed", "handler", "/cases/{executed}", "已执行：各平台签收与反馈、文书"),
    View("case-appealed", "approver", "/cases/{appealed}", "当事人申诉"),
    View("case-partly", "handler", "/cases/{partly}", "一个平台未送达、一个平台拒绝"),
    View("case-dismissed", "clerk", "/cases/{dismissed}", "不予受理"),
    View("case-merged", "clerk", "/cases/{merged}", "已并案"),
    View("case-parked", "clerk", "/cases/{parked}", "暂缓"),
    View("case-covered", "handler", "/cases/{covered}", "令人不适的案件：标题与原文遮盖"),
    View("case-claimed", "handler", "/cases/{claimed}", "违法类型仅举报人所选"),
    View("case-clocks", "approver", "/cases/{clocked}", "法定期限：申请延长待批准"),
    View("case-crowd", "handler1", "/cases/{crowd}", "举报最多的案件", scenes=("crowded",)),
    View("merchants", "handler", "/merchants", "商户", scenes=EVERY),
    View("merchants-search", "handler", "/merchants?q=康宁", "按商户名称查找"),
    View("merchant", "handler", "/merchants/{merchant}", "一个商户在各平台的店铺、案件、指令"),
    View("shared", "handler", "/merchants/shared", "多个商户共用的号码", scenes=ALL),
    View("denylist", "handler", "/denylist", "限制入驻名单", scenes=ALL),
    View("denylist-masked", "admin", "/denylist", "限制入驻名单，管理员不见商户名称"),
    View("denylist-entry", "handler", "/denylist/{denied}", "名单的一条：依据、各平台推送与拉取"),
    View("denylist-versions", "auditor", "/denylist/versions", "名单的历次变动", scenes=ALL),
    View("warnings", "clerk", "/warnings", "苗头预警", scenes=ALL),
    View("warnings-seen", "clerk", "/warnings?seen=1", "已确认的预警"),
    View("warning", "clerk", "/warnings/{warning}", "一条预警：曲线与其后的举报"),
    View("prices", "handler", "/prices", "价格：七日最低价与基准日价格", scenes=ALL),
    View("overdue", "handler", "/overdue", "催办：平台逾期未反馈", scenes=ALL),
    View("import", "clerk", "/import", "导入窗口登记"),
    View("import-preview", "clerk", "/import", "导入前预览，逐行说明错误", _upload("sheet")),
    View("import-done", "clerk", "/import/{imported}", "已导入，有误的行可下载改正"),
    View("import-wrong", "clerk", "/import", "不是表格的文件", _upload("no_sheet"), status=422),
    View("account", "handler", "/account", "我的账号：会话、密码"),
    View("second-factor", "approver", "/second-factor", "动态验证码"),
    View("models", "approver", "/models", "模型：现用与候选", scenes=ALL),
    View("stats", "approver", "/stats", "统计", scenes=EVERY),
    View("stats-print", "approver", "/stats", "统计，打印版", _printed, widths=(1280,)),
    View("reviews", "approver", "/reviews", "复核：抽查、标准案例、一致性", scenes=ALL),
    View("review", "approver", "/reviews/{review}", "复核一件：不知原结论，独立作答"),
    View("audit", "auditor", "/audit", "审计日志", scenes=ALL),
    View("viewings", "auditor", "/audit/viewings", "查阅个人信息的记录", scenes=ALL),
    View("platforms", "admin", "/platforms", "平台", scenes=ALL),
    View("platform", "admin", "/platforms/{slug}", "一个平台的投递与能力"),
    View("users", "admin", "/users", "人员", scenes=ALL),
    View("quarantine", "admin", "/quarantine", "隔离区", scenes=ALL),
    View("shared-decisions", "department", "/shared", "有关部门：共享来的处理决定", scenes=ALL),
    View("own-home", "engineer", "/platform", "平台工程师：接入概况"),
    View("own-deliveries", "engineer", "/platform/deliveries", "枢纽发来的消息"),
    View("own-delivery", "engineer", "/platform/deliveries/{delivery}", "一条消息与每次投递"),
    View("own-messages", "engineer", "/platform/messages", "本平台发出的消息"),
    View("own-message", "engineer", "/platform/messages/{message}", "一条消息与枢纽的答复"),
    View("own-key", "engineer", "/platform", "新密钥，仅显示一次", _new_key),
    View("public", "", "/public", "公开首页：受理多少、多快、如何处置", scenes=ALL),
    View("public-debunks", "", "/public/debunks", "辟谣", scenes=ALL),
    View("public-search", "", "/public/debunks?q=口罩", "辟谣检索"),
    View("public-debunk", "", "/public/debunks/{debunk}", "一条辟谣"),
    View("public-decisions", "", "/public/decisions", "公开的处理决定", scenes=ALL),
    View("public-data", "", "/public/data", "开放数据字典"),
    View("docs", "", "/docs", "平台接入文档"),
    View("error-403", "clerk", "/users", "无权操作", status=403),
    View("error-404", "clerk", "/cases/987654321", "找不到", status=404),
    View("error-401", "handler", "/cases/{open}", "登录过期，所填内容保留", _expired, status=401),
    View("error-409", "handler", "/cases/{open}", "同事已改动，所填内容保留", _stale, status=409),
    View("error-413", "clerk", "/import", "文件过大", _upload("huge"), status=413),
    View("error-429", "", "/public/debunks?q=x", "过于频繁", _too_often, status=429),
    View("error-500", "handler", "/prices", "系统出错", _broken, status=500),
)  # fmt: skip
