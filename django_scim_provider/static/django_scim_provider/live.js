// Parts of a page that look again for what has arrived, while somebody looks at them.
const EVERY = 5000;
const MOST = 120; // ten minutes

async function lookAgain(part) {
  const answer = await fetch(part.dataset.scimLive, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById(part.id);
  if (!found) return false;
  // What is read out or has the focus stays, as long as nothing changed.
  if (found.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
    part.innerHTML = found.innerHTML;
  }
  return !("scimSettled" in found.dataset);
}

for (const part of document.querySelectorAll("[data-scim-live]")) {
  if ("scimSettled" in part.dataset) continue;
  let times = 0;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    times += 1;
    let goOn = true;
    try {
      goOn = await lookAgain(part);
    } catch {
      // The network may come back.
    }
    if (!goOn || times >= MOST) clearInterval(timer);
  }, EVERY);
}
