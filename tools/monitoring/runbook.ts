/** Where it says what to do about an alert. */
export function runbookOf(alert: string): string {
  return `docs/runbooks.md#${alert.toLowerCase()}`
}
