// Work on many connections goes on by itself; buttons that download say that they were pressed.
const WAIT = 400; // to be read, and to be stopped

for (const form of document.querySelectorAll("form[data-scim-continues]")) {
  setTimeout(() => form.requestSubmit(), WAIT);
}

for (const form of document.querySelectorAll("form[data-scim-downloads]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.asked) return;
    // Disabled right away, it would not be sent.
    setTimeout(() => {
      button.disabled = true;
      document.getElementById("scim-asked").textContent = `${button.dataset.asked} ${button.textContent}`;
    });
  });
}
