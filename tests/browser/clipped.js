// What is cut off, spills out of its place, or makes the page wider than the screen.
() => {
  const screen = document.documentElement.clientWidth;
  const found = [];
  const say = (element, what) => {
    const name = element.tagName.toLowerCase() + [...element.classList].map((one) => "." + one).join("");
    found.push(`${name} ${what}: ${(element.innerText || element.value || "").trim().slice(0, 60)}`);
  };
  if (document.documentElement.scrollWidth > screen) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  // What only screen readers are to find is one pixel large.
  const isHidden = (element) => {
    for (let one = element; one; one = one.parentElement) if (getComputedStyle(one).clipPath !== "none") return true;
    return false;
  };
  // Boxes of pages may be wider than what holds them, as Django's are; what is read may not.
  const read = "td, th, button, .button, li, p, label, summary, dt, dd, h1, h2, h3, h4, legend, code";
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const looked = document.querySelectorAll("#content *, main *");
  for (const element of looked) {
    if (!element.checkVisibility() || element.clientWidth <= 1) continue;
    if (element.matches("input, select, textarea, pre, svg, svg *, .select2 *")) continue;
    const spills = element.scrollWidth > element.clientWidth + 1;
    const narrow = screen < 768;
    if (spills && isHidden(element)) continue;
    const style = getComputedStyle(element);
    const matters = style.overflowX !== "visible" || element.matches(read);
    if (spills && matters && !(narrow && scrolls(element)) && style.textOverflow !== "ellipsis") say(element, "is cut off");
    let holder = element.parentElement;
    while (holder && !scrolls(holder)) holder = holder.parentElement;
    if (!holder && element.getBoundingClientRect().right > screen + 1) say(element, "is beyond the screen");
  }
  return [...new Set(found)].slice(0, 12);
}
