/** One context per run: two runs on one pull request do not overwrite each other's status. */
export function statusContext(runId: string, slug: string): string {
  return `${slug}-${runId.slice(0, 8)}`
}
