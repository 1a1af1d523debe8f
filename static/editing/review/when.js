// A time that a person types is in their own zone: the form sends its time zone. Without this module the
// form says, and means, UTC.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.querySelectorAll("[data-zone-name]").forEach((input) => { input.value = zone; });
