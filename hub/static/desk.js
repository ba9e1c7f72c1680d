// Only comfort: every page works without it.
"use strict";

// The queue by keyboard; the sheet behind ? lists the keys.
function walkQueue(table) {
  const rows = [...table.tBodies[0].rows];
  const batch = document.getElementById("form-batch");
  const help = document.getElementById("help");
  let at = -1;
  const count = () => {
    const n = table.querySelectorAll("[name=pick]:checked").length;
    if (!batch) return;
    batch.querySelector("output").textContent = `已勾选 ${n} 件`;
    batch.classList.toggle("idle", n === 0); // over the lines only while it is about some
  };
  const step = (by) => {
    if (at >= 0) rows[at].classList.remove("at");
    at = Math.min(Math.max(at + by, 0), rows.length - 1);
    rows[at].classList.add("at");
    rows[at].querySelector(".case-link").focus();
  };
  const here = (selector) => rows[Math.max(at, 0)].querySelector(selector);
  const press = (id) => document.querySelector(`#${id} button`)?.click();
  // A batch of nothing is meant for the line one stands on.
  const enter = (event, id) => {
    event.preventDefault();
    if (!table.querySelector("[name=pick]:checked")) here("[name=pick]")?.click();
    document.getElementById(id)?.focus();
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    x: () => here("[name=pick]")?.click(),
    X: () => table.querySelectorAll("[name=pick]").forEach((box) => box.click()),
    a: () => here(".take")?.click(),
    n: () => press("form-next"),
    u: () => press("form-undo"),
    d: (event) => enter(event, "batch-reason"),
    m: (event) => enter(event, "batch-into"),
    "/": (event) => {
      event.preventDefault();
      document.querySelector("[name=q]").focus();
    },
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const field = event.target.matches("input:not([type=checkbox]), select, textarea");
    if (field && event.key === "Escape") event.target.blur();
    if (!field) keys[event.key]?.(event);
  });
  document.getElementById("batch-into")?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    batch.querySelector("[value=merge]").click();
  });
  table.addEventListener("change", count);
  count();
  const button = document.querySelector("[data-help]");
  button.hidden = false;
  button.addEventListener("click", keys["?"]);
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
