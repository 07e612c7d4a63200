// Choosing columns: in a dialog over the list, and ordered by dragging or by arrows at once.
const listOf = (element) => element.closest("[data-columns]");

// --- The dialog --------------------------------------------------------------------------------

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("a[data-dialog]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    const dialog = document.getElementById(link.dataset.dialog);
    const content = dialog.querySelector("[data-content]");
    htmx.ajax("GET", link.href, { target: content, swap: "innerHTML" }).then(() => {
      if (content.children.length && !dialog.open) dialog.showModal();
    });
  },
  { capture: true },
);

// --- The order ---------------------------------------------------------------------------------

function tell(item) {
  const place = [...item.parentNode.children].indexOf(item) + 1;
  document.getElementById("announcer").textContent = `${item.innerText.trim()}, column ${place}`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-columns] button[name=move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("li");
  if (button.value.startsWith("up:")) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
  tell(item);
});

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-columns] .grip");
  if (!grip || event.button) return;
  event.preventDefault();
  const item = grip.closest("li");
  const drag = ({ clientY }) => {
    const others = [...listOf(item).children].filter((other) => other !== item);
    const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
    const next = others.find((other) => clientY < middle(other));
    if (next ? next.previousElementSibling === item : !item.nextElementSibling) return;
    if (next) next.before(item);
    else listOf(item).append(item);
  };
  // On the document, for an element that is put elsewhere loses the pointer it has captured.
  const dragging = new AbortController();
  const drop = () => {
    dragging.abort();
    item.classList.remove("dragged");
    tell(item);
  };
  item.classList.add("dragged");
  const { signal } = dragging;
  document.addEventListener("pointermove", drag, { signal });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, drop, { signal });
});
