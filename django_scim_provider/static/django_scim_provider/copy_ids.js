// A short id opens to the whole one, and is copied whole at the same time; the page says so.
document.addEventListener("click", async (event) => {
  const summary = event.target.closest(".scim-id > summary");
  if (!summary || summary.parentElement.open) return;
  const holder = summary.parentElement;
  const whole = holder.querySelector(".scim-whole-id");
  let said = document.getElementById("scim-id-copied");
  if (!said) {
    said = document.createElement("p");
    said.id = "scim-id-copied";
    said.setAttribute("role", "status");
    document.getElementById("content").append(said);
  }
  try {
    await navigator.clipboard.writeText(whole.textContent);
    said.textContent = holder.dataset.copied;
  } catch {
    // Without https there is no clipboard; what is selected can still be copied.
    holder.open = true;
    getSelection().selectAllChildren(whole);
    said.textContent = document.execCommand("copy") ? holder.dataset.copied : holder.dataset.failed;
  }
});
