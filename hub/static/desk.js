// Only comfort: every page works without it.
"use strict";

// j and k walk the queue, Enter opens the case.
function walkQueue(table) {
  const rows = [...table.tBodies[0].rows];
  let at = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(event.target.tagName)) return;
    const step = { j: 1, k: -1 }[event.key];
    if (!step) return;
    if (at >= 0) rows[at].classList.remove("at");
    at = Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[at].classList.add("at");
    rows[at].querySelector(".case-link").focus();
  });
}

// While platforms still owe answers the table of execution renews itself, unless someone is
// writing there. The header tells the hub that no person asked, so the session may still end.
async function renew() {
  const old = document.querySelector("[data-live]");
  if (!old) return;
  const busy = old.contains(document.activeElement) || old.querySelector("details[open]");
  if (!busy && !document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { "X-Background": "1" }, redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(old.id);
      if (answer.ok && fresh) old.replaceWith(document.adoptNode(fresh));
    } catch {
      return; // logged out, or the hub is away: the page stays as it was
    }
  }
  setTimeout(renew, 3000);
}

document.querySelectorAll("[data-keys]").forEach(walkQueue);
if (document.querySelector("[data-live]")) setTimeout(renew, 3000);
