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

// What was typed outlives a session that ended meanwhile; a success makes it forgotten.
function keepTyped(area) {
  const key = `typed-${area.dataset.keep}`;
  if (document.querySelector("[role=status]")) sessionStorage.removeItem(key);
  const kept = sessionStorage.getItem(key);
  if (kept !== null) area.value = kept;
  area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
}

// While platforms still owe answers the table of execution renews itself, unless someone is
// writing there. The header tells the hub that no person asked, so the session may still end.
async function renew(wait) {
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
  setTimeout(renew, wait, Math.min(wait * 1.2, 30000));
}

document.querySelectorAll("[data-keys]").forEach(walkQueue);
document.querySelectorAll("[data-keep]").forEach(keepTyped);
if (document.querySelector("[data-live]")) setTimeout(renew, 1500, 1500);
