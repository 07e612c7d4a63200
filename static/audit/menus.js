// Menus are <details>, and work by themselves; here they close as one expects of a menu.
const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
  const isTipShown = document.querySelector(".timestamp:is(:hover, :focus-visible)");
  if (isTipShown) document.documentElement.classList.add("tips-dismissed");
});

for (const type of ["pointerover", "focusin"]) {
  document.addEventListener(type, (event) => {
    if (event.target.closest?.(".timestamp")) return;
    document.documentElement.classList.remove("tips-dismissed");
  });
}
