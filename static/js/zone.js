// Tell the server the reader's time zone, so that "09:41" is nine forty-one here. The next page uses it; a session cookie.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (zone && !document.cookie.split("; ").includes(`tz=${encodeURIComponent(zone)}`)) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${encodeURIComponent(zone)}; path=/; SameSite=Lax${secure}`;
}
