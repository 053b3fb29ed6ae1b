// Boxes that complete what is typed have no name for who hears them: give each that of its label.
window.addEventListener("load", () => {
  const nameAll = () => {
    for (const select of document.querySelectorAll("select.admin-autocomplete")) {
      const box = document.getElementById(`select2-${select.id}-container`);
      const label = document.querySelector(`label[for="${select.id}"]`);
      if (!box || !label) continue;
      const name = () => box.setAttribute("aria-label", `${label.textContent.trim()} ${box.title}`.trim());
      name();
      new MutationObserver(name).observe(box, { attributes: true, attributeFilter: ["title"] });
    }
  };
  // Behind the one that makes the boxes, which jQuery may call later than this.
  window.django.jQuery(nameAll);
});
