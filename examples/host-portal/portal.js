document.addEventListener("pulze-organization-changed", (event) => {
  document.getElementById("organization").textContent = `${event.detail.name} (${event.detail.id})`;
});
