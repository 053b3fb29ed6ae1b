// The texts that our part of a page shows or reads out, each as it stands between two elements.
() => {
  const parts = document.querySelectorAll("#content, main, .breadcrumbs, .messagelist");
  const theirs = "pre, code, textarea, script, style, [lang=en], #changelist-search";
  const found = [document.title.split(" | ")[0]];
  for (const part of parts) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      if (element.closest(theirs)) continue;
      if (node.nodeType === Node.TEXT_NODE) {
        if (element.checkVisibility() || element.closest("option, [aria-live], [role=status]")) found.push(node.data);
        continue;
      }
      for (const name of ["title", "placeholder", "aria-label", "alt", "data-label", "data-copied", "data-failed", "data-asked"]) {
        if (node.hasAttribute(name)) found.push(node.getAttribute(name));
      }
      if (node.matches("input[type=submit], input[type=button]")) found.push(node.value);
    }
  }
  return found.map((text) => text.trim()).filter(Boolean);
}
