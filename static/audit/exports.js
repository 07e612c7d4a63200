// The browser takes the file itself; here the page only begins to ask how far it is.
document.addEventListener("submit", ({ target }) => {
  if (target.id === "export") htmx.trigger("#progress", "begun");
});
