"use strict";
// Completion of names, from the API, a moment after the last key.
for (const input of document.querySelectorAll("input[data-complete]")) {
  let waiting = 0;
  let last = "";
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const typed = input.value.trim();
      if (typed.length < 2 || typed === last) return;
      last = typed;
      const response = await fetch(`/api/entities?limit=12&q=${encodeURIComponent(typed)}`);
      if (!response.ok || input.value.trim() !== typed) return;
      const options = (await response.json()).items.map((item) => {
        const option = document.createElement("option");
        option.value = item.name;
        option.label = item.type;
        return option;
      });
      document.getElementById("names").replaceChildren(...options);
    }, 150);
  });
}
