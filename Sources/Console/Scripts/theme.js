// Before anything is painted: the theme that was chosen here, if any. No other use is made of this storage (AU-32).
try {
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden: the system's theme then holds.
}
