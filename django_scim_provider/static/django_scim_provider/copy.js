// Buttons that copy the text of the element that data-copies names, and say so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  const said = document.getElementById("scim-copied");
  let copied = false;
  try {
    await navigator.clipboard.writeText(field.value);
    copied = true;
  } catch {
    // Without https there is no clipboard; what is selected can still be copied.
    field.focus();
    field.select();
    copied = document.execCommand("copy");
  }
  said.textContent = copied ? button.dataset.copied : button.dataset.failed;
});
